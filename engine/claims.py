"""What may be claimed against the baseline, computed from measured values and put into words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from engine.metrics import Metric, objectives

EQUAL_COST = 0.05
"""Costs that differ from the baseline's by at most this share count as about equal."""

NORMAL_95 = 1.6448536269514722
"""95 % quantile of the normal distribution; a two-sided 90 % interval reaches this many standard errors."""

ClaimKind = Literal["smaller", "better"]

_COST_WORDS = {
    "num_parameters": ("fewer parameters", "more parameters"),
    "encoder_parameters": ("fewer encoder parameters", "more encoder parameters"),
    "flops": ("fewer FLOPs", "more FLOPs"),
    "train_flops": ("fewer FLOPs of training", "more FLOPs of training"),
}
_UNITS = {"_ms": "ms", "_mb": "MB", "_seconds": "s"}
_SCALES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


@dataclass(frozen=True, slots=True)
class Measured:
    """A trial as claims see it: its number, its metrics, and their standard errors where known."""

    number: int
    metrics: Mapping[str, float]
    standard_errors: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Claim:
    """One trial set against the baseline.

    Attributes:
        kind: ``smaller`` for less cost at no loss of quality, ``better`` for more quality at about equal cost.
        trial: number of the trial.
        quality: name of the maximised objective.
        cost: name of the minimised objective.
        quality_value: the trial's quality.
        cost_value: the trial's cost.
        quality_gain: quality of the trial minus that of the baseline.
        cost_saving: share of the baseline's cost that is saved; negative when the trial costs more.
        interval: 90 % interval of ``quality_gain``, or None when a standard error is missing.
    """

    kind: ClaimKind
    trial: int
    quality: str
    cost: str
    quality_value: float
    cost_value: float
    quality_gain: float
    cost_saving: float
    interval: tuple[float, float] | None


def quality_and_cost(metrics: Sequence[Metric]) -> tuple[Metric, Metric] | None:
    """The first maximised and the first minimised objective, or None when either is missing."""
    quality = next((metric for metric in objectives(metrics) if metric.direction == "maximize"), None)
    cost = next((metric for metric in objectives(metrics) if metric.direction == "minimize"), None)
    return None if quality is None or cost is None else (quality, cost)


def smaller_at_no_loss(
    quality: str, cost: str, baseline: Measured | None, trials: Iterable[Measured]
) -> Claim | None:
    """The cheapest trial whose measured quality is at least the baseline's.

    A trial that gives everything the same answer is never claimed, whatever it scores.

    Args:
        quality: name of a maximised objective.
        cost: name of a minimised objective.
        baseline: the baseline's trial; None while it has not completed.
        trials: trials on the frontier.

    Returns:
        None when there is no baseline, or no trial costs less at no loss.
    """
    claims = _claims("smaller", quality, cost, baseline, trials)
    return min(
        (claim for claim in claims if claim.quality_gain >= 0 and claim.cost_saving > 0),
        key=lambda claim: (-claim.cost_saving, -claim.quality_gain, claim.trial),
        default=None,
    )


def better_at_equal_cost(
    quality: str, cost: str, baseline: Measured | None, trials: Iterable[Measured]
) -> Claim | None:
    """The best trial whose cost is within ``EQUAL_COST`` of the baseline's.

    Args and result are those of ``smaller_at_no_loss``; None also when no such trial is better.
    """
    claims = _claims("better", quality, cost, baseline, trials)
    return max(
        (claim for claim in claims if claim.quality_gain > 0 and abs(claim.cost_saving) <= EQUAL_COST),
        key=lambda claim: (claim.quality_gain, claim.cost_saving, -claim.trial),
        default=None,
    )


