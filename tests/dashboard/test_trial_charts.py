"""Charts of a trial and of trials side by side: what is drawn, how it is told apart, and what empty ones say."""

from __future__ import annotations

import pandas as pd
import pytest

from dashboard.charts.confusions import confusions_chart
from dashboard.charts.curves import BAND, evaluation_chart, is_near, loss_chart
from dashboard.charts.layout import faint
from dashboard.charts.overlay import overlay_chart
from dashboard.charts.rates import rate_chart
from dashboard.charts.resources import busy_chart, memory_chart, time_axis
from dashboard.charts.series import DASHES, GLYPHS, SYMBOLS, headings, series
from dashboard.charts.side_by_side import frontiers_chart, growth_chart
from dashboard.charts.single_evaluation import single_evaluation_chart
from dashboard.charts.topics import MOST, topics_chart
from dashboard.loss_parts import loss_parts
from dashboard.palette import DARK, LIGHT
from engine.metrics import Metric

STRETCHES = pd.DataFrame(
    {
        "step": [50, 100],
        "loss": [2.0, 1.0],
        "loss_low": [1.0, 0.5],
        "loss_high": [4.0, 1.5],
        "steps": [50, 50],
        "learning_rate": [1e-3, 5e-4],
        "examples_per_second": [100.0, None],
    }
)


def names(figure: object) -> list[str]:
    return [trace.name for trace in figure.data]  # type: ignore[attr-defined]


def test_means_have_their_spread_behind_them() -> None:
    figure = loss_chart(STRETCHES, loss_parts("span", None), LIGHT)
    assert names(figure) == [BAND, BAND, "loss"]
    assert [list(trace.y) for trace in figure.data[:2]] == [[1.0, 0.5], [4.0, 1.5]]
    assert figure.data[1].fill == "tonexty"
    every_step = loss_chart(STRETCHES.assign(steps=1), loss_parts("span", None), LIGHT)
    assert names(every_step) == ["loss"]


def test_rates() -> None:
    figure = rate_chart(STRETCHES, "examples_per_second", LIGHT)
    assert list(figure.data[0].x) == [50]
    assert figure.layout.yaxis.title.text == "examples a second"
    assert not rate_chart(STRETCHES.assign(learning_rate=None), "learning_rate", LIGHT).data


def evaluations(*rows: tuple[int, str, float]) -> pd.DataFrame:
    return pd.DataFrame([(*row, 2.0) for row in rows], columns=["step", "name", "value", "standard_error"])


def test_a_collapse_is_crossed_out_where_it_happened() -> None:
    frame = evaluations((4, "exact", 60.0), (8, "exact", 33.0), (4, "collapsed", 0.0), (8, "collapsed", 1.0))
    figure = evaluation_chart(frame, "exact", LIGHT)
    crossed = figure.data[-1]
    assert (crossed.name, list(crossed.x), list(crossed.y)) == ("collapsed", [8], [33.0])
    assert crossed.marker.line.color == LIGHT.failed
    assert figure.layout.showlegend
    assert names(evaluation_chart(frame[:3], "exact", LIGHT)) == ["exact match"]


def test_only_near_levels_are_drawn() -> None:
    frame = evaluations((4, "exact", 78.0), (8, "exact", 80.0))
    figure = evaluation_chart(frame, "exact", LIGHT, threshold=38.0, references={"teacher": 81.0})
    assert [
        (shape.y0, note.text)
        for shape, note in zip(figure.layout.shapes, figure.layout.annotations, strict=True)
    ] == [(81.0, "teacher")]
    values = pd.Series([78.0, 80.0])
    assert is_near(60.0, values)
    assert not is_near(50.0, values)
    assert is_near(0.0, pd.Series([5.0, 60.0]))


