"""Charts as functions: what is drawn where, in which colour, under which name."""

from __future__ import annotations

import pandas as pd
import pytest

from dashboard.charts.curves import evaluation_chart, loss_chart
from dashboard.charts.frontier import WEBGL_POINTS, frontier_chart
from dashboard.charts.hypervolume import hypervolume_chart
from dashboard.charts.sparkline import sparkline
from dashboard.palette import LIGHT
from engine.metrics import Metric

METRICS = (
    Metric(name="exact", direction="maximize", threshold=38.0),
    Metric(name="num_parameters", direction="minimize"),
)


def table(**columns: list[object]) -> pd.DataFrame:
    rows = len(columns["status"])
    defaults: dict[str, list[object]] = {
        "trial": list(range(rows)),
        "role": ["student"] * rows,
        "state": ["completed"] * rows,
        "on_frontier": [status == "frontier" for status in columns["status"]],
        "progress": [1.0] * rows,
        "reason": [None] * rows,
    }
    return pd.DataFrame(defaults | columns)


TRIALS = table(
    status=[
        "reference",
        "baseline",
        "frontier",
        "frontier",
        "dominated",
        "below threshold",
        "failed",
        "running",
        "stopped",
    ],
    exact=[79.0, 80.0, 80.5, 70.0, 75.0, 20.0, None, None, None],
    num_parameters=[400.0, 400.0, 300.0, 200.0, 350.0, 100.0, None, None, None],
    n_layers=[None, 4, 3, 2, 3, 1, 1, 2, 2],
    **{"se:exact": [1.0, 1.0, 2.0, None, 1.0, 1.0, None, None, None]},
)


def traces(x: str = "num_parameters", y: str = "exact", trials: pd.DataFrame = TRIALS) -> dict[str, object]:
    figure = frontier_chart(trials, METRICS, x, y, LIGHT, parameters=["n_layers"])
    return {trace.name: trace for trace in figure.data}


def test_frontier_draws_each_meaning_in_its_colour() -> None:
    drawn = traces()
    assert set(drawn) == {
        *(
            "teacher",
            "baseline",
            "frontier",
            "dominated",
            "beyond a threshold",
            "failed",
            "waiting or running",
        ),
        "frontier line",
    }
    assert drawn["frontier"].marker.color == LIGHT.frontier
    assert drawn["baseline"].marker.symbol == "diamond"
    assert drawn["baseline"].marker.color == LIGHT.baseline
    assert drawn["beyond a threshold"].marker.symbol == "circle-open"
    assert drawn["failed"].marker.line.color == LIGHT.failed
    assert drawn["waiting or running"].marker.line.color == LIGHT.running
    assert drawn["teacher"].text.strip() == "teacher"
    assert list(drawn["frontier"].customdata) == [2, 3]


def test_frontier_names_title_and_axes() -> None:
    layout = frontier_chart(TRIALS, METRICS, "num_parameters", "exact", LIGHT).layout
    assert layout.title.text == "Exact match against parameters, one point a trial"
    assert layout.xaxis.title.text == "parameters"
    assert layout.yaxis.title.text == "exact match (%)"
    assert layout.uirevision == "num_parameters/exact"


def test_step_line_has_its_corners_at_the_better_cost() -> None:
    line = traces()["frontier line"]
    assert (list(line.x), list(line.y), line.line.shape) == ([200.0, 300.0], [70.0, 80.5], "hv")
    turned = traces("exact", "num_parameters")["frontier line"]
    assert (list(turned.x), turned.line.shape) == ([70.0, 80.5], "vh")
    assert "frontier line" not in traces("n_layers", "exact")


def test_error_bars_reach_ninety_percent() -> None:
    assert traces()["frontier"].error_y.array[0] == pytest.approx(2 * 1.6448536)
    assert traces()["dominated"].error_y.array is None


def test_trials_without_values_lie_beyond_the_data() -> None:
    drawn = traces()
    for name in ("failed", "waiting or running"):
        assert drawn[name].x[0] > 400
        assert drawn[name].y[0] < 20
    against_parameter = traces("n_layers", "exact")
    assert list(against_parameter["failed"].x) == [1.0]
    assert list(against_parameter["waiting or running"].x) == [2.0]


