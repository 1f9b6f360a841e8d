"""Charts as functions: what is drawn where, in which colour, under which name."""

from __future__ import annotations

import pandas as pd
import pytest

from dashboard.charts.curves import evaluation_chart, loss_chart
from dashboard.charts.frontier import WEBGL_POINTS, frontier_chart
from dashboard.charts.hypervolume import hypervolume_chart
from dashboard.charts.pretraining import pretraining_chart
from dashboard.charts.sparkline import sparkline
from dashboard.loss_parts import loss_parts
from dashboard.palette import LIGHT
from engine.distill.hyperparameters import Hyperparameters
from engine.metrics import Metric
from engine.tasks.interface import Head

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
    front = [(70.0, 2.0), (60.0, 1.0)]
    trials = table(
        status=["frontier"] * 2 + ["dominated"] * many,
        exact=[exact for exact, _ in front] + [50.0] * many,
        num_parameters=[size for _, size in front] + [3.0] * many,
    )
    # All of them: what the card draws hides what it does not draw.
    assert {trace.type for trace in traces(trials=trials).values()} == {"scattergl"}
    assert set(traces(trials=trials)) == {"frontier line", "dominated", "frontier"}
    assert traces()["dominated"].type == "scatter"


def test_logarithmic_axis() -> None:
    figure = frontier_chart(
        TRIALS, METRICS, "num_parameters", "exact", LIGHT, log=frozenset({"num_parameters"})
    )
    assert figure.layout.xaxis.type == "log"
    assert figure.layout.yaxis.type is None


def test_a_single_value_has_room_beside_it() -> None:
    axis = frontier_chart(TRIALS[1:2], METRICS, "num_parameters", "exact", LIGHT).layout.xaxis
    assert list(axis.range) == [pytest.approx(372.0), pytest.approx(428.0)]
    assert frontier_chart(TRIALS, METRICS, "num_parameters", "exact", LIGHT).layout.xaxis.range is None


def test_words_stand_in_the_order_of_the_trials() -> None:
    trials = TRIALS.assign(method=["none", "mlm", "bort", "mlm", "distil", "mlm", "bort", "distil", "mlm"])
    axis = frontier_chart(trials[1:], METRICS, "method", "exact", LIGHT).layout.xaxis
    assert axis.type == "category"
    assert list(axis.categoryarray) == ["mlm", "bort", "distil"]
    assert (
        frontier_chart(TRIALS, METRICS, "num_parameters", "exact", LIGHT).layout.xaxis.exponentformat == "SI"
    )


def test_hypervolume_is_a_share_of_the_last() -> None:
    history = pd.DataFrame({"trial": [2, 1, 3], "hypervolume": [1.0, 1.0, 4.0], "spent": [0.1, 0.2, 0.3]})
    figure = hypervolume_chart(history, LIGHT)
    assert list(figure.data[0].y) == [25.0, 25.0, 100.0]
    assert list(figure.data[0].customdata) == [2, 1, 3]
    assert list(figure.data[0].marker.color) == [LIGHT.frontier, LIGHT.dominated, LIGHT.frontier]
    assert "Hypervolume" in figure.layout.title.text
    assert not hypervolume_chart(pd.DataFrame({"trial": [1], "hypervolume": [0.0]}), LIGHT).data


LOSSES = pd.DataFrame(
    {
        "step": [1, 2],
        "loss": [2.0, 1.0],
        "soft_loss": [3.0, 2.0],
        "hard_loss": [1.0, 0.5],
        "cosine_loss": [None, 0.25],
        "hidden_loss": [None, None],
        "attention_loss": [None, None],
    }
)


def drawn_losses(head: Head, settings: Hyperparameters | None, steps: pd.DataFrame = LOSSES) -> list[str]:
    return [trace.name for trace in loss_chart(steps, loss_parts(head, settings), LIGHT).data]


def test_loss_has_the_parts_that_were_there_with_their_weights() -> None:
    settings = Hyperparameters(alpha=0.25, alpha_cos=0.5)
    assert drawn_losses("span", settings) == [
        "against the teacher \u00d7 0.25",
        "against the labels \u00d7 0.75",
        "cosine of last states \u00d7 0.5",
        "loss",
    ]
    assert drawn_losses("span", None)[0] == "against the teacher"
    assert loss_chart(LOSSES, loss_parts("span", None), LIGHT).layout.xaxis.title.text == "optimiser steps"
    assert not drawn_losses("span", settings, LOSSES[:0])


