"""Learning curves of one trial: parts of the loss, and metrics of its evaluations."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from dashboard import formats
from dashboard.charts.layout import FONT_SIZE, arrange, empty
from dashboard.palette import Palette
from engine.claims import NORMAL_95

STEP = "optimiser steps"
LOSS_TITLE = "Training loss and its parts"


def loss_chart(
    steps: pd.DataFrame, colours: Palette, *, alpha: float | None = None, height: int = 340
) -> Any:  # noqa: ANN401
    """Loss against optimiser steps, with the part against the teacher and the part against the labels.

    Args:
        steps: columns step, loss, soft_loss, hard_loss, learning_rate, epoch.
        colours: the palette in force.
        alpha: weight of the soft loss, told in the legend.
        height: in pixels.
    """
    if steps.empty:
        message = "The loss appears here as soon as training starts"
        return empty(colours, title=LOSS_TITLE, x=STEP, y="loss", height=height, message=message)
    weights = ("", "") if alpha is None else (f" \u00d7 {alpha:.2g}", f" \u00d7 {1 - alpha:.2g}")
    lines = (
        ("soft_loss", f"against the teacher{weights[0]}", colours.predicted, "dash"),
        ("hard_loss", f"against the labels{weights[1]}", colours.running, "dot"),
        ("loss", "loss", colours.frontier, "solid"),
    )
    figure = go.Figure()
    for column, name, colour, dash in lines:
        figure.add_trace(
            go.Scatter(
                x=steps["step"].tolist(),
                y=steps[column].tolist(),
                mode="lines",
                name=name,
                line={"color": colour, "width": 2 if column == "loss" else 1.5, "dash": dash},
                hovertemplate="step %{x}: %{y:.3f}",
            )
        )
    arrange(figure, colours, title=LOSS_TITLE, x=STEP, y="loss", height=height, revision="loss")
    figure.update_yaxes(rangemode="tozero")
    figure.update_layout(hovermode="x unified")
    return figure


def evaluation_chart(
    evaluations: pd.DataFrame,
    metric: str,
    colours: Palette,
    *,
    threshold: float | None = None,
    height: int = 340,
) -> Any:  # noqa: ANN401
    """A metric at each evaluation, in all and apart for answerable and unanswerable questions.

    Args:
        evaluations: columns step, name, value, standard_error.
        metric: ``exact`` or ``f1``; its HasAns and NoAns parts are drawn where they exist.
        colours: the palette in force.
        threshold: drawn as a line if given.
        height: in pixels.
    """
    title = f"{formats.label(metric)[:1].upper()}{formats.label(metric)[1:]} at each evaluation"
    y = formats.axis_label(metric)
    if evaluations.empty or metric not in set(evaluations["name"]):
        message = "The first evaluation appears here"
        return empty(colours, title=title, x=STEP, y=y, height=height, message=message)
    lines = (
        (f"HasAns_{metric}", "answerable questions", colours.predicted, "dash", "square"),
        (f"NoAns_{metric}", "unanswerable questions", colours.running, "dot", "diamond"),
        (metric, "all questions", colours.frontier, "solid", "circle"),
    )
    figure = go.Figure()
    for column, name, colour, dash, symbol in lines:
        part = evaluations[evaluations["name"] == column]
        if part.empty:
            continue
        reach = (NORMAL_95 * part["standard_error"]).tolist() if column == metric else None
        figure.add_trace(
            go.Scatter(
                x=part["step"].tolist(),
                y=part["value"].tolist(),
                mode="lines+markers",
                name=name,
                line={"color": colour, "width": 2 if column == metric else 1.5, "dash": dash},
                marker={"size": 7, "symbol": symbol},
                error_y=None
                if reach is None
                else {"type": "data", "array": reach, "thickness": 1, "width": 4},
                hovertemplate="%{y:.1f} %",
            )
        )
    arrange(figure, colours, title=title, x=STEP, y=y, height=height, revision="evaluations")
    if threshold is not None:
        figure.add_hline(
            y=threshold,
            line_dash="dash",
            line_width=1.5,
            line_color=colours.reference,
            annotation_text="threshold",
            annotation_font={"size": FONT_SIZE, "color": colours.reference},
            annotation_position="top right",
        )
    figure.update_layout(hovermode="x unified")
    return figure
