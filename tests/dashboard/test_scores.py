"""Which scores of a task count."""

from __future__ import annotations

import pytest

from dashboard.components.usage import usage
from dashboard.scores import beside, key_metrics, main_score
from engine.measured import Measured
from engine.spec_files import read_spec


@pytest.mark.parametrize(
    ("preset", "main", "others"),
    [
        ("demo", "exact", ["HasAns_exact", "NoAns_exact"]),
        ("fine-tune", "accuracy", ["f1"]),
        ("pretrain", "mlm_accuracy", []),
    ],
)
def test_the_score_of_the_specification_with_its_parts(preset: str, main: str, others: list[str]) -> None:
    spec = read_spec(preset)
    assert main_score(spec) == main
    assert beside(spec, main) == others


def test_the_tasks_own_score_where_the_specification_names_none() -> None:
    spec = read_spec("fine-tune")
    sizes = spec.changed(metrics=[{"name": "num_parameters", "direction": "minimize"}])
    assert main_score(sizes) == "f1"


def test_key_metrics_are_those_that_were_measured() -> None:
    spec = read_spec("fine-tune")
    dense = {"accuracy": 1.0, "num_parameters": 100.0, "nonzero_parameters": 99.5, "model_mb": 1.0}
    assert key_metrics(spec, Measured(1, dense)) == ["accuracy", "num_parameters", "model_mb"]
    more = dense | {"nonzero_parameters": 60.0, "int8_accuracy": 1.0, "int8_mb": 1.0, "full_accuracy": 2.0}
    assert key_metrics(spec, Measured(1, more)) == [
        *("accuracy", "num_parameters", "full_accuracy", "nonzero_parameters", "int8_accuracy", "int8_mb"),
        "model_mb",
    ]


@pytest.mark.parametrize("head", ["span", "sequence", "masked_lm"])
def test_lines_that_use_a_model_are_python(head: str) -> None:
    lines = usage(head, "demo-3")
    compile(lines, "usage", "exec")
    assert '"demo-3"' in lines
    assert "{{" not in lines