def test_threshold_is_a_line_near_the_data_and_words_far_away() -> None:
    near = frontier_chart(TRIALS, METRICS, "num_parameters", "exact", LIGHT).layout
    assert near.shapes[0].y0 == 38.0
    assert near.annotations[0].text == "threshold: at least 38"
    far = frontier_chart(TRIALS[TRIALS["exact"] > 60], METRICS, "num_parameters", "exact", LIGHT).layout
    assert not far.shapes
    assert "outside this view" in far.annotations[0].text


def test_hover_tells_trial_metrics_and_parameters() -> None:
    text = traces()["frontier"].hovertext[0]
    assert text.startswith("<b>trial 2</b> student, frontier")
    assert "exact match: 80.5 % (77.2 to 83.8)" in text
    assert "parameters: 300" in text
    assert "n_layers = 3" in text


def test_hover_escapes_what_trials_say() -> None:
    failed = table(status=["failed"], n_layers=[1], alpha=[0.5], reason=["<script>alert(1)</script>"])
    drawn = frontier_chart(failed, METRICS, "n_layers", "alpha", LIGHT).data
    assert "<script>" not in drawn[0].hovertext[0]


def test_no_trials_yet() -> None:
    figure = frontier_chart(TRIALS[:0], METRICS, "num_parameters", "exact", LIGHT)
    assert not figure.data
    assert "appear here" in figure.layout.annotations[0].text


def test_many_trials_are_drawn_by_the_graphics_card() -> None:
    many = WEBGL_POINTS + 1
    trials = table(status=["dominated"] * many, exact=[50.0] * many, num_parameters=[1.0] * many)
    assert traces(trials=trials)["dominated"].type == "scattergl"
    assert traces()["dominated"].type == "scatter"


def test_logarithmic_axis() -> None:
    figure = frontier_chart(
        TRIALS, METRICS, "num_parameters", "exact", LIGHT, log=frozenset({"num_parameters"})
    )
    assert figure.layout.xaxis.type == "log"
    assert figure.layout.yaxis.type is None


def test_hypervolume_is_a_share_of_the_last() -> None:
    figure = hypervolume_chart(pd.DataFrame({"trial": [2, 1, 3], "hypervolume": [1.0, 1.0, 4.0]}), LIGHT)
    assert list(figure.data[0].y) == [25.0, 25.0, 100.0]
    assert list(figure.data[0].customdata) == [2, 1, 3]
    assert list(figure.data[0].marker.color) == [LIGHT.frontier, LIGHT.dominated, LIGHT.frontier]
    assert "Hypervolume" in figure.layout.title.text
    assert not hypervolume_chart(pd.DataFrame({"trial": [1], "hypervolume": [0.0]}), LIGHT).data


def test_loss_parts() -> None:
    steps = pd.DataFrame(
        {"step": [1, 2], "loss": [2.0, 1.0], "soft_loss": [3.0, 2.0], "hard_loss": [1.0, 0.5]}
    )
    figure = loss_chart(steps, LIGHT, alpha=0.25)
    assert [trace.name for trace in figure.data] == [
        "against the teacher \u00d7 0.25",
        "against the labels \u00d7 0.75",
        "loss",
    ]
    assert figure.layout.xaxis.title.text == "optimiser steps"
    assert not loss_chart(steps[:0], LIGHT).data


def test_evaluations_in_parts() -> None:
    rows = [
        (4, "exact", 60.0, 1.0),
        (4, "HasAns_exact", 50.0, 1.0),
        (4, "NoAns_exact", 70.0, 1.0),
        (4, "f1", 61.0, 1.0),
    ]
    frame = pd.DataFrame(rows, columns=["step", "name", "value", "standard_error"])
    figure = evaluation_chart(frame, "exact", LIGHT, threshold=38.0)
    assert [trace.name for trace in figure.data] == [
        "answerable questions",
        "unanswerable questions",
        "all questions",
    ]
    assert figure.layout.yaxis.title.text == "exact match (%)"
    assert figure.layout.shapes[0].y0 == 38.0
    assert not evaluation_chart(frame[:0], "exact", LIGHT).data


def test_sparkline() -> None:
    picture = sparkline([(1.0, 1.0, "frontier"), (2.0, 0.5, "dominated"), (1.5, 0.7, "baseline")], LIGHT)
    assert picture.count("<circle") == 3
    assert picture.index(LIGHT.dominated) < picture.index(LIGHT.frontier)
    assert sparkline([], LIGHT).count("<circle") == 0
