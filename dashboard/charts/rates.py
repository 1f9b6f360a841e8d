"""How fast a trial trained and how far it stepped: examples a second and the learning rate."""

from __future__ import annotations

from typing import Any, Literal

import pandas as pd
import plotly.graph_objects as go

from dashboard.charts.curves import STEP
from dashboard.charts.layout import arrange, empty
from dashboard.palette import Palette

Rate = Literal["learning_rate", "examples_per_second"]
WORDS: dict[Rate, tuple[str, str]] = {
    "learning_rate": ("Learning rate as the schedule sets it", "learning rate"),
    "examples_per_second": ("Training speed", "examples a second"),
}
"""Title and axis of each."""


def rate_chart(steps: pd.DataFrame, rate: Rate, colours: Palette, *, height: int = 220) -> Any:  # noqa: ANN401
    """A rate against optimiser steps.

    Args:
        steps: columns step and that of the rate.
        rate: which one.
        colours: the palette in force.
        height: in pixels.
    """
    title, axis = WORDS[rate]
    known = steps[steps[rate].notna()]
    if known.empty:
        message = "It appears here as soon as training starts"
        return empty(colours, title=title, x=STEP, y=axis, height=height, message=message)
    figure = go.Figure(
        go.Scatter(
            x=known["step"].tolist(),
            y=known[rate].tolist(),
            mode="lines",
            line={"color": colours.frontier, "width": 1.5},
            hovertemplate="step %{x:,}: %{y:.3~g}<extra></extra>",
            showlegend=False,
        )
    )
    arrange(figure, colours, title=title, x=STEP, y=axis, height=height, revision=rate)
    figure.update_yaxes(rangemode="tozero", exponentformat="power" if rate == "learning_rate" else "SI")
    return figure
