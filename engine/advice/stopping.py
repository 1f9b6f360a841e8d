"""Advice on when to stop: whether the last trials have moved the frontier at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.advice.interface import Advice
from engine.frontier import frontier, hypervolume_history
from engine.importance import TRIALS_EACH
from engine.metric_words import percent
from engine.metrics import Metric

LITTLE = 0.01
"""Growth of the hypervolume, as a share of it, that is hardly worth the trials."""


def stopping(
    metrics: Sequence[Metric], history: Sequence[Mapping[str, float]], parameters: int
) -> Advice | None:
    """Whether more trials are likely to help.

    The window is that of SigOpt's server: five trials for each parameter. An unchanged frontier over it is its
    "stagnation"; a frontier that has grown by less than ``LITTLE`` is told too.

    Args:
        metrics: those of the specification.
        history: metrics of the completed students in the order they ended.
        parameters: how many are searched.

    Returns:
        None while the frontier grows, or fewer trials than the window stand before it.
    """
    window = TRIALS_EACH * parameters
    if not window or len(history) <= window:
        return None
    numbered = dict(enumerate(history))
    before = len(history) - window
    if frontier(metrics, numbered) <= set(range(before)):
        return Advice(
            "note",
            f"The frontier has not changed in the last {window} trials ({TRIALS_EACH} for each parameter): more trials "
            "are unlikely to help.",
            "budget.trials",
        )
    volumes = hypervolume_history(metrics, history)
    growth = 1 - volumes[before - 1] / volumes[-1] if volumes[-1] > 0 else 1.0
    if growth >= LITTLE:
        return None
    return Advice(
        "note",
        f"The last {window} trials made the frontier's hypervolume {percent(growth)} larger: more trials are unlikely "
        "to help much.",
        "budget.trials",
    )
