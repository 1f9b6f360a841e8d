"""What an extraction has found so far: the best architecture, who might beat it, and both in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.extraction.coefficient import Costs, gain, saving
from engine.extraction.guarantee import Contender, certified_ratio, contenders, log_lipschitz
from engine.extraction.partition import Outcome, extracted
from engine.metric_words import format_value


@dataclass(frozen=True, slots=True)
class Place:
    """An architecture of the sorted space with the best that was found of it.

    Attributes:
        number: its place, from 0.
        architecture: its parameters.
        costs: its parameters and operations.
        trial: number of the trial with its largest W; None where it was not trained.
        w: that W; None before the trial is complete.
        error: the surrogate error of that trial.
    """

    number: int
    architecture: Mapping[str, int]
    costs: Costs
    trial: int | None = None
    w: float | None = None
    error: float | None = None

    @property
    def told(self) -> str:
        """The architecture as the papers write it."""
        return f"\u27e8{', '.join(str(value) for value in self.architecture.values())}\u27e9"


@dataclass(frozen=True, slots=True)
class Finding:
    """What an extraction has found so far.

    Attributes:
        space: all architectures in their order.
        maximum: parameters and operations of the maximum point.
        best: the one with the largest W.
        interval: the papers' epsilon.
        contenders: those that were not trained but might beat it, the likeliest first; none where speed is a latency,
            which is not known of them.
        lipschitz: largest change of the logarithm of the measured errors from one place to the next.
        ratio: least share of the largest W of all that the best has if that constant holds everywhere; None where
            speed is a latency, so that nothing can be said of architectures that were not trained.
    """

    space: Sequence[Place]
    maximum: Costs
    best: Place
    interval: int
    contenders: Sequence[Contender]
    lipschitz: float
    ratio: float | None

    @property
    def ranking(self) -> list[Place]:
        """Trained architectures by W, the largest first."""
        return sorted(
            (place for place in self.space if place.w is not None),
            key=lambda place: (-(place.w or 0), place.number),
        )


def best_of_each(places: Sequence[Place]) -> list[Place]:
    """One of the rows of each place: that with the largest W, where it had several hyperparameter sets."""
    best: dict[int, Place] = {}
    for place in places:
        other = best.get(place.number)
        if other is None or (place.w is not None and (other.w is None or place.w > other.w)):
            best[place.number] = place
    return [best[number] for number in sorted(best)]


def look(places: Sequence[Place], maximum: Costs, *, interval: int, known_speed: bool) -> Finding | None:
    """What was found so far; None before any architecture is measured.

    Args:
        places: all architectures, in several rows where they had several hyperparameter sets.
        maximum: parameters and operations of the maximum point.
        interval: the papers' epsilon.
        known_speed: whether the operations are the speed in W.
    """
    space = best_of_each(places)
    outcomes = [Outcome(place.number, place.costs, place.w) for place in space if place.w is not None]
    if not outcomes:
        return None
    best = space[extracted(outcomes).place]
    gains = [gain(place.costs, maximum) for place in space]
    errors = {place.number: place.error for place in space if place.error is not None}
    steepest = log_lipschitz(errors)
    return Finding(
        space,
        maximum,
        best,
        interval,
        contenders(gains, errors, best.w) if known_speed and best.w else (),
        steepest,
        certified_ratio(gains, errors, best.w or 0.0, steepest) if known_speed else None,
    )


def sentences(finding: Finding) -> list[str]:
    """The finding in words: the architecture, what is guaranteed, and who might beat it."""
    best, maximum = finding.best, finding.maximum
    smaller, fewer = (
        100 * saving(own, most) for own, most in zip(_pair(best.costs), _pair(maximum), strict=True)
    )
    size = format_value("lemma_parameters", best.costs.size)
    told = [
        f"{best.told} has the largest W, {best.w:.3g} (trial {best.trial}): {smaller:.0f} % fewer parameters ({size}) "
        f"and {fewer:.0f} % fewer operations than the maximum point."
    ]
    if finding.interval > 1:
        told += [_guarantee(finding), *_rivals(finding)]
    return told


def _guarantee(finding: Finding) -> str:
    if finding.ratio is None:
        return "Nothing is guaranteed: the latency of architectures that were not trained is not known."
    return (
        f"It has at least {100 * finding.ratio:.3g} % of the largest W of all if errors nowhere change faster along "
        "the order than where they were measured."
    )


def _rivals(finding: Finding) -> list[str]:
    if not finding.contenders:
        return []
    first = finding.contenders[0]
    named = finding.space[first.place].told
    likely = sum(contender.margin <= 0 for contender in finding.contenders)
    left_out = len(finding.contenders)
    if likely:
        return [
            f"{likely} of {left_out} architectures left out would beat it with an error like their better neighbour's, "
            f"{named} first: a smaller interval would tell."
        ]
    return [
        f"None of {left_out} architectures left out beats it unless its error is {100 * first.margin:.2g} % below both "
        f"its trained neighbours'; {named} comes closest."
    ]


def _pair(costs: Costs) -> tuple[float, float]:
    return costs.size, costs.speed
