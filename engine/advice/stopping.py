"""Advice on when to stop: whether the last trials have moved the frontier at all."""

from __future__ import annotations

from engine.advice.interface import Advice
from engine.growth import Growth
from engine.importance import TRIALS_EACH
from engine.metric_words import percent

LITTLE = 0.01
"""Growth of the hypervolume, as a share of it, that is hardly worth the trials."""


def stopping(grown: Growth, trials: int, parameters: int) -> Advice | None:
    """Whether more trials are likely to help.

    The window is that of SigOpt's server: five trials for each parameter. An unchanged frontier over it is its
    "stagnation"; a frontier that has grown by less than ``LITTLE`` is told too.

    Args:
        grown: how the frontier of the completed students grew.
        trials: how many these are.
        parameters: how many are searched.

    Returns:
        None while the frontier grows, or fewer trials than the window stand before it.
    """
    window = TRIALS_EACH * parameters
    before = trials - window
    if not window or before <= 0:
        return None
    if not grown.entered or grown.entered[-1] < before:
        return Advice(
            "note",
            f"The frontier has not changed in the last {window} trials ({TRIALS_EACH} for each parameter): more trials "
            "are unlikely to help.",
            "budget.trials",
        )
    more = 1 - grown.volumes[before - 1] / grown.volumes[-1] if grown.volumes[-1] > 0 else 1.0
    if more >= LITTLE:
        return None
    return Advice(
        "note",
        f"The last {window} trials made the frontier's hypervolume {percent(more)} larger: more trials are unlikely "
        "to help much.",
        "budget.trials",
    )