def sentence(claim: Claim | None, kind: ClaimKind = "smaller") -> str:
    """The claim in words, such as "22 % fewer parameters than the baseline at no loss: trial 23, ...".

    Args:
        claim: what was found.
        kind: what was looked for; read only when nothing was found.
    """
    if claim is None and kind == "smaller":
        return "No trial so far is smaller than the baseline at no loss."
    if claim is None:
        return f"No trial so far is better than the baseline within {100 * EQUAL_COST:.0f} % of its size."
    value = f"{claim.quality} {claim.quality_value:.{_digits(claim)}f}"
    cost = format_value(claim.cost, claim.cost_value)
    if claim.kind == "smaller":
        return (
            f"{_change(claim)} than the baseline at no loss: "
            f"trial {claim.trial}, {cost}, {value} ({_gain(claim)})"
        )
    size = "the same cost" if claim.cost_saving == 0 else _change(claim)
    return f"{value} ({_gain(claim)}) at {size} compared with the baseline: trial {claim.trial}, {cost}"


def format_value(name: str, value: float) -> str:
    """A metric's value with its unit, such as "51.4 M" for a count or "8.2 ms" for a latency."""
    for suffix, unit in _UNITS.items():
        if name.endswith(suffix):
            return f"{_three_digits(value)} {unit}"
    for scale, prefix in _SCALES:
        if abs(value) >= scale:
            return f"{_three_digits(value / scale)} {prefix}"
    return _three_digits(value)


def _three_digits(value: float) -> str:
    """The value rounded to three digits, without an exponent where it is of ordinary size."""
    return f"{float(f'{value:.3g}'):g}"


def _claims(
    kind: ClaimKind, quality: str, cost: str, baseline: Measured | None, trials: Iterable[Measured]
) -> list[Claim]:
    if baseline is None or not _has(baseline, quality, cost) or baseline.metrics[cost] <= 0:
        return []
    return [
        Claim(
            kind=kind,
            trial=trial.number,
            quality=quality,
            cost=cost,
            quality_value=trial.metrics[quality],
            cost_value=trial.metrics[cost],
            quality_gain=trial.metrics[quality] - baseline.metrics[quality],
            cost_saving=1 - trial.metrics[cost] / baseline.metrics[cost],
            interval=_interval(quality, baseline, trial),
        )
        for trial in trials
        if trial.number != baseline.number
        and _has(trial, quality, cost)
        and not trial.metrics.get("collapsed")
    ]


def _has(trial: Measured, *names: str) -> bool:
    return all(math.isfinite(trial.metrics.get(name, math.nan)) for name in names)


def _interval(quality: str, baseline: Measured, trial: Measured) -> tuple[float, float] | None:
    """Normal 90 % interval of the difference, the two standard errors taken as independent.

    Trials evaluated on the same questions err alike, so the true interval is usually narrower.
    """
    if not _both_have_errors(quality, baseline, trial):
        return None
    gain = trial.metrics[quality] - baseline.metrics[quality]
    reach = NORMAL_95 * math.hypot(trial.standard_errors[quality], baseline.standard_errors[quality])
    return (gain - reach, gain + reach)


def _both_have_errors(quality: str, *trials: Measured) -> bool:
    return all(math.isfinite(trial.standard_errors.get(quality, math.nan)) for trial in trials)


def _change(claim: Claim) -> str:
    less, more = _COST_WORDS.get(claim.cost, (f"lower {claim.cost}", f"higher {claim.cost}"))
    return f"{_percent(abs(claim.cost_saving))} {less if claim.cost_saving > 0 else more}"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.0995 else f"{100 * share:.2g} %"


def _gain(claim: Claim) -> str:
    digits = _digits(claim)
    gain = f"{claim.quality_gain:+.{digits}f}"
    if claim.interval is None:
        return f"{gain}, no standard errors"
    low, high = claim.interval
    return f"{gain}, 90 % interval {low:+.{digits}f} to {high:+.{digits}f}"


def _digits(claim: Claim) -> int:
    """Decimal places: one for scores up to 100, three for scores up to 1."""
    return 1 if abs(claim.quality_value) > 1 else 3
