"""The claims against the baseline: smaller at no loss, better at about equal size, and the share that is either."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from engine.claims.evidence import BoolArray, Evidence
from engine.claims.gains import Gains, gains
from engine.claims.mcnemar import mcnemar
from engine.claims.resampling import Paired
from engine.growth import Columns, eligible
from engine.metrics import Metric
from engine.tasks.bootstrap import FloatArray

EQUAL_COST = 0.05
"""Costs that differ from the baseline's by at most this share count as about equal."""

ClaimKind = Literal["smaller", "better"]
Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Claim:
    """One trial set against the baseline.

    Attributes:
        kind: ``smaller`` for the least cost at no measured loss, ``better`` for the most quality at about equal cost.
        trial: number of the trial.
        quality: name of the maximised objective.
        cost: name of the minimised objective.
        quality_value: the trial's quality.
        cost_value: the trial's cost.
        quality_gain: quality of the trial minus that of the baseline.
        cost_saving: share of the baseline's cost that is saved; negative when the trial costs more.
        gain_interval: 90 % interval of the true ``quality_gain``, which holds although the trial was picked out for
            its luck too; None when an error is missing.
        share_of_resamples: share of the resamples in which this trial is at least as good as the baseline. It knows
            nothing of the luck of having been picked out, so as a probability it is too high where many trials
            compete (``tests/benchmarks/claims_coverage.py``).
        p_value: McNemar's, two-sided, for this pair alone; None where it does not apply.
        paired: whether both were measured on the same examples, which the errors then take into account.
        seeds: standard deviation over seeds of training that the interval holds; None when it holds none.
    """

    kind: ClaimKind
    trial: int
    quality: str
    cost: str
    quality_value: float
    cost_value: float
    quality_gain: float
    cost_saving: float
    gain_interval: Interval | None
    share_of_resamples: float | None
    p_value: float | None
    paired: bool
    seeds: float | None

    @property
    def sure(self) -> bool:
        """Whether the whole interval is at no loss."""
        return self.gain_interval is not None and self.gain_interval[0] >= 0


@dataclass(frozen=True, slots=True)
class Smaller:
    """What is known of the least cost at no loss.

    Attributes:
        claim: the cheapest trial that measured no loss; None when there is none.
        saving: 90 % interval of the saving of the cheapest trial that truly is at no loss, the baseline itself
            (saving 0) included; None without errors.
        confident: the trial the lower end belongs to, which is at no loss with 95 % confidence: at most one experiment
            in twenty names one wrongly (of those named, more may be wrong where hardly any trial truly is at no
            loss). None for the baseline.
        perhaps: the trial the upper end belongs to, which may be at no loss as far as its error goes; None for the
            baseline.
    """

    claim: Claim | None
    saving: Interval | None = None
    confident: int | None = None
    perhaps: int | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """How many of the configurations beat the baseline in one thing or the other.

    Attributes:
        value: share of the other completed students that meet every threshold, do not collapse, and cost less or
            are better.
        trials: how many other students there are.
        interval: 90 % interval of the share of these trials that truly do, over other examples. It is none over
            other configurations: a search does not draw them at random.
    """

    value: float
    trials: int
    interval: Interval | None


def smaller_at_no_loss(evidence: Evidence, quality: str, cost: str, paired: Mapping[str, Paired]) -> Smaller:
    """The cheapest trial whose measured quality is at least the baseline's, and how far that can be trusted.

    The interval of the saving is a confidence set. Its upper end is the saving of the cheapest trial whose 95 % upper
    bound is at no loss: it is too low only if the bound of the one cheapest trial that truly is at no loss fails. Its
    lower end is that of the cheapest trial whose simultaneous 95 % lower bound is at no loss: it is too high only if
    the bound of a truly worse trial fails. Redoing the choice in each resample and taking quantiles of the saving
    would look narrower and hold far less often, since the luckiest of many small trials is always picked.

    Args:
        evidence: of the experiment.
        quality: name of a maximised objective.
        cost: name of a minimised objective.
        paired: metrics by example, for McNemar's test.
    """
    found = gains(evidence, quality)
    savings = _savings(evidence, cost)
    if found is None or savings is None:
        return Smaller(None)
    candidates = evidence.eligible & (savings > 0)
    lowest, highest = found.lowest(candidates), found.highest()
    chosen = _cheapest(savings, found, candidates & (found.values >= 0))
    claim = None
    if chosen is not None:
        claim = _claim("smaller", evidence, found, (quality, cost), chosen, lowest, paired)
    if not (candidates & found.known).any():
        return Smaller(claim)
    sure = _cheapest(savings, found, candidates & found.known & (lowest >= 0))
    perhaps = _cheapest(savings, found, candidates & found.known & (highest >= 0))
    ends = [0.0 if place is None else float(savings[place]) for place in (sure, perhaps)]
    numbers = [None if place is None else evidence.numbers[place] for place in (sure, perhaps)]
    return Smaller(claim, (ends[0], ends[1]), numbers[0], numbers[1])