@pytest.mark.parametrize(
    ("settings", "soft", "hard", "cosine"),
    [
        (Hyperparameters(method="distilbert", alpha=0.9), "5", "2", "1"),
        (Hyperparameters(method="bort"), "0.5", "0.1", "0"),
        (Hyperparameters(method="custom", alpha_ce=3.0, alpha_mlm=1.5, alpha_cos=0.7), "3", "1.5", "0.7"),
    ],
)
def test_weights_of_pretraining_are_those_of_its_method(
    settings: Hyperparameters, soft: str, hard: str, cosine: str
) -> None:
    assert drawn_losses("masked_lm", settings) == [
        f"against the teacher \u00d7 {soft}",
        f"against the hidden words \u00d7 {hard}",
        f"cosine of last states \u00d7 {cosine}",
        "loss",
    ]


def test_a_loss_of_one_part_is_drawn_once() -> None:
    alone = LOSSES.assign(soft_loss=None, cosine_loss=None)
    assert drawn_losses("sequence", Hyperparameters(alpha=0.0), alone) == ["loss"]
    assert drawn_losses("sequence", Hyperparameters(alpha=0.5), alone) == [
        "against the labels \u00d7 0.5",
        "loss",
    ]


def test_evaluations_in_parts() -> None:
    rows = [
        (4, "exact", 60.0, 1.0),
        (4, "HasAns_exact", 50.0, 1.0),
        (4, "NoAns_exact", 70.0, 1.0),
        (4, "f1", 61.0, 1.0),
    ]
    frame = pd.DataFrame(rows, columns=["step", "name", "value", "standard_error"])
    parts = ["HasAns_exact", "NoAns_exact", "best_exact"]
    figure = evaluation_chart(frame, "exact", LIGHT, beside=parts, threshold=45.0)
    assert [trace.name for trace in figure.data] == [
        "answerable questions",
        "unanswerable questions",
        "exact match",
    ]
    assert figure.data[2].error_y.array[0] == pytest.approx(1.6448536)
    assert figure.data[0].error_y.array is None
    assert figure.layout.yaxis.title.text == "exact match (%)"
    assert figure.layout.shapes[0].y0 == 45.0
    assert not evaluation_chart(frame[:0], "exact", LIGHT).data


def test_evaluations_over_what_they_cost() -> None:
    rows = [(4, "accuracy", 60.0, 1.0), (4, "train_flops", 2e12, None), (8, "accuracy", 70.0, None)]
    frame = pd.DataFrame(
        [*rows, (8, "train_flops", 4e12, None)], columns=["step", "name", "value", "standard_error"]
    )
    figure = evaluation_chart(frame, "accuracy", LIGHT, over="train_flops")
    assert list(figure.data[0].x) == [2e12, 4e12]
    assert list(figure.data[0].y) == [60.0, 70.0]
    assert figure.layout.xaxis.title.text == "operations of training (FLOPs)"
    assert not evaluation_chart(frame, "accuracy", LIGHT, over="train_tokens").data


def test_pretraining_has_a_line_a_trial_and_a_name_a_method() -> None:
    curves = pd.DataFrame(
        {
            "trial": [1, 1, 2, 2, 3],
            "name": ["mlm", "mlm", "bort", "bort", "mlm"],
            "step": [5, 10, 5, 10, 5],
            "mlm_accuracy": [1.0, 2.0, 3.0, 4.0, 1.5],
            "train_flops": [1e9, 2e9, 3e9, 6e9, None],
        }
    )
    first, second, third = pretraining_chart(curves, LIGHT).data
    assert [trace.name for trace in (first, second, third)] == ["mlm", "bort", "mlm"]
    assert (list(second.x), list(second.y), list(second.customdata)) == ([5, 10], [3.0, 4.0], [2, 2])
    assert first.line.color == third.line.color != second.line.color
    assert [trace.showlegend for trace in (first, second, third)] == [True, True, False]
    figure = pretraining_chart(curves, LIGHT, over="train_flops")
    assert [list(trace.x) for trace in figure.data] == [[1e9, 2e9], [3e9, 6e9]]
    assert figure.layout.yaxis.title.text == "masked tokens guessed right (%)"
    assert not pretraining_chart(curves, LIGHT, over="train_tokens").data
    assert not pretraining_chart(pd.DataFrame(), LIGHT).data


def test_sparkline() -> None:
    picture = sparkline([(1.0, 1.0, "frontier"), (2.0, 0.5, "dominated"), (1.5, 0.7, "baseline")], LIGHT)
    assert picture.count("<circle") == 3
    assert picture.index(LIGHT.dominated) < picture.index(LIGHT.frontier)
    assert sparkline([], LIGHT).count("<circle") == 0
