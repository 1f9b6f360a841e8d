"""The hypervolume chart: how far the frontier has come, trial by trial or hour by hour."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from dashboard import formats
from dashboard.charts.layout import arrange, empty
from dashboard.palette import Palette

TITLE = "Hypervolume: how much the frontier covers after each trial, as a share of today's"
TITLE_OF_COST = "Hypervolume: how much the frontier covers for the training spent, as a share of today's"
TRIALS = "completed trials, in the order they ended"
Y = "hypervolume (%)"

MARKED_POINTS = 400
"""With more trials only those that moved the frontier have a point."""


def hypervolume_chart(
    history: pd.DataFrame, colours: Palette, *, over_cost: bool = False, height: int = 360
) -> Any:  # noqa: ANN401 - plotly is untyped
    """Growth of the frontier.

    Args:
        history: columns trial (its number), hypervolume and spent (hours of training by then), in the order in which
            trials ended.
        colours: the palette in force.
        over_cost: whether the horizontal axis is the training spent instead of the number of trials.
        height: in pixels.
    """
    x, title = ("training spent (h)", TITLE_OF_COST) if over_cost else (TRIALS, TITLE)
    last = float(history["hypervolume"].iloc[-1]) if len(history) else 0.0
    if last <= 0:
        message = "It starts with the first trial that meets every threshold"
        return empty(colours, title=title, x=x, y=Y, height=height, message=message)
    drawn = history.assign(
        share=100 * history["hypervolume"] / last,
        better=history["hypervolume"].diff().fillna(history["hypervolume"].iloc[0]) > 0,
        place=range(1, len(history) + 1),
    )
    if len(drawn) > MARKED_POINTS:
        drawn = drawn[drawn["better"] | (drawn["place"] == len(drawn))]
    figure = go.Figure()
    figure.add_trace(
        go.Scatter(
            x=drawn["spent" if over_cost else "place"].tolist(),
            y=drawn["share"].tolist(),
            mode="lines+markers",
            line={"color": colours.frontier, "width": 2, "shape": "hv"},
            marker={
                "size": [9 if better else 5 for better in drawn["better"]],
                "color": [colours.frontier if better else colours.dominated for better in drawn["better"]],
            },
            customdata=drawn["trial"].tolist(),
            hovertext=[
                f"trial {trial}<br>{share:.1f} %<br>{place:,} trials, {formats.duration(3600 * spent)} of training"
                for trial, share, place, spent in zip(
                    drawn["trial"], drawn["share"], drawn["place"], drawn["spent"], strict=True
                )
            ],
            hoverinfo="text",
            name="hypervolume",
            showlegend=False,
        )
    )
    arrange(figure, colours, title=title, x=x, y=Y, height=height, revision=f"hypervolume {over_cost}")
    figure.update_yaxes(rangemode="tozero")
    figure.update_xaxes(rangemode="tozero")
    return figure
