"""Pre-training side by side: how fast each trial learns to find hidden words."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from dashboard import formats
from dashboard.charts.curves import STEP
from dashboard.charts.layout import arrange, empty
from dashboard.palette import Palette
from dashboard.pretraining.metrics import SCORE

TITLES = {
    SCORE: "Masked tokens guessed right as pre-training goes on, one line a trial",
    "mlm_loss": "Loss on masked tokens as pre-training goes on, one line a trial",
    "perplexity": "Perplexity of masked tokens as pre-training goes on, one line a trial",
}


def pretraining_chart(
    curves: pd.DataFrame, colours: Palette, *, over: str = "step", metric: str = SCORE, height: int = 380
) -> Any:  # noqa: ANN401
    """A metric of every trial's evaluations; trials of the same name share colour, dashes and legend.

    Args:
        curves: columns trial, name (what the trial is called, such as its method), step, the metric, and the one of
            the horizontal axis; experiment where there are several; in the order to be drawn.
        colours: the palette in force.
        over: what the horizontal axis is: ``step``, or a cost such as ``train_flops``.
        metric: what the vertical axis is.
        height: in pixels.

    Returns:
        A figure whose points carry the place of their line as custom data: the number of the trial where there is one
        experiment, and else the place in the order in which lines first appear.
    """
    x, y, title = (
        STEP if over == "step" else formats.axis_label(over),
        formats.axis_label(metric),
        TITLES[metric],
    )
    if curves.empty or not {metric, over} <= set(curves):
        message = "The first evaluation of a trial appears here"
        return empty(colours, title=title, x=x, y=y, height=height, message=message)
    styles = (
        (colours.frontier, "solid", "circle"),
        (colours.running, "dash", "square"),
        (colours.predicted, "dot", "diamond"),
        (colours.reference, "dashdot", "triangle-up"),
        (colours.baseline, "longdash", "cross"),
        (colours.dominated, "longdashdot", "x"),
    )
    names, unit = list(dict.fromkeys(curves["name"])), f" {formats.unit_of(metric)}".rstrip()
    figure = go.Figure()
    named: set[str] = set()
    for number, part in lines(curves, metric, over):
        name = str(part["name"].iloc[0])
        colour, dash, symbol = styles[names.index(name) % len(styles)]
        figure.add_trace(
            go.Scatter(
                x=part[over].tolist(),
                y=part[metric].tolist(),
                mode="lines+markers",
                name=name,
                legendgroup=name,
                showlegend=name not in named,
                line={"color": colour, "width": 2, "dash": dash},
                marker={"size": 6, "symbol": symbol},
                customdata=[number] * len(part),
                hovertemplate=(
                    f"{name}, trial {part['trial'].iloc[0]}<br>%{{y:.4~g}}{unit} at %{{x:,.4~s}}<extra></extra>"
                ),
            )
        )
        named.add(name)
    arrange(figure, colours, title=title, x=x, y=y, height=height, revision=f"pretraining {metric} {over}")
    figure.update_xaxes(exponentformat="SI extended")
    figure.update_yaxes(rangemode="tozero" if metric == SCORE else "normal")
    return figure


def lines(curves: pd.DataFrame, metric: str, over: str) -> list[tuple[int, pd.DataFrame]]:
    """The points of each line with what stands for it as custom data, in the order to be drawn."""
    found = curves.dropna(subset=[metric, over])
    if "experiment" not in found or found["experiment"].nunique() <= 1:
        return [(int(part["trial"].iloc[0]), part) for _, part in found.groupby("trial", sort=False)]
    parts = found.groupby(["experiment", "trial"], sort=False)
    return [(place, part) for place, (_, part) in enumerate(parts)]
