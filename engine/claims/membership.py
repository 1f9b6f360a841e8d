"""How sure each trial's place on the frontier is, and which trials are worth training again."""

from __future__ import annotations

from collections.abc import Mapping

import moocore
import numpy as np

from engine.claims.evidence import BoolArray, Evidence
from engine.claims.resampling import RESAMPLES
from engine.metrics import Metric, objectives
from engine.tasks.bootstrap import FloatArray

UNDECIDED = (0.1, 0.9)
"""Between these probabilities a trial's place on the frontier is undecided."""
MOST_AGAIN = 5
"""Most trials named as worth training again."""


def membership(evidence: Evidence) -> dict[int, float]:
    """For each trial the share of resamples in which it is on the frontier.

    In each resample every trial meets the thresholds or does not, and is dominated or not, by the metrics as they
    came out in it; metrics without an error, such as sizes, stay as they are. It is the bootstrap's word on how much
    the frontier hangs on the examples (and on the seeds, where trials were repeated), not the probability that more
    trials would leave it there. It is cautious: resampling adds noise to measured values that have some already, so
    that trials told 0.2 truly are on the frontier 40 to 50 times in 100 (``tests/benchmarks/claims_coverage.py``).

    Returns:
        By trial number; empty when no metric is optimised.
    """
    targets = objectives(evidence.metrics)
    if not targets or not evidence.numbers:
        return {}
    count = RESAMPLES if evidence.spreads else 1
    costs = np.stack([-metric.sign * _drawn(evidence, metric, count) for metric in targets], axis=2)
    allowed = np.ones((count, len(evidence.numbers)), dtype=bool)
    for metric in evidence.metrics:
        if metric.threshold is not None:
            allowed &= metric.sign * _drawn(evidence, metric, count) >= metric.sign * metric.threshold
    found = np.zeros(len(evidence.numbers))
    for draw in range(count):
        found += _on_frontier(costs[draw], allowed[draw])
    return dict(zip(evidence.numbers, (found / count).tolist(), strict=True))


def worth_training_again(
    evidence: Evidence, probabilities: Mapping[int, float], most: int = MOST_AGAIN
) -> list[int]:
    """Trials whose place on the frontier is undecided, the most undecided first: other seeds would settle it."""
    low, high = UNDECIDED
    collapsed = {number for number, gone in zip(evidence.numbers, evidence.collapsed, strict=True) if gone}
    undecided = [
        number
        for number, probability in probabilities.items()
        if low <= probability <= high and number not in collapsed
    ]
    return sorted(undecided, key=lambda number: (abs(probabilities[number] - 0.5), number))[:most]


def _drawn(evidence: Evidence, metric: Metric, count: int) -> FloatArray:
    """The metric in each resample, shape (count, trials)."""
    spread = evidence.spreads.get(metric.name)
    if spread is not None:
        return spread.draws
    return np.broadcast_to(evidence.points[metric.name], (count, len(evidence.numbers)))


def _on_frontier(costs: FloatArray, allowed: BoolArray) -> BoolArray:
    kept = np.zeros(len(allowed), dtype=bool)
    if allowed.any():
        kept[allowed] = moocore.is_nondominated(np.ascontiguousarray(costs[allowed]), keep_weakly=True)
    return kept
