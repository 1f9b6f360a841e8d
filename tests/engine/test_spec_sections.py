"""Sections of the specification: tasks of one's own, teachers without a head, and how many trials a strategy runs."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from engine.errors import SpecificationError
from engine.experiment import ExperimentSpec
from engine.launch import column_types
from engine.spec_files import parse_spec, read_spec, to_toml
from tests.engine.sample_spec import SAMPLE

SPEC = parse_spec(SAMPLE)
OWN = """
name = "reviews"
[task]
name = "film-reviews"
dataset = "reviews.csv"
[task.format]
text = "{title}: {body}"
label = "stars"
labels = [1, 2, 3]
metrics = ["accuracy", "macro_f1"]
[teacher]
model = "some/encoder"
trained = false
[strategy]
name = "single"
repeats = 3
[student]
layers_from = [0, 2, 3]
[fixed]
alpha = 0.0
schedule = "noam"
[[metrics]]
name = "macro_f1"
direction = "maximize"
"""


def refused(text: str) -> str:
    with pytest.raises(SpecificationError) as caught:
        parse_spec(text, "x.toml")
    return str(caught.value)


def test_a_task_of_ones_own_is_a_table() -> None:
    spec = parse_spec(OWN)
    assert spec.task.info.head == "sequence"
    assert spec.task.info.metrics == ("accuracy", "macro_f1")
    assert spec.task.format is not None
    assert spec.task.format.labels == ("1", "2", "3")
    assert spec.student.layers_from == (0, 2, 3)
    assert spec.metric_names()[:2] == ("accuracy", "macro_f1")
    assert parse_spec(to_toml(spec)) == spec
    assert ExperimentSpec.model_validate_json(spec.model_dump_json()) == spec


MISTAKES = {
    "no format": ('[task.format]\ntext = "{title}: {body}"', "", "format|label"),
    "a known name": ('"film-reviews"', '"mrpc"', "'mrpc' is a known task"),
    "an unknown metric": ('name = "macro_f1"', 'name = "f1"', "no trial of this task reports 'f1'"),
    "an impossible metric": ('"accuracy", "macro_f1"', '"pearson"', "'pearson' is not possible here"),
    "labels and regression": ("labels =", "regression = true\nlabels =", "either labels"),
    "one class": ("[1, 2, 3]", "[1]", "at least two classes"),
    "embedded data": ('"reviews.csv"', '"embedded"', "task.dataset: the embedded data is for squad_v2"),
    "soft losses of nobody": ("alpha = 0.0", "alpha = 0.5", "fixed.alpha: false leaves labels alone"),
    "default soft losses of nobody": ("alpha = 0.0", "", "teacher.trained: false leaves labels alone"),
    "a schedule nobody knows": ('"noam"', '"cosine"', "fixed.schedule: cosine is impossible"),
    "no layers": ("[0, 2, 3]", "[]", "student.layers_from"),
    "a layer below 0": ("[0, 2, 3]", "[-1]", "student.layers_from"),
    "nothing searched": ('"single"', '"sobol"', "parameters: nothing is searched"),
    "no devices": ("[strategy]", "[training]\ndevices = 0\n[strategy]", "training.devices"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_are_refused_by_name(mistake: str) -> None:
    old, new, message = MISTAKES[mistake]
    assert OWN.count(old) == 1 or mistake in ("an unknown metric",)
    head, _, tail = OWN.rpartition(old)
    with pytest.raises(SpecificationError, match=message):
        parse_spec(head + new + tail, "x.toml")


def test_an_unknown_task_names_the_known_ones() -> None:
    assert "no such task 'squad'; known: squad_v2, masked_lm, cola" in refused(
        SAMPLE.replace('"squad_v2"', '"squad"')
    )


def test_without_a_trained_teacher_alpha_cannot_be_searched() -> None:
    with pytest.raises(ValidationError, match="needs a trained teacher"):
        SPEC.changed(teacher={"model": "some/encoder", "trained": False})


def test_pre_training_without_a_masked_lm_teacher_is_plain_masked_lm() -> None:
    pretrain = read_spec("pretrain").model_dump() | {"teacher": {"model": "some/encoder", "trained": False}}
    pretrain["parameters"] = {"learning_rate": {"type": "float", "low": 1e-5, "high": 1e-3}}
    pretrain["baseline"], pretrain["strategy"] = {}, {"name": "sobol"}
    kept = {
        name: value for name, value in pretrain["fixed"].items() if name not in ("method", "learning_rate")
    }
    with pytest.raises(ValidationError, match="method = 'mlm'"):
        ExperimentSpec.model_validate(pretrain | {"fixed": kept | {"method": "distilbert"}})
    assert (
        ExperimentSpec.model_validate(pretrain | {"fixed": kept | {"method": "mlm"}}).fixed["method"] == "mlm"
    )


def test_metrics_in_8_bits_are_there_when_they_are_measured() -> None:
    metrics = [{"name": "int8_exact", "direction": "maximize"}]
    with pytest.raises(ValidationError, match="no trial of this task reports 'int8_exact'"):
        SPEC.changed(metrics=metrics)
    spec = SPEC.changed(metrics=metrics, training={"int8": True})
    assert set(spec.metric_names()) - set(SPEC.metric_names()) >= {"int8_exact", "int8_mb", "int8_latency_ms"}


def trials(strategy: dict[str, Any], most: int = 100, **sections: Any) -> int:
    return SPEC.changed(strategy=strategy, budget={"trials": most}, **sections).trial_count()


def test_known_numbers_of_trials() -> None:
    small = {
        "parameters": {
            "n_layers": {"type": "int", "low": 1, "high": 4},
            "schedule": {"type": "categorical", "values": ["linear", "noam"]},
        },
        "baseline": {"n_layers": 4, "schedule": "linear"},
        "fixed": {},
    }
    # Layers 1, 2 (from 2.5, rounded to even) and 4, in two schedules each; the baseline is one of them.
    assert trials({"name": "grid"}, **small) == 6
    assert trials({"name": "grid", "repeats": 3}, **small) == 18
    assert trials({"name": "grid", "repeats": 3}, most=10, **small) == 10
    # The baseline's 4 layers are no point of a grid of the middle alone.
    assert trials({"name": "grid", "levels": 1}, **small) == 3
    assert trials({"name": "grid"}, rules=["n_layers > 1"], **small) == 4
    assert trials({"name": "single"}) == 1
    assert trials({"name": "single", "repeats": 5}) == 5
    assert trials({"name": "single", "repeats": 5}, most=2) == 2
    assert trials({"name": "nehvi"}, most=7) == trials({"name": "sobol"}, most=7) == 7


def test_words_have_a_column_of_text() -> None:
    spec = SPEC.changed(
        parameters={"schedule": {"type": "categorical", "values": ["linear", "noam"]}},
        baseline={},
        fixed={},
    )
    assert column_types(spec.space()) == {"schedule": "text"}


def test_early_stopping_is_on_unless_it_is_turned_off() -> None:
    assert SPEC.early_stopping.enabled
    assert SPEC.early_stopping.stop_below < SPEC.early_stopping.resume_above
    assert not SPEC.changed(early_stopping={"enabled": False}).early_stopping.enabled


def test_early_stopping_must_not_stop_and_resume_in_turns() -> None:
    text = SAMPLE + "\n[early_stopping]\nstop_below = 0.3\nresume_above = 0.3\n"
    assert "early_stopping: resume_above 0.3 must be above stop_below 0.3" in refused(text)
