"""The specification itself: its space, its baseline, and copies with changes."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from engine.distill.hyperparameters import HYPERPARAMETER_NAMES, default_of
from engine.experiment import ExperimentSpec
from engine.spec_files import parse_spec
from tests.engine.sample_spec import SAMPLE

SPEC = parse_spec(SAMPLE)


def test_the_baseline_is_filled_with_the_usual_defaults_in_the_order_of_the_space() -> None:
    baseline = SPEC.baseline_configuration()
    assert baseline == {"n_layers": 4, "n_heads": 4, "learning_rate": 5e-4, "alpha": 0.5, "temperature": 2.0}
    assert list(baseline) == list(SPEC.parameters)
    assert SPEC.space().allows(baseline)


def test_every_hyperparameter_may_be_fixed_at_its_default() -> None:
    spec = SPEC.changed(
        fixed={name: default_of(name) for name in HYPERPARAMETER_NAMES if name not in SPEC.parameters}
    )
    assert set(spec.fixed) | set(spec.parameters) == set(HYPERPARAMETER_NAMES)


def test_changes_are_checked_again() -> None:
    assert SPEC.changed(seed=5).seed == 5
    assert SPEC.changed(seed=5).changed(seed=SPEC.seed) == SPEC
    with pytest.raises(ValidationError, match="outside the range"):
        SPEC.changed(baseline={"n_layers": 9, "n_heads": 4})
    with pytest.raises(ValidationError, match="one to four metrics"):
        SPEC.changed(metrics=[{"name": "exact", "role": "store"}])
    with pytest.raises(ValidationError, match="no such setting"):
        SPEC.changed(fixed={"lr": 0.1})


def test_up_to_four_objectives() -> None:
    names = ["exact", "f1", "num_parameters", "flops", "latency_ms"]
    metrics = [{"name": name, "direction": "maximize"} for name in names]
    assert len(SPEC.changed(metrics=metrics[:4]).metrics) == 4
    with pytest.raises(ValidationError, match="one to four metrics"):
        SPEC.changed(metrics=metrics)


def test_json_gives_it_back() -> None:
    assert ExperimentSpec.model_validate(SPEC.model_dump(mode="json")) == SPEC
    assert ExperimentSpec.model_validate_json(SPEC.model_dump_json()) == SPEC


def test_a_condition_leaves_the_baselines_value(sample_spec: ExperimentSpec) -> None:
    spec = sample_spec.changed(conditions={"temperature": "alpha > 0"})
    space = spec.space()
    off = space.canonical({**spec.baseline_configuration(), "alpha": 0.0, "temperature": 5.0})
    assert off["temperature"] == spec.baseline["temperature"]
    with pytest.raises(ValidationError, match=r"no such parameter|reads warmth"):
        sample_spec.changed(conditions={"temperature": "warmth > 0"})
    with pytest.raises(ValidationError, match="there is no such parameter"):
        sample_spec.changed(conditions={"dropout": "alpha > 0"})
