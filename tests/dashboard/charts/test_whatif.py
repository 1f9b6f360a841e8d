"""The chart of what can be reached, over what was measured."""

from __future__ import annotations

from typing import Any

from dashboard.charts.whatif import BEST, predicted_settings, whatif_chart
from dashboard.palette import LIGHT
from engine.whatif.answer import Answer
from engine.whatif.measured import measured_front
from engine.whatif.question import Budget, Question
from tests.dashboard.whatif.answers import ANSWER, MEASURED, METRICS, TRIALS, answered


def drawn(answer: Answer = ANSWER) -> dict[str, Any]:
    figure = whatif_chart(TRIALS, answer, METRICS, LIGHT, front=measured_front(METRICS, answer, MEASURED))
    return {trace.name: trace for trace in figure.data} | {"figure": figure}


def test_every_kind_of_thing_is_drawn_once() -> None:
    assert set(drawn()) == {
        *("measured frontier", "beyond a threshold", "dominated", "frontier", "baseline"),
        *("", "90 % interval", "predicted frontier", "to ship: trial 2", "best to be counted on", "figure"),
    }


def test_the_measured_front_is_of_trials_that_count() -> None:
    assert measured_front(METRICS, ANSWER, MEASURED) == {1, 2}
    assert list(drawn()["measured frontier"].x) == [52e6, 66.4e6]
    assert measured_front(METRICS, answered(cost=None), MEASURED) == frozenset()


def test_intervals_are_drawn_as_band_and_bars() -> None:
    found = drawn()
    assert list(found[""].y) == [60.0, 69.5]
    assert list(found["90 % interval"].y) == [50.0, 62.5]
    assert found["90 % interval"].fill == "tonexty"
    best = found["best to be counted on"]
    assert (best.error_y.array[0], best.error_y.arrayminus[0]) == (3.5, 3.5)
    assert best.error_x.array is None


def test_points_say_what_they_stand_for() -> None:
    found = drawn()
    assert list(found["frontier"].customdata) == [2]
    assert list(found["predicted frontier"].customdata) == [BEST - 1, BEST - 2]
    assert "n_layers = 2" in found["predicted frontier"].hovertext[0]
    assert predicted_settings(ANSWER, BEST) == ANSWER.best.parameters if ANSWER.best else None
    assert predicted_settings(ANSWER, BEST - 1) == {"n_layers": 2, "alpha": 0.7}
    assert predicted_settings(ANSWER, BEST - 3) is None
    assert predicted_settings(ANSWER, 2) is None
    assert predicted_settings(answered(best=None), BEST) is None


def test_budgets_on_the_axes_are_lines() -> None:
    asked = Question({}, [Budget("exact", "min", 60.0), Budget("latency_ms", "max", 5.0)])
    for question, told in ((ANSWER.question, "at most 62 M"), (asked, "at least 60.0 %")):
        figure = drawn(answered(question=question))["figure"]
        assert [note.text for note in figure.layout.annotations] == [told]


def test_fixed_settings_have_no_frontier_of_their_own() -> None:
    found = drawn(answered(is_fixed=True))
    assert "these settings" in found
    assert "predicted frontier" not in found


def test_without_models_or_a_cost() -> None:
    few = drawn(answered(best=None, frontier=[], shipment=None, support=None))
    assert set(few) == {
        "measured frontier",
        "beyond a threshold",
        "dominated",
        "frontier",
        "baseline",
        "figure",
    }
    none = drawn(answered(cost=None))["figure"]
    assert not none.data
    assert "quality and a cost" in none.layout.annotations[0].text
