"""The trials of an experiment as claims see them: what was measured, and how it might have come out otherwise."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.claims.resampling import RESAMPLES, SEED, Paired, resampled_means
from engine.claims.seeds import seed_deviation
from engine.measured import Measured
from engine.metrics import Metric, meets_thresholds
from engine.tasks.bootstrap import FloatArray

SAME_MEAN = 1e-3
"""Share by which a trial's metric may differ from the mean of its examples; beyond it those are left out."""

BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """How a metric might have come out.

    Attributes:
        draws: shape (resamples, trials).
        known: trials whose error is known, shape (trials,); the draws of the others do not vary.
        paired: trials whose draws are of the same examples, shape (trials,).
        grain: what one example is worth, of paired trials.
        seeds: standard deviation over seeds of training that is in the draws; None where it is not.
    """

    draws: FloatArray
    known: BoolArray
    paired: BoolArray
    grain: float = 0.0
    seeds: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """Completed students that have every optimised and constrained metric.

    The trials are taken as given: that the search itself looked at the same examples when it chose them is in no
    interval. A trial measured again on all examples (``bert-frontier confirm``) tells.

    Attributes:
        metrics: those of the specification.
        numbers: of the trials.
        points: what was measured, shape (trials,), by metric.
        spreads: of the metrics that have an error.
        baseline: place of the baseline; None while it is not measured.
        eligible: trials that meet every threshold and do not give everything the same answer, shape (trials,).
        collapsed: trials that do, shape (trials,).
    """

    metrics: tuple[Metric, ...]
    numbers: tuple[int, ...]
    points: Mapping[str, FloatArray]
    spreads: Mapping[str, Spread]
    baseline: int | None
    eligible: BoolArray
    collapsed: BoolArray

    def place(self, number: int) -> int:
        """Where a trial stands."""
        return self.numbers.index(number)


def gather(
    metrics: Sequence[Metric],
    trials: Sequence[Measured],
    baseline: int | None,
    paired: Mapping[str, Paired],
    configurations: Mapping[int, Hashable],
) -> Evidence:
    """Evidence from what was measured.

    A metric without values by example gets independent normal errors from the standard errors. With at least
    ``seeds.MIN_REPEATS`` repeats of configurations, the errors hold what seeds of training do as well.

    Args:
        metrics: those of the specification.
        trials: completed students.
        baseline: number of the baseline's trial.
        paired: metrics example by example, in the metric's own unit.
        configurations: something equal for trials of the same configuration, by number.
    """
    names = [metric.name for metric in metrics if metric.role != "store"]
    whole = [trial for trial in trials if all(_finite(trial.metrics, name) for name in names)]
    numbers = tuple(trial.number for trial in whole)
    groups: dict[Hashable, list[int]] = {}
    for place, number in enumerate(numbers):
        groups.setdefault(configurations.get(number, ("trial", number)), []).append(place)
    points, spreads = {}, {}
    for name in names:
        points[name] = np.array([trial.metrics[name] for trial in whole], dtype=np.float64)
        spread = _spread(whole, name, points[name], paired.get(name))
        if spread is not None:
            spreads[name] = _with_seeds(spread, points[name], list(groups.values()))
    collapsed = np.array([trial.collapsed for trial in whole], dtype=bool)
    meets = np.array([meets_thresholds(metrics, trial.metrics) for trial in whole], dtype=bool)
    place_of_baseline = numbers.index(baseline) if baseline in numbers else None
    return Evidence(
        tuple(metrics), numbers, points, spreads, place_of_baseline, meets & ~collapsed, collapsed
    )


def _spread(
    trials: Sequence[Measured], name: str, points: FloatArray, paired: Paired | None
) -> Spread | None:
    errors = np.array([trial.standard_errors.get(name, math.nan) for trial in trials], dtype=np.float64)
    known = np.isfinite(errors)
    same = np.zeros(len(trials), dtype=bool)
    rng = np.random.default_rng(SEED)
    draws = points + np.where(known, errors, 0.0) * rng.standard_normal((RESAMPLES, len(trials)))
    if paired is not None:
        places = {trial.number: place for place, trial in enumerate(trials)}
        means = paired.means()
        usable = [
            (row, places[number])
            for row, number in enumerate(paired.numbers)
            if number in places
            and math.isclose(means[row], points[places[number]], rel_tol=SAME_MEAN, abs_tol=SAME_MEAN)
        ]
        if usable:
            rows, columns = (list(part) for part in zip(*usable, strict=True))
            chosen = Paired(tuple(paired.numbers[row] for row in rows), paired.values[rows], paired.weights)
            # Shifted by rounding alone, so that a draw and the recorded metric have the same centre.
            draws[:, columns] = resampled_means(chosen) + (points[columns] - means[rows])
            same[columns] = True
    known |= same
    return Spread(draws, known, same, paired.grain if paired else 0.0) if known.any() else None


def _with_seeds(spread: Spread, points: FloatArray, groups: Sequence[Sequence[int]]) -> Spread:
    deviation = seed_deviation(points, spread.draws, groups)
    if deviation is None:
        return spread
    rng = np.random.default_rng(SEED + 1)
    noise = deviation * rng.standard_normal(spread.draws.shape)
    return replace(spread, draws=spread.draws + noise, seeds=deviation)


def _finite(metrics: Mapping[str, float], name: str) -> bool:
    return math.isfinite(metrics.get(name, math.nan))
