"""Results of queries as charts: a sensible first picture, what was asked for, and nothing that cannot be drawn."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from dashboard.charts.query import GROUPS, OTHERS, query_chart
from dashboard.palette import LIGHT
from dashboard.query_charts import ChartChoice, chart_choice, numbers
from dashboard.query_runs import rows_to_show

FRONTIER = pd.DataFrame(
    {
        "trial": [1, 2, 3],
        "exact": [80.0, 81.5, None],
        "num_parameters": [4e5, 3e5, 2e5],
        "role": ["a", "b", "b"],
    }
)


def choice(frame: pd.DataFrame, **asked: str) -> ChartChoice | None:
    return chart_choice(frame, ChartChoice(**asked))


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (FRONTIER, ChartChoice("scatter", "num_parameters", "exact")),
        (FRONTIER[["trial", "exact"]], ChartChoice("bar", "trial", "exact")),
        (pd.DataFrame({"n_layers": [1, 2], "best": [3.0, 4.0]}), ChartChoice("scatter", "best", "n_layers")),
        (
            pd.DataFrame({"state": ["failed", "done"], "trials": [3, 4]}),
            ChartChoice("bar", "state", "trials"),
        ),
        (pd.DataFrame({"step": [1, 2], "loss": [3.0, 4.0]}), ChartChoice("line", "step", "loss")),
        (
            pd.DataFrame({"finished_at": pd.to_datetime(["2026-01-01", "2026-01-02"]), "exact": [1.0, 2.0]}),
            ChartChoice("line", "finished_at", "exact"),
        ),
        (pd.DataFrame({"loss": [3.0, 4.0]}), ChartChoice("histogram", "loss")),
        (pd.DataFrame({"name": ["a"]}), None),
        (pd.DataFrame({"loss": []}), None),
        (pd.DataFrame({"tags": [["a"], ["b"]], "count": [1, 2]}), ChartChoice("histogram", "count")),
    ],
)
def test_the_first_picture(frame: pd.DataFrame, expected: ChartChoice | None) -> None:
    assert choice(frame) == expected


def test_what_is_asked_for_counts_as_far_as_the_result_has_it() -> None:
    asked = ChartChoice("line", "trial", "exact", "role")
    assert chart_choice(FRONTIER, asked) == asked
    assert choice(FRONTIER, kind="pie", x="gone", y="gone", colour="gone") == choice(FRONTIER)
    assert choice(FRONTIER, x="role") == ChartChoice("bar", "role", "exact")
    assert choice(FRONTIER, y="role") == choice(FRONTIER)
    assert choice(FRONTIER, kind="histogram", y="exact") == ChartChoice("histogram", "num_parameters")
    assert numbers(FRONTIER) == ["exact", "num_parameters", "trial"]


def test_settings_go_through_the_address() -> None:
    asked = ChartChoice("line", "trial", "exact")
    assert asked.settings() == {"kind": "line", "x": "trial", "y": "exact"}
    assert ChartChoice.of({**asked.settings(), "q": "SELECT 1"}) == asked


@pytest.mark.parametrize("kind", ["scatter", "line", "bar", "histogram"])
@pytest.mark.parametrize("colour", ["", "role", "num_parameters"])
@pytest.mark.parametrize("x", ["trial", "role", "num_parameters"])
def test_every_kind_is_drawn_and_named(kind: str, colour: str, x: str) -> None:
    found = choice(FRONTIER, kind=kind, x=x, colour=colour)
    assert found is not None
    drawn = json.loads(query_chart(FRONTIER, found, LIGHT).to_json())
    assert drawn["layout"]["title"]["text"]
    assert drawn["layout"]["xaxis"]["title"]["text"]
    assert drawn["layout"]["yaxis"]["title"]["text"]
    assert sum(len(trace["x"]) for trace in drawn["data"]) == len(FRONTIER)


def test_lines_go_from_left_to_right() -> None:
    frame = pd.DataFrame({"step": [3, 1, 2], "loss": [1.0, 3.0, 2.0]})
    drawn = query_chart(frame, ChartChoice("line", "step", "loss"), LIGHT)
    assert list(drawn.data[0].x) == [1, 2, 3]
    assert list(drawn.data[0].y) == [3.0, 2.0, 1.0]


def test_many_words_share_a_colour_and_many_numbers_a_scale() -> None:
    frame = pd.DataFrame(
        {"a": range(30), "b": range(30), "name": [f"n{i % 15}" for i in range(30)], "size": range(30)}
    )
    drawn = query_chart(frame, ChartChoice("scatter", "a", "b", "name"), LIGHT)
    assert len(drawn.data) == GROUPS
    assert drawn.data[-1].name == OTHERS
    assert sum(len(trace.x) for trace in drawn.data) == 30
    drawn = query_chart(frame, ChartChoice("scatter", "a", "b", "size"), LIGHT)
    assert len(drawn.data) == 1
    assert list(drawn.data[0].marker.color) == list(range(30))


def test_a_table_is_cut_to_what_may_be_sent() -> None:
    frame = pd.DataFrame({"x": range(1000)})
    assert rows_to_show(frame) == 1000
    assert rows_to_show(frame, most=800) == 100
    assert rows_to_show(pd.DataFrame({"t": ["x" * 10_000]}), most=10) == 1
