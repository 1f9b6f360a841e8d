"""Which running trials to stop and which stopped ones to go on with: a pure function of curves and settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.early_stopping.chances import Barrier, Frontier, best_case, chance
from engine.early_stopping.curves import Curve, Values
from engine.early_stopping.forecast import Forecaster, Forecasts
from engine.metrics import Metric
from engine.spec_sections import EarlyStoppingSection


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is to be expected of a trial after its last evaluation.

    Attributes:
        curve: the trial.
        share: share of its training that is done, between 0 and 1.
        curves: completed trials there are.
        forecasts: final metrics.
        best: the best case, surpassed with a probability of at most ``stop_below``.
        barrier: what keeps even the best case off the frontier; None when nothing does.
        against: metrics of the trial that dominates the best case, empty without one.
        chance: probability of reaching the frontier.
    """

    curve: Curve
    share: float
    curves: int
    forecasts: Forecasts
    best: Values
    barrier: Barrier | None
    against: Values
    chance: float


@dataclass(frozen=True, slots=True)
class Review:
    """What early stopping says of an experiment as it stands.

    Attributes:
        stop: running trials to stop.
        resume: stopped trials to go on with.
        keep: stopped trials to leave stopped.
    """

    stop: tuple[Outlook, ...] = ()
    resume: tuple[Outlook, ...] = ()
    keep: tuple[Outlook, ...] = ()


def review(
    metrics: Sequence[Metric],
    settings: EarlyStoppingSection,
    shares: Sequence[float],
    *,
    completed: Sequence[Curve],
    running: Sequence[Curve],
    stopped: Sequence[Curve],
) -> Review:
    """Look at every trial after its last evaluation.

    A running trial is stopped when its chance of reaching the frontier is below ``settings.stop_below``. One that
    was stopped goes on when its chance has risen above ``settings.resume_above``: the frontier has moved, or
    trials completed that gained more on the way than was believed.

    Args:
        metrics: every metric of the experiment with its role.
        settings: when to stop and resume.
        shares: shares of a training after which it is evaluated, the last one 1.
        completed: completed trials.
        running: trials that may be stopped.
        stopped: trials that were stopped early.
    """
    front = Frontier.of(
        metrics, {curve.number: curve.final for curve in completed if curve.final is not None}
    )
    forecaster = Forecaster(metrics, completed, settings.min_curves)
    looks = {
        curve.number: look
        for curve in (*running, *stopped)
        if (look := outlook(front, settings, shares, forecaster, curve)) is not None
    }
    seen = [looks[curve.number] for curve in stopped if curve.number in looks]
    return Review(
        stop=tuple(
            looks[curve.number]
            for curve in running
            if curve.number in looks and looks[curve.number].chance < settings.stop_below
        ),
        resume=tuple(look for look in seen if look.chance > settings.resume_above),
        keep=tuple(look for look in seen if look.chance <= settings.resume_above),
    )


def outlook(
    front: Frontier,
    settings: EarlyStoppingSection,
    shares: Sequence[float],
    forecaster: Forecaster,
    curve: Curve,
) -> Outlook | None:
    """What is to be expected of a trial; None before ``min_share``, at its end, and while too little is known."""
    if not 0 < len(curve.points) < len(shares):
        return None
    share = shares[len(curve.points) - 1]
    if share < settings.min_share:
        return None
    found = forecaster.forecasts(curve)
    if found is None:
        return None
    best = best_case(front.metrics, found, settings.stop_below)
    barrier = front.barrier(best)
    against = front.points[barrier.trial] if barrier is not None and barrier.trial is not None else {}
    return Outlook(
        curve, share, len(forecaster.completed), found, best, barrier, against, chance(front, found)
    )
