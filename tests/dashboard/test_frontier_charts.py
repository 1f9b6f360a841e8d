"""What the frontier's charts add to the points: how sure they are, what is new, published models, a third axis."""

from __future__ import annotations

import pandas as pd
import pytest

from dashboard.charts.frontier import HOVER_POINTS, frontier_chart
from dashboard.charts.frontier3d import frontier_chart_3d
from dashboard.charts.references import fit
from dashboard.palette import DARK, LIGHT
from engine.published import Published
from tests.dashboard.test_charts import METRICS, TRIALS, table

SURE = TRIALS.assign(frontier_share=[None, 0.4, 1.0, 0.5, 0.3, 0.0, None, None, None])
FAR = Published("large", ("squad_v2",), {"exact": 90.0, "num_parameters": 4e9}, "an article", "another set")
NEAR = Published("near", ("squad_v2",), {"exact": 82.0, "num_parameters": 410.0}, "an <article>")


def traces(trials: pd.DataFrame = SURE, **more: object) -> dict[str, object]:
    figure = frontier_chart(trials, METRICS, "num_parameters", "exact", LIGHT, **more)
    return {trace.name: trace for trace in figure.data}


def test_the_less_sure_a_point_of_the_frontier_the_paler_it_is() -> None:
    fills = traces()["frontier"].marker.color
    opacities = [float(fill.rstrip(")").rpartition(",")[2]) for fill in fills]
    assert opacities == pytest.approx([1.0, 0.65])
    assert traces()["frontier"].marker.line.color == LIGHT.frontier, "the edge tells what it is"
    assert traces(TRIALS)["frontier"].marker.color == LIGHT.frontier


def test_a_dominated_trial_that_may_belong_there_is_told_apart() -> None:
    more = pd.concat([SURE, SURE[SURE["status"] == "dominated"].assign(trial=20, frontier_share=0.0)])
    found = traces(more)
    assert list(found["dominated"].customdata) == [20]
    assert list(found["undecided"].customdata) == [4]
    assert found["undecided"].marker.line.color == LIGHT.frontier
    assert found["undecided"].marker.color == LIGHT.dominated
    assert "undecided" not in traces(TRIALS)


def test_probability_is_told_under_the_pointer() -> None:
    assert "on the frontier in 50 % of resamples" in traces()["frontier"].hovertext[1]
    assert "resamples" not in traces()["beyond a threshold"].hovertext[0]


def test_very_many_points_are_told_by_the_browser() -> None:
    count = HOVER_POINTS + 1
    many = table(
        status=["dominated"] * count, exact=[50.0] * count, num_parameters=[float(n) for n in range(count)]
    )
    found = traces(many)["dominated"]
    assert found.hovertext is None
    assert found.hovertemplate == (
        "<b>trial %{customdata}</b>, dominated<br>exact match: %{y:.1f} %<br>parameters: %{x:.3~s}<extra></extra>"
    )


def test_new_trials_are_ringed() -> None:
    ring = traces(new=[3, 4, 8])["new"]
    assert list(ring.x) == [200.0, 350.0], "the stopped one is not drawn"
    assert ring.marker.symbol == "circle-open"
    assert "new" not in traces()


def test_published_models_are_triangles_with_their_source() -> None:
    found = traces(published=[NEAR])["published"]
    assert (list(found.x), list(found.y)) == ([410.0], [82.0])
    assert found.marker.symbol == "triangle-down-open"
    assert found.text[0].strip() == "near"
    assert found.hovertext[0].endswith("an &lt;article&gt;")
    assert list(found.textposition) == ["middle left"], "its label has no room at the right end"


def test_published_models_fit_where_they_squash_nothing() -> None:
    assert fit([NEAR], SURE, "num_parameters", "exact")
    assert not fit([NEAR, FAR], SURE, "num_parameters", "exact")
    assert not fit([NEAR], SURE[:0], "num_parameters", "exact")


def test_three_axes() -> None:
    trials = SURE.assign(latency_ms=[None, 5.0, 4.0, 3.0, 4.5, 2.0, None, None, None])
    figure = frontier_chart_3d(trials, METRICS, ("num_parameters", "latency_ms", "exact"), DARK, new=[2])
    found = {trace.name: trace for trace in figure.data}
    assert set(found) == {"new", "beyond a threshold", "undecided", "frontier", "baseline"}
    assert {trace.type for trace in figure.data} == {"scatter3d"}
    assert (list(found["frontier"].z), list(found["frontier"].y)) == ([80.5, 70.0], [4.0, 3.0])
    assert list(found["frontier"].customdata) == [2, 3]
    assert found["baseline"].marker.symbol == "diamond"
    assert found["beyond a threshold"].marker.symbol == "circle-open"
    scene = figure.layout.scene
    assert scene.zaxis.title.text == "exact match (%)"
    assert scene.yaxis.title.text == "latency (ms)"
    assert figure.layout.title.text == "Exact match over parameters and latency, one point a trial"
    assert figure.layout.uirevision == "num_parameters/latency_ms/exact"


def test_three_axes_without_a_trial() -> None:
    figure = frontier_chart_3d(TRIALS, METRICS, ("num_parameters", "latency_ms", "exact"), DARK)
    assert not figure.data
    assert "all three figures" in figure.layout.annotations[0].text