def better_at_equal_cost(
    evidence: Evidence, quality: str, cost: str, paired: Mapping[str, Paired]
) -> Claim | None:
    """The best trial whose cost is within ``EQUAL_COST`` of the baseline's; None when none is better.

    Args are those of ``smaller_at_no_loss``.
    """
    found = gains(evidence, quality)
    savings = _savings(evidence, cost)
    if found is None or savings is None:
        return None
    candidates = evidence.eligible & (np.abs(savings) <= EQUAL_COST) & _others(evidence)
    places = np.flatnonzero(candidates & (found.values > 0))
    if not len(places):
        return None
    best = max(places, key=lambda place: (found.values[place], savings[place], -evidence.numbers[place]))
    return _claim("better", evidence, found, (quality, cost), int(best), found.lowest(candidates), paired)


def better_or_smaller(evidence: Evidence, quality: str, cost: str) -> Share | None:
    """The share of the students other than the baseline that cost less or are better; None when there are none."""
    found = gains(evidence, quality)
    savings = _savings(evidence, cost)
    others = _others(evidence)
    if found is None or savings is None or not others.any():
        return None
    smaller = others & evidence.eligible & (savings > 0)
    larger = others & evidence.eligible & ~(savings > 0)

    def share(better: BoolArray) -> float:
        return float((smaller | (larger & better)).sum() / others.sum())

    interval = None
    if not larger.any():
        interval = (share(larger), share(larger))
    elif found.known[larger].all():
        interval = (share(found.lowest(larger) > 0), share(found.highest_of_all(larger) > 0))
    return Share(share(found.values > 0), int(others.sum()), interval)


def counted_share(
    metrics: Sequence[Metric], columns: Columns, collapsed: BoolArray, baseline: int, quality: str, cost: str
) -> Share | None:
    """The share that ``better_or_smaller`` gives, as counted: without an interval, of any number of trials.

    Args:
        metrics: those of the specification.
        columns: optimised and constrained metrics of all completed students.
        collapsed: which of them give everything the same answer.
        baseline: place of the baseline.
        quality: name of the maximised objective.
        cost: name of the minimised objective.
    """
    others = np.all([np.isfinite(values) for values in columns.values()], axis=0)
    if not others[baseline] or columns[cost][baseline] <= 0 or others.sum() == 1:
        return None
    others[baseline] = False
    sound = others & eligible(metrics, columns) & ~collapsed
    better = columns[quality] > columns[quality][baseline]
    smaller = columns[cost] < columns[cost][baseline]
    return Share(float((sound & (better | smaller)).sum() / others.sum()), int(others.sum()), None)


def _claim(
    kind: ClaimKind,
    evidence: Evidence,
    found: Gains,
    names: tuple[str, str],
    place: int,
    lowest: FloatArray,
    paired: Mapping[str, Paired],
) -> Claim:
    quality, cost = names
    base = evidence.baseline
    assert base is not None, "gains have a baseline"
    known = bool(found.known[place])
    gain = float(found.values[place])
    seeds = evidence.spreads[quality].seeds if quality in evidence.spreads else None
    p_value = None
    if found.paired[place] and quality in paired:
        p_value = mcnemar(paired[quality], evidence.numbers[place], evidence.numbers[base])
    return Claim(
        kind=kind,
        trial=evidence.numbers[place],
        quality=quality,
        cost=cost,
        quality_value=float(evidence.points[quality][place]),
        cost_value=float(evidence.points[cost][place]),
        quality_gain=gain,
        cost_saving=float(1 - evidence.points[cost][place] / evidence.points[cost][base]),
        gain_interval=(float(lowest[place]), float(found.highest()[place])) if known else None,
        share_of_resamples=_share_at_no_loss(found, place) if known else None,
        p_value=p_value,
        paired=bool(found.paired[place]),
        seeds=seeds,
    )


def _share_at_no_loss(found: Gains, place: int) -> float:
    return float((found.values[place] + found.errors[place] * found.luck[:, place] >= 0).mean())


def _savings(evidence: Evidence, cost: str) -> FloatArray | None:
    """Share of the baseline's cost that each trial saves."""
    if evidence.baseline is None or evidence.points[cost][evidence.baseline] <= 0:
        return None
    savings: FloatArray = 1 - evidence.points[cost] / evidence.points[cost][evidence.baseline]
    return savings


def _others(evidence: Evidence) -> BoolArray:
    others = np.ones(len(evidence.numbers), dtype=bool)
    if evidence.baseline is not None:
        others[evidence.baseline] = False
    return others


def _cheapest(savings: FloatArray, found: Gains, among: BoolArray) -> int | None:
    """Place of the trial that saves most; of equal ones the better, then the earlier."""
    places = np.flatnonzero(among)
    if not len(places):
        return None
    return int(max(places, key=lambda place: (savings[place], found.values[place], -place)))
