"""What the form offers for a task, and what changes with the task."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from dashboard.launching import goals_table
from dashboard.launching.task_choice import (
    OWN,
    reported,
    switched,
    task_of,
    unused_task_fields,
    used_settings,
)
from dashboard.launching.toml_edit import with_value
from dashboard.task_words import GROUPS, hub_name, task_words
from engine.spec_files import parse_spec, preset_text
from engine.tasks.catalogue import TASKS

DEMO = preset_text("demo")


def fitting(text: str, name: str) -> dict[str, Any]:
    """The document after a change of task and teacher, which must be a valid specification."""
    text = with_value(switched(text, name).text, ("teacher", "model"), "google-bert/bert-base-uncased")
    if name == OWN:
        text = with_value(text, ("task", "dataset"), "mine.tsv")
    assert parse_spec(text).task.name == name
    return tomllib.loads(text)


def test_every_task_stands_in_one_group() -> None:
    listed = [name for group in GROUPS for name in group.tasks]
    assert sorted(listed) == sorted(TASKS)
    assert len({task_words(name) for name in TASKS}) == len(TASKS)
    assert task_words("my-task") == "my-task"
    assert hub_name("my-task") is None


@pytest.mark.parametrize("name", [*TASKS, OWN])
def test_another_task_gets_metrics_it_reports(name: str) -> None:
    document = fitting(DEMO, name)
    names = [table["name"] for table in document["metrics"]]
    # ReCoRD and SQuAD both report exact, so it stays.
    assert names[0] in (task_of(document).main_metric, "exact")
    assert set(names) <= set(reported(document))
    assert {"num_parameters", "latency_ms"} <= set(names)
    assert ("format" in document["task"]) == (name == OWN)


def test_metrics_that_are_gone_are_told_and_those_that_stay_are_left_alone() -> None:
    found = switched(DEMO, "cola")
    assert "This task has no exact match, instead Matthews correlation" in found.told
    assert "The data is now nyu-mll/glue" in found.told
    metrics = tomllib.loads(found.text)["metrics"]
    assert metrics[0] == {"name": "mcc", "role": "optimize", "direction": "maximize"}
    assert [table["name"] for table in metrics[1:]] == ["num_parameters", "latency_ms"]
    assert "doc_stride" not in tomllib.loads(found.text)["task"]
    again = switched(found.text, "mrpc")
    assert [table["name"] for table in tomllib.loads(again.text)["metrics"]] == [
        *("f1", "num_parameters", "latency_ms"),
    ]
    same = switched(found.text, "cola")
    assert (same.text, same.told) == (found.text, "")


def test_data_of_ones_own_stays() -> None:
    text = with_value(DEMO, ("task", "dataset"), "/data/mine.tsv")
    assert tomllib.loads(switched(text, "rte").text)["task"]["dataset"] == "/data/mine.tsv"


@pytest.mark.parametrize(
    ("name", "there", "not_there"),
    [
        ("squad_v2", {"doc_stride", "score", "calibration_fraction"}, {"balance", "rounding"}),
        ("mrpc", {"max_length"}, {"doc_stride", "score", "balance", "rounding"}),
        ("copa", {"balance"}, {"rounding", "max_query_length"}),
        ("stsb", {"rounding"}, {"balance", "max_answer_length"}),
        ("masked_lm", {"train_samples"}, {"balance", "rounding", "score"}),
    ],
)
def test_fields_of_the_task_only(name: str, there: set[str], not_there: set[str]) -> None:
    unused = unused_task_fields({"task": {"name": name}})
    assert not unused & there
    assert not_there <= unused


def test_settings_of_the_task_and_those_given_all_the_same() -> None:
    assert "method" not in used_settings({})
    assert "method" in used_settings({"fixed": {"method": "mlm"}})
    pretraining = used_settings({"task": {"name": "masked_lm"}})
    assert "method" in pretraining
    assert "alpha" not in pretraining


def test_goals_are_those_the_task_reports() -> None:
    def offered(document: dict[str, Any]) -> list[str]:
        return goals_table.goal_order(document)

    mrpc = {"task": {"name": "mrpc"}}
    assert {"f1", "accuracy", "num_parameters"} <= set(offered(mrpc))
    assert not {"exact", "mlm_accuracy", "int8_f1", "HasAns_f1"} & set(offered(mrpc))
    assert "int8_f1" in offered(mrpc | {"training": {"int8": True}})
    listed = offered(mrpc | {"metrics": [{"name": "accuracy"}, {"name": "accuracy"}]})
    assert listed[0] == "accuracy"
    assert len(listed) == len(set(listed))
    assert "exact" in offered({"task": {"name": "no such task"}})
