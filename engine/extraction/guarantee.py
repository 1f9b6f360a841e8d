"""What can be said of an extraction without training everything: the ratio it guarantees, and who might have beaten it.

The articles claim that the algorithm is an FPTAS with a ratio of at most |1 - epsilon| for architectures with the
strong AB^nC property, trained by SGD with clipped gradients under a strongly convex loss. Their proof and its constants
are not public, and read literally the ratio only says something for an interval of 1, where everything is trained. What
is stated and tested here follows from two premises that can be looked at:

1. *Savings fall along the order*: no architecture saves more (``coefficient.gain``) than one before it. By the order
   "gain" this holds always, by "size" or "speed" where larger architectures are also slower.
2. *Errors are Lipschitz along the order*: the logarithm of the surrogate error changes by at most L from one
   architecture to the next. This is what the papers' smoothness conditions are for.

Then ``W(extracted) >= exp(-L (epsilon - 1)) W(best)``, a relative error of at most ``L |1 - epsilon|``. Proof: let the
best be at place k and let a be the last trained place up to k, so that k - a <= epsilon - 1. By 1 it saves as much as
the best, by 2 its error is at most exp(L (k - a)) times the best one's, and the extracted W is at least W(a). The floor
under errors changes nothing, since it can only bring logarithms closer together.

That bound is known beforehand. Afterwards more can be said (``certified_ratio``), and without the first premise:
savings are known of every architecture, trained or not.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from engine.extraction.coefficient import ERROR_FLOOR


def guaranteed_ratio(lipschitz: float, interval: int) -> float:
    """Least share of the best W that the extracted architecture has, 0 to 1, under the two premises of this module.

    Args:
        lipschitz: L, largest change of the error's logarithm from one place to the next, 0 or more.
        interval: epsilon.
    """
    return math.exp(-lipschitz * (interval - 1))


def log_lipschitz(errors: Mapping[int, float]) -> float:
    """The least L that fits errors at some places; with fewer places it can only come out smaller.

    Args:
        errors: surrogate errors by place in the order.
    """
    places = sorted(errors)
    return max(
        (
            abs(_logarithm(errors[after]) - _logarithm(errors[before])) / (after - before)
            for before, after in pairwise(places)
        ),
        default=0.0,
    )


def savings_fall(gains: Sequence[float]) -> bool:
    """Whether the first premise holds, for the gains of all architectures in their order."""
    return all(after <= before for before, after in pairwise(gains))


def certified_ratio(
    gains: Sequence[float], errors: Mapping[int, float], best_w: float, lipschitz: float
) -> float:
    """Least share of the best W that the extracted architecture has, 0 to 1, by all that is known after the trials.

    Under the second premise the error of an architecture that was not trained is at least
    ``error * exp(-L * distance)`` of either trained neighbour, and so its W at most its gain divided by that. Where the
    first premise holds too, this is never less than ``guaranteed_ratio``.

    Args:
        gains: of all architectures in their order.
        errors: surrogate errors of those that were trained, by place; at least one.
        best_w: the extracted one's W.
        lipschitz: L, at least ``log_lipschitz(errors)``.
    """
    ratio = 1.0
    for place, saved in enumerate(gains):
        if place not in errors and saved > 0:
            least = max(
                max(errors[near], ERROR_FLOOR) * math.exp(-lipschitz * abs(place - near))
                for near in _neighbours(errors, place)
            )
            ratio = min(ratio, best_w * max(least, ERROR_FLOOR) / saved)
    return ratio


class Contender(NamedTuple):
    """An architecture that was not trained.

    Attributes:
        place: in the order.
        margin: how far its error must lie below that of either trained neighbour for it to beat the extracted one, as
            a share of the lower of the two; 0 or less means that an error like theirs would do.
    """

    place: int
    margin: float


def contenders(gains: Sequence[float], errors: Mapping[int, float], best_w: float) -> list[Contender]:
    """Architectures that were not trained but might beat the extracted one, the likeliest first.

    This rests on no premise: savings are known of all, so that it is known which error each would need. One without
    savings is left out, for no error would do.

    Args:
        gains: of all architectures in their order.
        errors: surrogate errors of those that were trained, by place; at least one.
        best_w: the extracted one's W, above 0.
    """
    found = []
    for place, saved in enumerate(gains):
        if place not in errors and saved > 0:
            lowest = min(max(errors[near], ERROR_FLOOR) for near in _neighbours(errors, place))
            found.append(Contender(place, 1 - saved / best_w / lowest))
    return sorted(found, key=lambda contender: (contender.margin, contender.place))


def _neighbours(errors: Mapping[int, float], place: int) -> list[int]:
    """The trained places right before and after one that was not trained, as far as there are any."""
    trained = sorted(errors)
    after = bisect_left(trained, place)
    return trained[max(0, after - 1) : after + 1]


def _logarithm(error: float) -> float:
    return math.log(max(error, ERROR_FLOOR))
