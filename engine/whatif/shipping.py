"""The measured trial to ship under budgets, what the next better one costs, and whether it beats the baseline."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
from scipy.special import ndtr

from engine.measured import NORMAL_95
from engine.metrics import Metric, meets_thresholds
from engine.parameters import configuration_key
from engine.strategies.interface import Observation
from engine.whatif.answer import Dearer, Shipment
from engine.whatif.exploring import Aim, Table
from engine.whatif.learning import Models
from engine.whatif.more_trials import more_trials
from engine.whatif.pool import matches
from engine.whatif.question import Budget

DRAWS = 1024
"""Joint draws of two trials' true values, where measurements alone cannot tell them apart."""


def shipment(models: Models, aim: Aim, budgets: Sequence[Budget], table: Table | None) -> Shipment | None:
    """The measured trial of best quality under the pins that keeps budgets and thresholds.

    A trial that gives everything the same answer is never shipped, whatever it scores.

    Args:
        models: what is known and was learned.
        aim: the question.
        budgets: those of the question, thresholds not among them.
        table: configurations that were looked at; None without a model of the quality.

    Returns:
        None when no trial qualifies.
    """
    quality = aim.quality
    eligible = [trial for trial in models.completed if _is_eligible(models, aim, budgets, trial)]
    if not eligible:
        return None
    trial = min(eligible, key=lambda one: _rank(one, quality, aim.cost))
    found = models.learned.get(quality.name)
    expected = None
    if found is not None:
        means, deviations = found.predict([dict(trial.parameters)])
        expected = found.estimate(float(means[0]), float(deviations[0]))
    baseline = _baseline(models)
    beats, basis = _beats(models, quality, trial, baseline)
    return Shipment(
        trial=trial.number,
        parameters=dict(trial.parameters),
        metrics=dict(trial.metrics),
        standard_errors=dict(trial.standard_errors),
        expected=expected,
        dearer=_dearer(models, aim, budgets, trial),
        baseline=None if baseline is None else baseline.number,
        beats_baseline=beats,
        beats_by=basis,
        more=None if found is None or table is None else more_trials(models, aim, table, trial),
    )


def _is_eligible(models: Models, aim: Aim, budgets: Sequence[Budget], trial: Observation) -> bool:
    return (
        math.isfinite(trial.metrics.get(aim.quality.name, math.nan))
        and not trial.metrics.get("collapsed")
        and matches(models.problem, trial.parameters, aim.pinned)
        and meets_thresholds(models.problem.metrics, trial.metrics)
        and all(budget.keeps(trial.metrics.get(budget.metric, math.nan)) for budget in budgets)
    )


def _rank(trial: Observation, quality: Metric, cost: Metric | None) -> tuple[float, float, int]:
    """The best first, the cheaper of equals before the dearer."""
    price = 0.0 if cost is None else -cost.sign * trial.metrics.get(cost.name, math.inf)
    return (-quality.sign * trial.metrics[quality.name], price, trial.number)


def _dearer(models: Models, aim: Aim, budgets: Sequence[Budget], trial: Observation) -> Dearer | None:
    quality, cost = aim.quality, aim.cost
    if cost is None or cost.name not in trial.metrics:
        return None
    others = [budget for budget in budgets if budget.metric != cost.name]
    better = [
        one
        for one in models.completed
        if _is_eligible(models, aim, others, one)
        and cost.sign * (one.metrics.get(cost.name, math.nan) - trial.metrics[cost.name]) < 0
        and quality.sign * (one.metrics[quality.name] - trial.metrics[quality.name]) > 0
    ]
    if not better:
        return None
    found = min(better, key=lambda one: (-cost.sign * one.metrics[cost.name], _rank(one, quality, cost)))
    regret = quality.sign * (found.metrics[quality.name] - trial.metrics[quality.name])
    error = _joint_error(quality, trial, found)
    return Dearer(
        trial=found.number,
        cost=cost.name,
        cost_difference=found.metrics[cost.name] - trial.metrics[cost.name],
        regret=regret,
        interval=None if error is None else (regret - NORMAL_95 * error, regret + NORMAL_95 * error),
    )


def _baseline(models: Models) -> Observation | None:
    if models.problem.baseline is None:
        return None
    key = configuration_key(models.problem.space.canonical(models.problem.baseline))
    return next((one for one in models.completed if configuration_key(one.parameters) == key), None)


def _beats(
    models: Models, quality: Metric, trial: Observation, baseline: Observation | None
) -> tuple[float | None, Literal["measurements", "model"] | None]:
    """Probability that the trial's true quality is above the baseline's, and what it rests on.

    From the two measurements where both have a standard error, taken as normal and independent: the same questions
    make errors alike, so the true probability is usually further from one half. Else from joint draws of the model.
    """
    if baseline is None or baseline.number == trial.number or quality.name not in baseline.metrics:
        return None, None
    error = _joint_error(quality, trial, baseline)
    if error:
        gain = quality.sign * (trial.metrics[quality.name] - baseline.metrics[quality.name])
        return float(ndtr(gain / error)), "measurements"
    if quality.name not in models.learned:
        return None, None
    both = [dict(trial.parameters), dict(baseline.parameters)]
    drawn = models.draws(quality.name, both, DRAWS, models.problem.seed)
    return float(np.mean(quality.sign * (drawn[:, 0] - drawn[:, 1]) > 0)), "model"


def _joint_error(quality: Metric, *trials: Observation) -> float | None:
    """Standard error of the difference of two measurements taken as independent."""
    errors = [trial.standard_errors.get(quality.name, math.nan) for trial in trials]
    return math.hypot(*errors) if all(math.isfinite(error) for error in errors) else None
