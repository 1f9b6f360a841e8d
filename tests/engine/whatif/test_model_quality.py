"""Errors on trials left out: the closed form against leaving out by hand, and what is said of them."""

from __future__ import annotations

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.metrics import Metric
from engine.strategies.interface import Observation
from engine.strategies.models import Surrogate, fit
from engine.whatif.model_quality import LeftOut, held_out, leave_one_out, verdict
from tests.engine.whatif.studies import study

EXACT = (Metric(name="exact", direction="maximize"),)


def predicted_without(surrogate: Surrogate, rows: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Mean and deviation of measurements of some trials from the others, by the same hyperparameters."""
    process, scale = copy.deepcopy(surrogate.processes[0]), surrogate.scales[0]
    rest = [i for i in range(len(surrogate.trials)) if i not in rows]
    inputs, targets = process.train_inputs[0], process.train_targets
    process.set_train_data(inputs[rest], targets[rest], strict=False)
    process.eval()
    with torch.no_grad():
        posterior = process.posterior(inputs[rows], observation_noise=True)
    return (
        scale.back(posterior.mean[:, 0].detach().numpy()),
        posterior.variance[:, 0].detach().sqrt().numpy() * scale.deviation,
    )


@pytest.fixture(scope="module")
def surrogate() -> Surrogate:
    problem, observations = study(14, error=None, metrics=EXACT, known=None)
    again = replace(observations[3], number=15, metrics={"exact": observations[3].metrics["exact"] + 1.0})
    return fit(problem, [*observations, again])


def test_the_closed_form_is_leaving_out_by_hand(surrogate: Surrogate) -> None:
    found = leave_one_out(surrogate)
    for i in (0, 5, 13):
        mean, deviation = predicted_without(surrogate, [i])
        assert found.means[i] == pytest.approx(mean[0], abs=1e-4)
        assert found.scores[i] == pytest.approx((found.outcomes[i] - mean[0]) / deviation[0], abs=1e-3)


def test_trials_of_one_configuration_are_left_out_together(surrogate: Surrogate) -> None:
    found = leave_one_out(surrogate)
    mean, deviation = predicted_without(surrogate, [3, 14])
    assert found.means[[3, 14]] == pytest.approx(mean, abs=1e-4)
    assert found.scores[[3, 14]] == pytest.approx((found.outcomes[[3, 14]] - mean) / deviation, abs=1e-3)


def test_every_trial_is_held_out_once_by_models_that_lack_it() -> None:
    problem, observations = study(7, metrics=EXACT, known=None)
    found, judges = held_out(problem, observations, [])
    assert sorted(found.outcomes) == pytest.approx(sorted(one.metrics["exact"] for one in observations))
    assert sum(len(observations) - len(judge.trials) for judge in judges) == len(observations)


def test_trials_beside_teach_every_model() -> None:
    problem, observations = study(10, metrics=EXACT, known=None)
    last = observations[-1]
    stopped = Observation(last.number, last.parameters, "stopped", last.metrics, {"exact": 2.0})
    _, judges = held_out(problem, observations[:-1], [stopped])
    assert all(len(judge.processes[0].train_targets) == len(judge.trials) + 1 for judge in judges)


def left_out(errors: list[float], spread: float = 10.0) -> LeftOut:
    outcomes = np.linspace(50, 50 + spread, len(errors))
    return LeftOut(outcomes, outcomes - np.array(errors), np.array(errors))


def test_figures_of_left_out_trials() -> None:
    found = LeftOut(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 2.0]), np.array([0.0, 1.0, 2.0]))
    assert found.error == pytest.approx((1 / 3) ** 0.5)
    assert found.r2 == pytest.approx(1 - (1 / 3) / (2 / 3))
    assert found.held == pytest.approx(2 / 3)
    assert found.exponential().outcomes == pytest.approx(np.exp([1.0, 2.0, 3.0]))


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0.5, "predicts exact well: R2 0.9"),
        (2.6, "predicts exact roughly"),
        (9.0, "cannot predict exact yet"),
    ],
)
def test_the_verdict_follows_the_errors(size: float, words: str) -> None:
    found = left_out([size, -size] * 5)
    assert verdict("exact", found, found, 1.0).startswith(words)
    assert "widened" not in verdict("exact", found, found, 1.0)
    assert "widened by 1.50" in verdict("exact", found, found, 1.5)


def test_the_verdict_on_a_metric_that_never_changed() -> None:
    found = left_out([0.0] * 5, spread=0.0)
    assert verdict("exact", found, found, 1.0) == "exact was the same in every trial"
