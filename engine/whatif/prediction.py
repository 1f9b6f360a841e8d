"""What was predicted of a trial, in the form that suggestions keep it."""

from __future__ import annotations

from collections.abc import Mapping

from engine.measured import NORMAL_95
from engine.whatif.answer import Estimate


def as_predicted(estimates: Mapping[str, Estimate]) -> dict[str, list[float]]:
    """Mean and standard deviation of each metric.

    The deviation is that of a normal interval as wide as the estimate's, on the wider side, so that a comparison with
    what is measured later is as generous as the interval that was shown.
    """
    return {
        name: [estimate.mean, max(estimate.high - estimate.mean, estimate.mean - estimate.low) / NORMAL_95]
        for name, estimate in estimates.items()
    }
