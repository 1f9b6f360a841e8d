"""How well a model predicts trials it was not shown, and whether its intervals hold what they promise."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from scipy import stats

from engine.metric_words import format_value
from engine.parameters import configuration_key
from engine.strategies.interface import Observation, SearchProblem
from engine.strategies.models import Surrogate, fit, quiet
from engine.strategies.trials import Key, usable
from engine.whatif.answer import LEVEL

FOLDS = 5
"""Groups of trials that are left out in turns."""

GOOD_R2 = 0.5
"""Share of the variance from which a model is said to predict well."""

SOME_R2 = 0.2
"""Share of the variance below which a model is said not to predict."""

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Predictions of trials that were left out, against what was measured.

    Attributes:
        outcomes: measured values (those that count as "very bad" at the model's floor).
        means: what was predicted, in the same unit.
        scores: errors in units of their predicted standard deviations, the noise of a measurement included.
    """

    outcomes: Array
    means: Array
    scores: Array

    @property
    def error(self) -> float:
        """Root mean square error."""
        return math.sqrt(float(np.mean(np.square(self.outcomes - self.means))))

    @property
    def r2(self) -> float:
        """Share of the outcomes' variance that is explained; 0 when all outcomes are equal."""
        variance = float(np.var(self.outcomes))
        return 1 - self.error**2 / variance if variance > 0 else 0.0

    def exponential(self) -> LeftOut:
        """The same in the metric's unit where the model was of its logarithm."""
        return LeftOut(np.exp(self.outcomes), np.exp(self.means), self.scores)

    @property
    def held(self) -> float:
        """Share of outcomes within the model's own normal intervals."""
        return float(np.mean(np.abs(self.scores) <= stats.norm.ppf(0.5 + LEVEL / 2)))


def leave_one_out(surrogate: Surrogate) -> LeftOut:
    """Predictions of each trial from all others in closed form, hyperparameters held fixed.

    With K the covariance of all measurements, noise included, and m their prior mean, the outcome y_i left out has
    mean ``y_i - [K^-1 (y - m)]_i / [K^-1]_ii`` and variance ``1 / [K^-1]_ii``. Trials of the same configuration are
    left out together (blocks in place of elements): one would give the other away. Hyperparameters have seen the
    trial, so errors come out a little small.

    Source: Rasmussen & Williams 2006, Gaussian Processes for Machine Learning, section 5.4.2, equations 5.10-5.12.

    Args:
        surrogate: fitted to a single learned metric.
    """
    process, scale = surrogate.processes[0], surrogate.scales[0]
    process.train()
    with torch.no_grad(), quiet():
        inputs = process.train_inputs[0]
        prior = process(inputs)
        covariance = process.likelihood(prior, inputs).covariance_matrix
        inverse = torch.linalg.inv(covariance)
        weights = (inverse @ (process.train_targets - prior.mean)).numpy()
        targets, precision = process.train_targets.numpy(), inverse.numpy()
    process.eval()
    # Trials of earlier experiments come first, those stopped early last.
    first = len(usable(surrogate.problem, surrogate.problem.earlier))
    last = first + len(surrogate.trials)
    means, variances = np.zeros(len(surrogate.trials)), np.zeros(len(surrogate.trials))
    for group in _groups(surrogate.trials).values():
        rows = [first + i for i in group]
        block = np.linalg.inv(precision[np.ix_(rows, rows)])
        means[group] = targets[rows] - block @ weights[rows]
        variances[group] = block.diagonal()
    errors = targets[first:last] - means
    return LeftOut(scale.back(targets[first:last]), scale.back(means), errors / np.sqrt(variances))


def held_out(
    problem: SearchProblem, trials: Sequence[Observation], others: Sequence[Observation]
) -> tuple[LeftOut, list[Surrogate]]:
    """Predictions of trials by models that were fitted anew without them, ``FOLDS`` groups in turns, and these models.

    Unlike ``leave_one_out`` this also pays for hyperparameters that fit their own trials too well, which is what
    makes intervals of small experiments too narrow.

    Args:
        problem: with the metric as its only one, nothing known.
        trials: completed trials that report it, of at least two configurations.
        others: trials that every model may learn from, such as those stopped early.
    """
    name = problem.metrics[0].name
    parts, surrogates = [], []
    for part in _folds(trials, problem.seed):
        surrogate = fit(problem, [*(trial for i, trial in enumerate(trials) if i not in part), *others])
        surrogates.append(surrogate)
        rest = [trials[i] for i in sorted(part)]
        found = surrogate.predict([dict(trial.parameters) for trial in rest])
        errors = np.array([trial.standard_errors.get(name, 0.0) for trial in rest])
        scale = surrogate.scales[0]
        outcomes = scale.back(scale.outcomes([trial.metrics[name] for trial in rest]))
        deviations = np.sqrt(found.deviations[:, 0] ** 2 + surrogate.noise()[0] ** 2 + errors**2)
        parts.append(LeftOut(outcomes, found.means[:, 0], (outcomes - found.means[:, 0]) / deviations))
    together = LeftOut(
        np.concatenate([part.outcomes for part in parts]),
        np.concatenate([part.means for part in parts]),
        np.concatenate([part.scores for part in parts]),
    )
    return together, surrogates


def verdict(name: str, folds: LeftOut, alone: LeftOut, widening: float) -> str:
    """How far a model can be trusted, in a sentence."""
    if not np.ptp(folds.outcomes):
        return f"{name} was the same in every trial"
    if folds.r2 >= GOOD_R2:
        judged = f"predicts {name} well"
    elif folds.r2 >= SOME_R2:
        judged = f"predicts {name} roughly"
    else:
        judged = f"cannot predict {name} yet"
    told = (
        f"{judged}: R2 {folds.r2:.2f} on trials left out, leave-one-out error {format_value(name, alone.error)}; "
        f"its own {100 * LEVEL:.0f} % intervals held {100 * folds.held:.0f} %"
    )
    return f"{told}, so they are widened by {widening:.2f}" if widening >= 1.005 else told


def _folds(trials: Sequence[Observation], seed: int) -> list[set[int]]:
    """Indices of each group, configurations kept together; groups may differ in size by a configuration."""
    groups = list(_groups(trials).values())
    order = np.random.default_rng(seed).permutation(len(groups))
    folds: list[set[int]] = [set() for _ in range(min(FOLDS, len(groups)))]
    for place, index in enumerate(order):
        folds[place % len(folds)].update(groups[index])
    return folds


def _groups(trials: Sequence[Observation]) -> Mapping[Key, list[int]]:
    groups: dict[Key, list[int]] = {}
    for index, trial in enumerate(trials):
        groups.setdefault(configuration_key(trial.parameters), []).append(index)
    return groups
