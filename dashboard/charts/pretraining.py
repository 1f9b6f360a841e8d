"""Pre-training side by side: how fast each trial learns to find hidden words."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from dashboard import formats
from dashboard.charts.curves import STEP
from dashboard.charts.layout import arrange, empty
from dashboard.palette import Palette

SCORE = "mlm_accuracy"
TITLE = "Masked tokens guessed right as pre-training goes on, one line a trial"


def pretraining_chart(
    curves: pd.DataFrame, colours: Palette, *, over: str = "step", height: int = 380
) -> Any:  # noqa: ANN401
    """Accuracy of every trial's evaluations; trials of the same name share colour, dashes and legend.

    Args:
        curves: columns trial, name (what the trial is called, such as its method), step, mlm_accuracy, and the one
            of the horizontal axis; in the order to be drawn.
        colours: the palette in force.
        over: what the horizontal axis is: ``step``, or a cost such as ``train_flops``.
        height: in pixels.

    Returns:
        A figure whose points carry the trial's number as custom data.
    """
    x, y = STEP if over == "step" else formats.axis_label(over), formats.axis_label(SCORE)
    if curves.empty or not {SCORE, over} <= set(curves):
        message = "The first evaluation of a trial appears here"
        return empty(colours, title=TITLE, x=x, y=y, height=height, message=message)
    styles = (
        (colours.frontier, "solid", "circle"),
        (colours.running, "dash", "square"),
        (colours.predicted, "dot", "diamond"),
        (colours.reference, "dashdot", "triangle-up"),
        (colours.baseline, "longdash", "cross"),
        (colours.dominated, "longdashdot", "x"),
    )
    names = list(dict.fromkeys(curves["name"]))
    figure = go.Figure()
    named: set[str] = set()
    for _, part in curves.dropna(subset=[SCORE, over]).groupby("trial", sort=False):
        name = str(part["name"].iloc[0])
        colour, dash, symbol = styles[names.index(name) % len(styles)]
        figure.add_trace(
            go.Scatter(
                x=part[over].tolist(),
                y=part[SCORE].tolist(),
                mode="lines+markers",
                name=name,
                legendgroup=name,
                showlegend=name not in named,
                line={"color": colour, "width": 2, "dash": dash},
                marker={"size": 6, "symbol": symbol},
                customdata=part["trial"].tolist(),
                hovertemplate=f"{name}, trial %{{customdata}}<br>%{{y:.1f}} % at %{{x:,.4~s}}<extra></extra>",
            )
        )
        named.add(name)
    arrange(figure, colours, title=TITLE, x=x, y=y, height=height, revision=f"pretraining {over}")
    figure.update_xaxes(exponentformat="SI")
    figure.update_yaxes(rangemode="tozero")
    return figure
