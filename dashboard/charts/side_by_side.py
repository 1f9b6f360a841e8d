"""Experiments over one another: their frontiers, and how each grew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from dashboard import formats
from dashboard.charts.layout import arrange, empty
from dashboard.charts.series import series
from dashboard.palette import Palette
from engine.metrics import Metric

FRONTIERS = "Frontier of each experiment"
DONE = "completed trials"


def frontiers_chart(
    fronts: pd.DataFrame,
    names: Sequence[str],
    cost: Metric,
    quality: Metric,
    colours: Palette,
    *,
    height: int = 460,
) -> Any:  # noqa: ANN401 - plotly is untyped
    """Trials on the frontiers, joined where the two axes are all that is optimised.

    Args:
        fronts: columns experiment, number, x (cost), y (quality) and joined (whether to draw the edge).
        names: of the experiments in their order.
        cost: on the horizontal axis.
        quality: on the vertical axis.
        colours: the palette in force.
        height: in pixels.

    Returns:
        A figure whose points carry the row of ``fronts`` as custom data.
    """
    title = f"{FRONTIERS}: {formats.label(quality.name)} against {formats.label(cost.name)}"
    x, y = formats.axis_label(cost.name), formats.axis_label(quality.name)
    if fronts.empty:
        message = "No trial of these experiments is on a frontier yet"
        return empty(colours, title=title, x=x, y=y, height=height, message=message)
    figure = go.Figure()
    for place, name in enumerate(names):
        part = fronts[fronts["experiment"] == name].sort_values("x")
        if part.empty:
            continue
        style = series(place, colours)
        figure.add_trace(
            go.Scatter(
                x=part["x"].tolist(),
                y=part["y"].tolist(),
                mode="lines+markers" if bool(part["joined"].all()) and len(part) > 1 else "markers",
                name=name,
                # Beyond a point the next better value is reached only where the next point lies.
                line={
                    "color": style.colour,
                    "width": 2,
                    "dash": style.dash,
                    "shape": "hv" if cost.direction == "minimize" else "vh",
                },
                marker={"symbol": style.symbol, "size": 9, "color": style.colour},
                customdata=part.index.tolist(),
                text=[
                    f"<b>{name}/{number}</b><br>{formats.metric(quality.name, high)}, {formats.metric(cost.name, low)}"
                    for number, low, high in zip(part["number"], part["x"], part["y"], strict=True)
                ],
                hovertemplate="%{text}<extra></extra>",
            )
        )
    arrange(
        figure, colours, title=title, x=x, y=y, height=height, revision=f"fronts {cost.name} {quality.name}"
    )
    figure.update_xaxes(exponentformat="SI")
    figure.update_layout(showlegend=True)
    return figure


def growth_chart(
    grown: pd.DataFrame, names: Sequence[str], title: str, axis: str, colours: Palette, *, height: int = 340
) -> Any:  # noqa: ANN401
    """A figure that only ever grows, against the number of completed trials.

    Args:
        grown: columns experiment, trials (how many had completed) and value; only where the value changes, and at
            the end.
        names: of the experiments in their order.
        title: what it shows.
        axis: name of the vertical axis.
        colours: the palette in force.
        height: in pixels.
    """
    if grown.empty:
        message = "It starts with the first completed trial"
        return empty(colours, title=title, x=DONE, y=axis, height=height, message=message)
    figure = go.Figure()
    for place, name in enumerate(names):
        part = grown[grown["experiment"] == name]
        if part.empty:
            continue
        style = series(place, colours)
        figure.add_trace(
            go.Scatter(
                x=part["trials"].tolist(),
                y=part["value"].tolist(),
                mode="lines+markers" if len(part) <= 60 else "lines",
                name=name,
                line={"color": style.colour, "width": 2, "dash": style.dash, "shape": "hv"},
                marker={"symbol": style.symbol, "size": 6},
                hovertemplate=f"{name}: %{{y:.4~g}} after %{{x:,}} trials<extra></extra>",
            )
        )
    arrange(figure, colours, title=title, x=DONE, y=axis, height=height, revision=title)
    figure.update_layout(showlegend=True)
    return figure
