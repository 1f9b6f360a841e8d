"""Every architecture of an extraction as a table, and its charts."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.charts.extraction import MOST_LINES, order_chart, space_chart
from dashboard.extraction.candidates import (
    MOST_LEFT_OUT,
    architecture_words,
    candidates_frame,
    drawn,
    ranking_frame,
)
from dashboard.palette import LIGHT
from engine.extraction.coefficient import Costs
from engine.extraction.finding import Place, look
from storage.extraction import CandidateRow, FoundRow

MAXIMUM = Costs(1000.0, 100.0)


def row(
    place: int, size: int, *, chosen: bool = False, trial: int | None = None, w: float | None = None
) -> FoundRow:
    candidate = CandidateRow(place, {"n_layers": place, "n_heads": 4}, size, size // 10, chosen)
    return FoundRow(candidate, trial, w, None if w is None else 2.0)


ROWS = [
    row(0, 200, chosen=True, trial=1, w=0.2),
    row(1, 300),
    row(2, 400, chosen=True, trial=2, w=0.3),
    row(2, 400, chosen=True, trial=4, w=0.1),
    row(3, 500),
    row(4, 600, chosen=True, trial=3),
]


def test_one_row_an_architecture_with_its_largest_w() -> None:
    found = candidates_frame(ROWS, MAXIMUM)
    assert found["place"].tolist() == [1, 2, 3, 4, 5]
    assert found["w"].tolist()[:3:2] == [0.2, 0.3]
    assert found["trial"].tolist()[2] == 2
    assert found["chosen"].tolist() == [True, False, True, False, True]
    assert found["gain"].tolist() == pytest.approx([0.64, 0.49, 0.36, 0.25, 0.16])
    assert found["architecture"].tolist()[0] == "\u27e80, 4\u27e9" == architecture_words([0, 4])
    assert candidates_frame(ROWS, None)["gain"].isna().all()
    assert candidates_frame([], None).empty


def test_of_very_many_left_out_a_sample_is_drawn() -> None:
    many = candidates_frame(
        [row(place, place, chosen=place % 10 == 0) for place in range(2 * MOST_LEFT_OUT)], None
    )
    kept = drawn(many)
    assert kept["chosen"].sum() == many["chosen"].sum()
    assert (~kept["chosen"]).sum() == MOST_LEFT_OUT
    assert kept["place"].is_monotonic_increasing
    few = candidates_frame(ROWS, None)
    assert drawn(few) is few


def traces(figure: Any) -> dict[str, Any]:
    return {trace.name: trace for trace in figure.data}


def test_the_map_marks_what_was_chosen_trained_and_extracted() -> None:
    found = traces(space_chart(candidates_frame(ROWS, MAXIMUM), LIGHT))
    assert set(found) == {"left out", "chosen, not measured yet", "trained", "extracted"}
    assert list(found["trained"].customdata) == [1, 2]
    # Size says the same as colour.
    assert list(found["trained"].marker.size) == [7.0, 20.0]
    assert list(found["trained"].marker.color) == [0.2, 0.3]
    assert (found["extracted"].x[0], found["extracted"].y[0]) == (400.0, 40.0)
    assert "W 0.3, surrogate error 2 nats, trial 2" in found["trained"].hovertext[1]
    assert "saves 49 %" in found["left out"].hovertext[0]


def test_the_order_shows_the_partition() -> None:
    figure = order_chart(candidates_frame(ROWS, MAXIMUM), LIGHT)
    assert list(traces(figure)["trained"].x) == [1, 3]
    assert [shape.x0 for shape in figure.layout.shapes] == [1, 3, 5]
    rows = [row(place, place + 1, chosen=True, trial=place, w=0.1) for place in range(MOST_LINES + 1)]
    assert not order_chart(candidates_frame(rows, MAXIMUM), LIGHT).layout.shapes


def test_charts_before_anything_is_measured() -> None:
    nothing = candidates_frame([], None)
    assert "when the experiment starts" in space_chart(nothing, LIGHT).layout.annotations[0].text
    waiting = candidates_frame([row(0, 5, chosen=True)], None)
    assert set(traces(space_chart(waiting, LIGHT))) == {"chosen, not measured yet"}
    assert "appears here" in order_chart(waiting, LIGHT).layout.annotations[0].text


def test_the_ranking_says_what_is_saved() -> None:
    places = [
        Place(place, {"n_layers": place}, Costs(float(size), size / 10), trial, w, 2.0)
        for place, size, trial, w in ((0, 200, 1, 0.2), (1, 400, 2, 0.3))
    ]
    found = look(places, MAXIMUM, interval=1, known_speed=True)
    assert found is not None
    frame = ranking_frame(found)
    assert frame["W"].tolist() == ["0.3", "0.2"]
    assert frame["saves"].tolist() == ["36 %", "64 %"]
    assert frame["trial"].tolist() == [2, 1]
    assert len(ranking_frame(found, 1)) == 1
