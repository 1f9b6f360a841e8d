"""What stands behind predictions: alike trials, and warnings where the model extrapolates."""

from __future__ import annotations

import pytest

from engine.metrics import Metric
from engine.whatif.answer import Support
from engine.whatif.asking import models_for
from engine.whatif.learning import Models
from engine.whatif.support import ALIKE, NEAREST, WELL_SUPPORTED, support
from tests.engine.whatif.studies import BASELINE, study

EXACT = (Metric(name="exact", direction="maximize"),)


def supported(models: Models, **changes: float) -> Support:
    return support(models.learned["exact"].surrogate, BASELINE | changes, models.completed)


@pytest.fixture(scope="module")
def deep() -> Models:
    """A study in which no trial has fewer than four layers, and the idle setting is never above a half."""
    return models_for(
        *study(
            30,
            keep=lambda one: int(one["n_layers"]) >= 4 and float(one["idle"]) <= 0.5,
            metrics=EXACT,
            known=None,
        )
    )


def test_a_measured_configuration_is_its_own_best_support(models: Models) -> None:
    found = supported(models)
    assert found.nearest[0].trial == 1
    assert found.nearest[0].likeness == pytest.approx(1.0)
    assert found.nearest[0].metrics == models.completed[0].metrics
    assert [near.likeness for near in found.nearest] == sorted(
        (n.likeness for n in found.nearest), reverse=True
    )
    assert len(found.nearest) == NEAREST


def test_support_is_counted_and_said(models: Models) -> None:
    found = supported(models, n_layers=4)
    assert found.verdict == "good"
    assert found.words == f"well supported by {found.alike} trials"
    assert sum(near.likeness >= ALIKE for near in found.nearest) == min(found.alike, NEAREST)


def test_a_value_nobody_measured_is_named(deep: Models) -> None:
    found = supported(deep, n_layers=1)
    assert found.verdict == "none"
    assert found.words.startswith("extrapolates: no trial has n_layers below 4")


def test_a_setting_that_does_not_matter_may_be_anything(deep: Models) -> None:
    assert supported(deep, idle=1.0).verdict == "good"
    assert "idle" not in supported(deep, idle=1.0, n_layers=1).words


def test_alike_is_what_the_model_takes_for_alike(deep: Models) -> None:
    far, near = supported(deep, learning_rate=1e-3), supported(deep, idle=1.0)
    assert far.nearest[0].likeness < near.nearest[0].likeness


def test_few_trials_support_little_and_far_away_nothing() -> None:
    few = models_for(*study(7, metrics=EXACT, known=None))
    for near in (supported(few), supported(few, learning_rate=1e-5, n_layers=1)):
        assert near.verdict == "thin"
        assert near.words.startswith("thinly supported: ")
        assert near.alike < WELL_SUPPORTED
    corner = supported(few, n_layers=1, hidden_size=128, learning_rate=1e-3, idle=1.0)
    assert corner.words == "extrapolates: too far from every measured trial to say much"
