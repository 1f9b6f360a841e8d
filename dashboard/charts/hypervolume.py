"""The hypervolume chart: how far the frontier has come, trial by trial."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from dashboard.charts.layout import arrange, empty
from dashboard.palette import Palette

TITLE = "Hypervolume: how much the frontier covers after each trial, as a share of today's"
X, Y = "completed trials, in the order they ended", "hypervolume (%)"


def hypervolume_chart(history: pd.DataFrame, colours: Palette, *, height: int = 360) -> Any:  # noqa: ANN401
    """Growth of the frontier.

    Args:
        history: columns trial (its number) and hypervolume, in the order in which trials ended.
        colours: the palette in force.
        height: in pixels.
    """
    last = float(history["hypervolume"].iloc[-1]) if len(history) else 0.0
    if last <= 0:
        message = "It starts with the first trial that meets every threshold"
        return empty(colours, title=TITLE, x=X, y=Y, height=height, message=message)
    share = 100 * history["hypervolume"] / last
    gained = history["hypervolume"].diff().fillna(history["hypervolume"].iloc[0]) > 0
    place = list(range(1, len(history) + 1))
    figure = go.Figure()
    figure.add_trace(
        go.Scatter(
            x=place,
            y=share.tolist(),
            mode="lines+markers",
            line={"color": colours.frontier, "width": 2, "shape": "hv"},
            marker={
                "size": [9 if better else 5 for better in gained],
                "color": [colours.frontier if better else colours.dominated for better in gained],
            },
            customdata=history["trial"].tolist(),
            hovertemplate="trial %{customdata}<br>%{y:.1f} %<extra></extra>",
            name="hypervolume",
            showlegend=False,
        )
    )
    arrange(figure, colours, title=TITLE, x=X, y=Y, height=height, revision="hypervolume")
    figure.update_yaxes(rangemode="tozero")
    return figure
