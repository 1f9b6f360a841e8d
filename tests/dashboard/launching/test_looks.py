"""Closer looks at data and teachers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dashboard.launching.checks import Check
from dashboard.launching.looks import look_at_data, look_at_teacher
from engine.errors import DatasetError
from engine.tasks.squad.sample import generate_corpus
from engine.tasks.task_section import TaskSection

PATIENCE = 60.0
SQUAD = TaskSection()


def looked(section: TaskSection, path: Path) -> Check:
    work = look_at_data(section, str(path), "training")
    assert work.done(PATIENCE)
    assert work.result is not None
    return work.result


def test_data_are_counted_once_and_again_when_they_change(tmp_path: Path) -> None:
    path = tmp_path / "train.json"
    path.write_text(json.dumps(generate_corpus(6, seed=1)), encoding="utf-8")
    first = looked(SQUAD, path)
    assert not first.problem
    assert first.told.startswith("Checked: ")
    assert "6 paragraphs" in first.told
    assert look_at_data(SQUAD, str(path), "training") is look_at_data(SQUAD, str(path), "training")
    path.write_text(json.dumps(generate_corpus(8, seed=1)), encoding="utf-8")
    assert "8 paragraphs" in looked(SQUAD, path).told


def test_what_is_wrong_with_data_is_told_and_not_tried_again(tmp_path: Path) -> None:
    path = tmp_path / "train.json"
    path.write_text("{}")
    found = looked(SQUAD, path)
    assert found.problem
    assert "not in SQuAD form" in found.told
    assert look_at_data(SQUAD, str(path), "training") is look_at_data(SQUAD, str(path), "training")


def test_names_of_the_hub_are_not_called_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path))
    work = look_at_data(SQUAD, "rajpurkar/squad_v2", "training")
    assert work.done(PATIENCE)
    assert work.result == Check(
        "A hub name that is not in the local cache: fetched when the experiment starts."
    )


def test_a_pattern_that_matches_nothing(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no text matches"):
        look_at_data(TaskSection(name="masked_lm"), str(tmp_path / "*.txt"), "training")


def test_teachers(tiny_teacher: Path, tmp_path: Path) -> None:
    found = look_at_teacher(str(tiny_teacher), "span", trained=True, scores=["exact match 80.0 % in demo"])
    assert found is not None
    assert not found.problem
    assert found.told.startswith("Checked: 2 layers of width 32, ")
    assert found.told.endswith("; exact match 80.0 % in demo.")
    lacking = look_at_teacher(str(tiny_teacher), "masked_lm", trained=True)
    assert lacking is not None
    assert lacking.problem
    assert "was not trained to guess hidden words: set trained to false" in lacking.told
    untrained = look_at_teacher(str(tiny_teacher), "masked_lm", trained=False)
    assert untrained is not None
    assert not untrained.problem
    empty = look_at_teacher(str(tmp_path), "span", trained=True)
    assert empty is not None
    assert empty.problem
    assert look_at_teacher("embedded", "span", trained=True) is None
    assert look_at_teacher("nobody/nothing", "span", trained=True) is None
    named = look_at_teacher("nobody/nothing", "span", trained=True, scores=["F1 80.0 % in demo"])
    assert named == Check("Not in the local cache; F1 80.0 % in demo.")