def test_one_evaluation_is_no_lone_point() -> None:
    frame = evaluations((40, "exact", 80.0), (40, "HasAns_exact", 75.0), (40, "NoAns_exact", 85.0))
    references = {"teacher": {"exact": 82.0}, "baseline": {"exact": 79.0, "NoAns_exact": 80.0}}
    metrics = ["exact", "HasAns_exact", "NoAns_exact"]
    figure = single_evaluation_chart(frame, metrics, LIGHT, threshold=38.0, references=references)
    assert names(figure) == ["teacher", "baseline", "this trial"]
    own = figure.data[-1]
    assert list(own.y) == ["exact match", "answerable questions", "unanswerable questions"]
    assert list(own.text) == ["80.0 %", "75.0 %", "85.0 %"]
    assert own.error_x.array[0] == pytest.approx(2 * 1.6448536)
    assert list(figure.data[1].x) == [79.0, 80.0]
    assert "at its only evaluation, after 40 steps" in figure.layout.title.text
    assert figure.layout.shapes[0].x0 == 38.0


def looks(gpu: float | None = None) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "seconds": [1.0, 300.0],
            "attempt": [1, 1],
            "cpu_percent": [90.0, 180.0],
            "memory_mb": [500.0, 1500.0],
            "gpu_percent": [gpu, gpu],
            "gpu_memory_mb": [gpu, gpu],
        }
    )


def test_resources_have_lines_for_what_there_is() -> None:
    alone = busy_chart(looks(), LIGHT)
    assert (names(alone), alone.layout.showlegend) == (["processor"], False)
    assert names(busy_chart(looks(50.0), LIGHT)) == ["processor", "graphics card"]
    assert list(memory_chart(looks(), LIGHT).data[0].y) == [0.5, 1.5]
    assert list(alone.data[0].x) == [1 / 60, 5.0]
    assert alone.layout.xaxis.title.text == "minutes since the trial started"
    assert not busy_chart(looks()[:0], LIGHT).data


@pytest.mark.parametrize(("longest", "unit"), [(90.0, "seconds"), (240.0, "minutes"), (7200.0, "hours")])
def test_time_has_a_fitting_unit(longest: float, unit: str) -> None:
    times, found = time_axis(pd.Series([0.0, longest]))
    assert found == unit
    assert times.iloc[-1] == longest / {"seconds": 1, "minutes": 60, "hours": 3600}[unit]


def topics(count: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "topic": [f"topic {n}" for n in range(count - 1)] + ["x" * 80],
            "examples": 20,
            "errors": 5,
            "error_share": 0.25,
            "teacher_error_share": [0.1] * count,
        }
    )


def test_topics_with_the_teacher_beside() -> None:
    figure = topics_chart(topics(3), "topic", LIGHT)
    assert names(figure) == ["this trial", "teacher"]
    assert list(figure.data[0].x) == [25.0] * 3
    assert list(figure.data[0].text) == ["5 of 20"] * 3
    assert list(figure.data[0].customdata) == [0, 1, 2]
    assert len(figure.data[0].y[-1]) < 45
    assert len(topics_chart(topics(100), "topic", LIGHT).data[0].y) == MOST
    alone = topics(3).assign(teacher_error_share=None)
    assert names(topics_chart(alone, "topic", LIGHT)) == ["this trial"]
    assert not topics_chart(topics(3).assign(error_share=None), "topic", LIGHT).data


def test_confusions_are_shares_of_each_right_label() -> None:
    rows = [("yes", "yes", 3), ("yes", "no", 1), ("no", "no", 4)]
    figure = confusions_chart(pd.DataFrame(rows, columns=["gold", "answer", "examples"]), DARK)
    cells = figure.data[0]
    assert list(cells.y) == ["no", "yes"]
    assert list(cells.x) == ["no", "yes"]
    assert [list(row) for row in cells.z] == [[100.0, 0.0], [25.0, 75.0]]
    assert cells.text[1][0] == "25 %<br>1"


