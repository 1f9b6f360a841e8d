"""Charts of an experiment's tabs: parallel coordinates, importance, timeline, hypervolume, slices and maps."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd
import pytest

from dashboard.brushing import Axis
from dashboard.charts import parallel
from dashboard.charts.hypervolume import MARKED_POINTS, hypervolume_chart
from dashboard.charts.importance import importance_chart
from dashboard.charts.parallel import lines, parallel_chart
from dashboard.charts.slices import slice_chart, surface_chart
from dashboard.charts.timeline import timeline_chart
from dashboard.palette import DARK, LIGHT
from engine.timeline import timeline
from engine.whatif.cuts import Slice, Surface
from tests.dashboard.test_charts import TRIALS, table
from tests.engine.test_timeline import NOW, attempts

AXES = [
    Axis("n_layers", whole=True),
    Axis("schedule", choices=("linear", "noam"), is_text=True),
    Axis("rate", log=True),
    Axis("exact"),
]
MANY = table(
    status=["dominated", "frontier", "baseline", "below threshold", "failed", "frontier"],
    exact=[60.0, 70.0, 65.0, 20.0, None, None],
    n_layers=[2, 4, 6, 1, 1, 3],
    schedule=["linear", "noam", "linear", "linear", "noam", "noam"],
    rate=[1e-3, 1e-4, 1e-4, 1e-5, 1e-3, 1e-3],
)


def test_lines_go_through_measured_trials_the_important_ones_on_top() -> None:
    figure = parallel_chart(MANY, AXES, {}, LIGHT, revision="")
    found = figure.data[0]
    assert [dimension.name for dimension in found.dimensions] == ["n_layers", "schedule", "rate", "exact"]
    assert list(found.dimensions[3]["values"]) == [20.0, 60.0, 70.0, 65.0]
    assert list(found.dimensions[2]["values"]) == pytest.approx([-5.0, -3.0, -4.0, -4.0])
    assert list(found.dimensions[1].ticktext) == ["linear", "noam"]
    assert found.dimensions[3].label == "exact (%)"
    colours = [colour for _, colour in found.line.colorscale]
    assert colours == [LIGHT.below_threshold, LIGHT.dominated, LIGHT.frontier, LIGHT.baseline]
    assert list(found.line.color) == [0.0, 1.0, 2.0, 3.0]


def test_brushes_are_drawn_within_the_data() -> None:
    brushes = {"n_layers": [(3.0, float("inf"))], "exact": [(0.0, 30.0), (60.0, 65.0)], "rate": [(5.0, 6.0)]}
    dimensions = parallel_chart(MANY, AXES, brushes, LIGHT, revision="x").data[0].dimensions
    assert dimensions[0].constraintrange == (3.0, 6.0)
    assert [list(pair) for pair in dimensions[3].constraintrange] == [[20.0, 30.0], [60.0, 65.0]]
    assert dimensions[2].constraintrange is None


def test_of_very_many_trials_the_frontier_and_some_others_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "MAX_LINES", 20)
    many = table(
        status=["dominated"] * 100 + ["frontier"] * 5,
        exact=[float(n) for n in range(105)],
    )
    found = lines(many, [Axis("exact")])
    assert len(found) <= 20
    assert (found["status"] == "frontier").sum() == 5
    assert list(found["status"])[-5:] == ["frontier"] * 5
    assert found["exact"].min() == 0.0


def test_no_completed_trials_yet() -> None:
    for axes in (AXES, []):
        figure = parallel_chart(MANY[:0], axes, {}, LIGHT, revision="")
        assert "first completed trials" in figure.layout.annotations[0].text


def test_importance_is_sorted_by_the_first_metric() -> None:
    shares = {"exact": {"n_layers": 0.7, "alpha": 0.3}, "num_parameters": {"alpha": 0.0, "n_layers": 1.0}}
    figure = importance_chart(shares, DARK)
    found = {trace.name: trace for trace in figure.data}
    assert list(found) == ["parameters", "exact match"]
    assert list(found["exact match"].y) == ["alpha", "n_layers"], "bars are drawn from below"
    assert list(found["exact match"].x) == [30.0, 70.0]
    assert len({trace.marker.pattern.shape for trace in figure.data}) == 2


def test_timeline_tells_every_end_apart() -> None:
    rows = attempts(
        (1, 1, 0, 10, "finished", "completed"),
        (2, 1, 0, 5, "failed", "failed"),
        (3, 1, 5, 9, None, "queued"),
        (4, 1, 9, 11, None, "running"),
    )
    found = timeline(rows.assign(on_frontier=[True, False, False, False]), NOW)
    figure = timeline_chart(found, LIGHT, "Europe/Berlin")
    bars = {trace.name: trace for trace in figure.data}
    assert list(bars) == ["on the frontier", "failed", "lost", "running"]
    assert list(bars["failed"].x) == [300_000.0]
    assert bars["failed"].base[0].startswith("2026-01-01 01:00:00"), "in the time of the reader"
    assert list(bars["lost"].y) == [2]
    assert list(bars["running"].customdata) == [4]
    looks = {(trace.marker.color, trace.marker.pattern.shape) for trace in figure.data}
    assert len(looks) == len({shape for _, shape in looks}) == 4, "colour alone tells nothing"
    assert figure.layout.xaxis.title.text == "time (Europe/Berlin)"


def test_timeline_before_the_first_start() -> None:
    figure = timeline_chart(timeline(attempts((1, 1, 0, 1, None, "running"))[:0], NOW), LIGHT)
    assert "as trials start" in figure.layout.annotations[0].text


def test_hypervolume_against_the_training_spent() -> None:
    history = pd.DataFrame({"trial": [7, 3, 4], "hypervolume": [5.0, 5.0, 10.0], "spent": [0.5, 1.0, 2.5]})
    figure = hypervolume_chart(history, LIGHT, over_cost=True)
    assert list(figure.data[0].x) == [0.5, 1.0, 2.5]
    assert figure.layout.xaxis.title.text == "training spent (h)"
    assert "3 trials, 2 h 30 min of training" in figure.data[0].hovertext[2]


def test_long_histories_keep_the_trials_that_moved_the_frontier() -> None:
    count = 5 * MARKED_POINTS
    volumes = [float(1 + n // 100) for n in range(count)]
    history = pd.DataFrame({"trial": range(count), "hypervolume": volumes, "spent": range(count)})
    found = hypervolume_chart(history, LIGHT).data[0]
    assert len(found.x) == count // 100 + 1
    assert list(found.x)[:2] == [1, 101]
    assert found.x[-1] == count


SLICE = Slice(
    "n_layers", [1, 2, 3, 4], [50.0, 60.0, None, 70.0], [45.0, 55.0, None, 65.0], [55.0, 65.0, None, 75.0]
)


def test_a_slice_has_a_band_and_measured_points() -> None:
    figure = slice_chart(SLICE, TRIALS, "exact", {"n_layers": 3}, LIGHT)
    measured, band, line = figure.data
    assert list(measured.customdata) == [4, 5, 1, 2, 3][: len(measured.customdata)] or set(
        measured.customdata
    ) == {1, 2, 3, 4, 5}
    assert list(band.x) == [1, 2, 4, 4, 2, 1]
    assert list(band.y) == [55.0, 65.0, 75.0, 65.0, 55.0, 45.0]
    assert list(line.y) == [50.0, 60.0, None, 70.0]
    assert line.hovertext[0] == "n layers 1<br>exact match 50.0 % (45.0 to 55.0)"
    assert "no student can be built" in line.hovertext[2]
    assert figure.layout.shapes[0].x0 == 3.0
    assert figure.layout.title.text == "Exact match by n layers"


def test_what_is_known_exactly_has_no_band() -> None:
    exact = Slice("schedule", ["a", "b"], [1.0, 2.0], [1.0, 2.0], [1.0, 2.0])
    figure = slice_chart(exact, TRIALS, "num_parameters", {"schedule": "a"}, LIGHT)
    assert [trace.name for trace in figure.data] == ["measured", "predicted"]
    assert figure.layout.xaxis.type == "category"
    assert figure.data[1].hovertext[1].endswith("2, exactly")


def test_a_map_over_two_parameters() -> None:
    surface = Surface(
        ("n_layers", "rate"),
        [1, 2],
        [1e-4, 1e-3, 1e-2],
        [[1.0, 2.0, 3.0], [4.0, None, 6.0]],
        [[0.0, 1.0, 2.0], [3.0, None, 5.0]],
        [[2.0, 3.0, 4.0], [5.0, None, 7.0]],
    )
    trials = TRIALS.assign(rate=[1e-3] * len(TRIALS))
    centre = {"n_layers": 2, "rate": 1e-3}
    figure = surface_chart(surface, trials, "exact", centre, DARK, log=frozenset({"rate"}))
    contour, measured, front, here = figure.data
    assert list(contour.x) == [1e-4, 1e-3, 1e-2]
    assert contour.z[1] == (4.0, None, 6.0) or list(contour.z[1]) == [4.0, None, 6.0]
    assert contour.hovertext[1][1].endswith("no student can be built there")
    assert set(front.customdata) == {2, 3}
    assert 2 not in measured.customdata
    assert (here.x, here.y) == ((1e-3,), (2.0,))
    assert figure.layout.xaxis.type == "log"
    assert figure.layout.title.text == "Exact match over rate and n layers, as predicted"


def test_the_present_of_a_timeline_is_given() -> None:
    found = timeline(attempts((1, 1, 0, 1, None, "running")), datetime(2026, 1, 2, tzinfo=UTC))
    assert timeline_chart(found, LIGHT).data[0].x[0] == 24 * 3600 * 1000
