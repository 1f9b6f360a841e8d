"""Early stopping in words: why a trial is stopped, why it goes on, and what was saved."""

from __future__ import annotations

from engine.early_stopping.decision import Outlook
from engine.metric_words import format_value
from engine.metrics import Metric


def stopping(look: Outlook, metrics: tuple[Metric, ...], stop_below: float) -> str:
    """Why a running trial is stopped, such as "will not reach the frontier: at 33 % of training exact is 41.2 ...".

    Args:
        look: what is to be expected of it; its chance is below ``stop_below``.
        metrics: every metric of the experiment with its role.
        stop_below: the chance below which trials are stopped.
    """
    assert look.barrier is not None, "a chance below the limit means that even the best case is barred"
    learned = [name for name, prediction in look.forecasts.items() if prediction.scale > 0]
    limit = f"{100 * (1 - stop_below):g} % bound from {look.curves} completed trials"
    parts = ", ".join(_course(look, name) for name in learned)
    collapsed = "it gives everything the same answer; " if look.curve.points[-1].get("collapsed") else ""
    said = f"{collapsed}at {100 * look.share:.0f} % of training {parts} ({limit})"
    if look.barrier.metric is not None:
        bound = next(metric.threshold for metric in metrics if metric.name == look.barrier.metric)
        assert bound is not None
        limit_of = f"the threshold of {look.barrier.metric} is {format_value(look.barrier.metric, bound)}"
        return f"will not meet a threshold: {said}; {limit_of}"
    names = [metric.name for metric in metrics if metric.role == "optimize"]
    others = ", ".join(_against(look, name) for name in names)
    return f"will not reach the frontier: {said}; trial {look.barrier.trial} has {others}"


def resuming(look: Outlook, resume_above: float) -> str:
    """Why a stopped trial goes on."""
    return (
        f"as the completed trials stand now, its chance of reaching the frontier is {100 * look.chance:.0f} %, "
        f"above {100 * resume_above:g} %"
    )


def _course(look: Outlook, name: str) -> str:
    """A learned metric: its last value, where there is one, and its best case."""
    last = look.curve.point(len(look.curve.points) - 1, name)
    best = format_value(name, look.best[name])
    if last is None:
        return f"{name} can be expected to be {best} at best"
    return f"{name} is {format_value(name, last)} and will be {best} at best"


def _against(look: Outlook, name: str) -> str:
    """A metric of the trial that dominates, set against the trial's own where that is known."""
    value = f"{name} {format_value(name, look.against[name])}"
    own = look.forecasts[name]
    return value if own.scale > 0 else f"{value} against {format_value(name, own.mean)}"