def test_series_differ_in_more_than_colour() -> None:
    styles = [series(place, LIGHT) for place in range(8)]
    for kind in zip(*styles, strict=True):
        assert len(set(kind)) == 8
    assert (len(set(DASHES)), len(set(SYMBOLS)), len(set(GLYPHS))) == (8, 8, 8)
    assert series(8, LIGHT) == styles[0]
    assert headings(["a/1", "a/2"]) == ["\u25cf a/1", "\u25a0 a/2"]
    assert faint("#102030", 0.5) == "rgba(16, 32, 48, 0.5)"


def curves(**more: list[float | None]) -> pd.DataFrame:
    columns: dict[str, list[object]] = {
        "name": ["a/2", "a/2", "a/1"],
        "step": [10, 20, 10],
        "epoch": [1.0, 2.0, None],
        "seconds": [0.0, 600.0, 0.0],
        "value": [50.0, 60.0, 40.0],
    }
    return pd.DataFrame(columns | more)


def test_overlaid_curves_keep_the_style_of_their_place() -> None:
    figure = overlay_chart(curves(), ["a/1", "a/2", "a/3"], "exact", LIGHT)
    assert names(figure) == ["a/1", "a/2"]
    assert [trace.line.dash for trace in figure.data] == ["solid", "dash"]
    assert [trace.marker.symbol for trace in figure.data] == ["circle", "square"]
    assert figure.data[1].line.color == LIGHT.series[1]
    assert figure.layout.yaxis.title.text == "exact match (%)"
    over_time = overlay_chart(curves(), ["a/1", "a/2"], "exact", LIGHT, over="seconds")
    assert list(over_time.data[1].x) == [0.0, 10.0]
    assert over_time.layout.xaxis.title.text == "minutes since the first step"
    assert names(overlay_chart(curves(), ["a/1", "a/2"], "exact", LIGHT, over="epoch")) == ["a/2"]
    assert not overlay_chart(curves()[:0], ["a/1"], "loss", LIGHT).data


def test_overlaid_evaluations_have_their_intervals_behind_them() -> None:
    figure = overlay_chart(curves(standard_error=[1.0, 2.0, None]), ["a/1", "a/2"], "exact", LIGHT)
    assert names(figure) == ["a/1", "interval of a/2", "a/2"]
    area = figure.data[1]
    assert (area.mode, area.showlegend) == ("lines", False)
    assert list(area.y) == pytest.approx([51.645, 63.29, 56.71, 48.355], abs=0.01)


COST = Metric(name="num_parameters", direction="minimize")
QUALITY = Metric(name="exact", direction="maximize")


def test_frontiers_over_one_another() -> None:
    fronts = pd.DataFrame(
        {
            "experiment": ["b", "a", "a", "b"],
            "number": [7, 2, 1, 8],
            "x": [3e6, 2e6, 1e6, 4e6],
            "y": [70.0, 60.0, 50.0, 75.0],
            "joined": [False, True, True, False],
        }
    )
    figure = frontiers_chart(fronts, ["a", "b"], COST, QUALITY, LIGHT)
    first, second = figure.data
    assert (list(first.x), list(first.customdata), first.mode) == ([1e6, 2e6], [2, 1], "lines+markers")
    assert first.line.shape == "hv"
    assert (second.mode, list(second.customdata)) == ("markers", [0, 3])
    assert "a/1" in first.text[0]
    assert "parameters" in figure.layout.xaxis.title.text
    assert not frontiers_chart(fronts[:0], ["a"], COST, QUALITY, LIGHT).data


def test_growth_in_steps() -> None:
    grown = pd.DataFrame({"experiment": ["a", "a", "b"], "trials": [1, 9, 4], "value": [50.0, 100.0, 70.0]})
    figure = growth_chart(grown, ["a", "b", "c"], "Best so far", "exact match (%)", LIGHT)
    assert names(figure) == ["a", "b"]
    assert figure.data[0].line.shape == "hv"
    assert not growth_chart(grown[:0], ["a"], "Best so far", "exact match (%)", LIGHT).data
