"""What an extraction has found so far, and the sentences about it."""

from __future__ import annotations

import pytest

from engine.extraction.coefficient import Costs, gain, w_coefficient
from engine.extraction.finding import Place, look, sentences

MAXIMUM = Costs(100.0e6, 100.0e9)
COSTS = [Costs(10e6 * (1 + n), 10e9 * (1 + n)) for n in range(9)]


def space(errors: dict[int, float], costs=COSTS) -> list[Place]:
    return [
        Place(
            number,
            {"n_layers": number + 1, "hidden_size": 64},
            cost,
            *(
                (number + 10, w_coefficient(cost, MAXIMUM, errors[number]), errors[number])
                if number in errors
                else ()
            ),
        )
        for number, cost in enumerate(costs)
    ]


def test_nothing_is_found_before_anything_is_measured() -> None:
    assert look(space({}), MAXIMUM, interval=4, known_speed=True) is None


def test_the_best_its_ranking_and_what_is_certain() -> None:
    found = look(space({0: 4.0, 4: 1.0, 8: 4.0}), MAXIMUM, interval=4, known_speed=True)
    assert found is not None
    assert [place.number for place in found.ranking] == [4, 0, 8]
    assert (found.best.number, found.best.told) == (4, "\u27e85, 64\u27e9")
    # The logarithm of the errors changes by log 4 in four places, so the fourth has an error of the root of 2 at least.
    assert found.ratio == pytest.approx(found.best.w * 2**0.5 / gain(COSTS[3], MAXIMUM))
    first, second = sentences(found)[:2]
    assert first == (
        "\u27e85, 64\u27e9 has the largest W, 0.25 (trial 14): 50 % fewer parameters (50 M) and 50 % fewer operations "
        "than the maximum point."
    )
    assert second.startswith("It has at least 98.2 % of the largest W of all")


def test_rivals_are_counted_or_excluded() -> None:
    close = look(space({0: 4.0, 4: 0.5, 8: 1.0}), MAXIMUM, interval=4, known_speed=True)
    assert close is not None
    assert close.best.number == 4
    # Between the first and the fifth every one saves more than the fifth.
    likely = [item.place for item in close.contenders if item.margin <= 0]
    assert likely == [1, 2, 3]
    assert "3 of 6 architectures left out would beat it" in sentences(close)[-1]
    assert close.space[1].told in sentences(close)[-1]
    clear = look(space({0: 0.5, 4: 4.0, 8: 4.0}), MAXIMUM, interval=4, known_speed=True)
    assert clear is not None
    assert clear.contenders[0].margin > 0
    needed = gain(COSTS[1], MAXIMUM) / clear.best.w
    assert f"{100 * (1 - needed / 0.5):.2g} % below both" in sentences(clear)[-1]


def test_nothing_is_guaranteed_where_savings_are_unknown() -> None:
    found = look(space({0: 1.0, 8: 1.0}), MAXIMUM, interval=8, known_speed=False)
    assert found is not None
    assert (found.ratio, found.contenders) == (None, ())
    assert sentences(found)[1].startswith("Nothing is guaranteed")


def test_with_everything_trained_there_is_no_more_to_say() -> None:
    found = look(space(dict.fromkeys(range(9), 1.0)), MAXIMUM, interval=1, known_speed=True)
    assert found is not None
    assert found.ratio == 1.0
    assert len(sentences(found)) == 1


def test_of_several_hyperparameter_sets_the_best_counts() -> None:
    worse, better = space({0: 4.0})[0], space({0: 2.0})[0]
    waiting = Place(0, worse.architecture, worse.costs, trial=99)
    found = look([worse, better, waiting, *space({})[1:]], MAXIMUM, interval=4, known_speed=True)
    assert found is not None
    assert len(found.space) == 9
    assert found.best == better
