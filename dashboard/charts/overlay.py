"""Curves of several trials over one another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from dashboard import formats
from dashboard.charts.curves import STEP
from dashboard.charts.layout import arrange, empty, faint
from dashboard.charts.resources import time_axis
from dashboard.charts.series import series
from dashboard.palette import Palette
from engine.measured import NORMAL_95

OVER = {"step": STEP, "epoch": "passes over the training data", "seconds": "time since the first step"}
"""What the horizontal axis may be."""
FEW = 40
"""Points of a curve that are drawn as markers too."""


def overlay_chart(
    curves: pd.DataFrame,
    names: Sequence[str],
    what: str,
    colours: Palette,
    *,
    over: str = "step",
    height: int = 400,
) -> Any:  # noqa: ANN401 - plotly is untyped
    """One line a trial.

    Args:
        curves: columns name, step, epoch, seconds and value; with standard_error 90 % intervals are drawn as areas.
        names: of the trials in the order of the comparison, which decides how each is drawn.
        what: the curve: a metric, or a column of the steps.
        colours: the palette in force.
        over: one of ``OVER``.
        height: in pixels.
    """
    label = formats.label(what)
    title = f"{label[:1].upper()}{label[1:]} of each trial as training goes on"
    known = curves.dropna(subset=["value", over])
    if known.empty:
        message = "None of these trials has such a curve"
        return empty(colours, title=title, x=OVER[over], y=label, height=height, message=message)
    x, unit = time_axis(known["seconds"]) if over == "seconds" else (known[over], "")
    known = known.assign(x=x)
    figure = go.Figure()
    for place, name in enumerate(names):
        part = known[known["name"] == name]
        if not part.empty:
            _draw(figure, part, name, what, place, colours)
    arrange(
        figure,
        colours,
        title=title,
        x=f"{unit} since the first step" if unit else OVER[over],
        y=formats.axis_label(what),
        height=height,
        revision=f"overlay {what} {over}",
    )
    figure.update_xaxes(exponentformat="SI")
    figure.update_layout(showlegend=True)
    return figure


def _draw(figure: Any, part: pd.DataFrame, name: str, what: str, place: int, colours: Palette) -> None:  # noqa: ANN401
    style = series(place, colours)
    if "standard_error" in part and part["standard_error"].notna().any() and len(part) > 1:
        reach = NORMAL_95 * part["standard_error"].fillna(0.0)
        figure.add_trace(
            go.Scatter(
                x=[*part["x"], *part["x"][::-1]],
                y=[*(part["value"] + reach), *(part["value"] - reach)[::-1]],
                mode="lines",
                fill="toself",
                fillcolor=faint(style.colour, 0.12),
                line={"width": 0},
                hoverinfo="skip",
                showlegend=False,
                legendgroup=name,
                name=f"interval of {name}",
            )
        )
    figure.add_trace(
        go.Scatter(
            x=part["x"].tolist(),
            y=part["value"].tolist(),
            mode="lines+markers" if len(part) <= FEW else "lines",
            name=name,
            legendgroup=name,
            line={"color": style.colour, "width": 2, "dash": style.dash},
            marker={"symbol": style.symbol, "size": 8},
            hovertemplate=f"{name}: %{{y:.4~g}} {formats.unit_of(what)}<extra></extra>",
        )
    )
