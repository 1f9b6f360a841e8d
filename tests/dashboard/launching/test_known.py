"""What can be chosen without being typed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from dashboard.launching.known import known, score_words
from dashboard.launching.transfer import transferable
from engine.inspection.hub_cache import CachedNames
from storage.experiments import ExperimentRow
from storage.teachers import TeacherScore

CACHED = CachedNames(("nyu-mll/glue", "/data/b.json"), ("google-bert/bert-base-uncased",))


def row(number: int, task: str, spec: dict[str, Any]) -> ExperimentRow:
    now = datetime.now(UTC)
    return ExperimentRow(number, f"e{number}", "completed", None, task, "nehvi", 3, spec, "", now, None, None)


def used(number: int, task: str, dataset: str, teacher: str, evaluation: str | None = None) -> ExperimentRow:
    section = {"name": task, "dataset": dataset, "eval_dataset": evaluation}
    return row(number, task, {"task": section, "teacher": {"model": teacher}})


def test_what_was_used_for_the_task_comes_first_then_the_rest_then_the_cache() -> None:
    rows = [
        used(1, "squad_v2", "/data/a.json", "old"),
        used(2, "mrpc", "/data/pairs", "other"),
        used(3, "squad_v2", "/data/b.json", "new", "/data/dev.json"),
        used(4, "squad_v2", "embedded", "embedded"),
    ]
    found = known(rows, CACHED, "squad_v2")
    assert found.datasets == (
        "/data/b.json",
        "/data/a.json",
        "/data/pairs",
        "/data/dev.json",
        "nyu-mll/glue",
    )
    assert found.teachers == ("new", "old", "other", "google-bert/bert-base-uncased")
    assert known([], CachedNames((), ()), "squad_v2").datasets == ()


def test_scores_of_a_teacher_are_those_of_the_task() -> None:
    scores = [
        TeacherScore("second", "t", "squad_v2", "f1", 81.0),
        TeacherScore("second", "t", "squad_v2", "exact", 78.25),
        TeacherScore("first", "t", "squad_v2", "exact", 77.0),
        TeacherScore("first", "t", "mrpc", "accuracy", 88.0),
    ]
    assert score_words(scores, "t", "squad_v2") == ["exact match 78.2 % in second"]
    assert score_words(scores, "u", "squad_v2") == []
    assert score_words(scores, "t", "my-task") == []


def test_only_experiments_on_the_same_space_can_be_learned_from() -> None:
    stored = {
        "n_layers": {"type": "int", "low": 1, "high": 4, "log": False},
        "alpha": {"type": "float", "low": 0.0, "high": 1.0, "log": False},
        "schedule": {"type": "categorical", "values": ["linear", "noam"]},
    }
    written = {
        "alpha": {"low": 0.0, "high": 1.0},
        "n_layers": {"type": "int", "low": 1, "high": 4},
        "schedule": {"type": "categorical", "values": ["linear", "noam"]},
    }
    rows = [
        row(1, "squad_v2", {"parameters": stored}),
        row(2, "squad_v2", {"parameters": stored | {"alpha": {"type": "float", "low": 0.0, "high": 0.5}}}),
        row(3, "squad_v2", {"parameters": stored}),
        row(4, "squad_v2", {}),
    ]
    assert transferable(rows, {"parameters": written}) == ["e3", "e1"]
    assert transferable(rows, {}) == []
    assert transferable(rows, {"parameters": "nonsense"}) == []
