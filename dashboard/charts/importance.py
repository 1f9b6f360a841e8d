"""How much each parameter matters for each metric, as bars."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go

from dashboard import formats
from dashboard.charts.layout import arrange
from dashboard.palette import Palette

TITLE = "Importance: share of a metric's variation that is read off each parameter"
X = "importance (%)"
BAR_HEIGHT, GAP_HEIGHT, FRAME_HEIGHT = 13, 10, 130
"""Of the picture, in pixels: for each bar, between two parameters, and around all."""


def importance_chart(by_metric: Mapping[str, Mapping[str, float]], colours: Palette) -> Any:  # noqa: ANN401 - plotly is untyped
    """Bars for each parameter, one a metric, the parameter that matters most for the first metric on top.

    Args:
        by_metric: for each metric the share of each parameter, 0 to 1.
        colours: the palette in force.
    """
    first = next(iter(by_metric.values()))
    parameters = sorted(first, key=lambda name: first[name])
    styles = (
        (colours.frontier, ""),
        (colours.running, "/"),
        (colours.predicted, "."),
        (colours.baseline, "\\"),
        (colours.reference, "x"),
    )
    figure = go.Figure()
    # Bars are stacked from below, the legend from the left.
    for place, (metric, shares) in reversed(list(enumerate(by_metric.items()))):
        colour, shape = styles[place % len(styles)]
        figure.add_trace(
            go.Bar(
                y=parameters,
                x=[100 * shares[name] for name in parameters],
                orientation="h",
                name=formats.label(metric),
                marker={
                    "color": colour,
                    "pattern": {"shape": shape, "bgcolor": colour, "fgcolor": colours.background, "size": 5},
                },
                hovertemplate=f"%{{y}}<br>{formats.label(metric)}: %{{x:.1f}} %<extra></extra>",
                legendrank=place,
            )
        )
    height = FRAME_HEIGHT + len(parameters) * (BAR_HEIGHT * len(by_metric) + GAP_HEIGHT)
    arrange(figure, colours, title=TITLE, x=X, y="", height=height, revision="importance")
    figure.update_layout(barmode="group", bargap=0.25, showlegend=True)
    figure.update_xaxes(rangemode="tozero")
    figure.update_yaxes(showgrid=False)
    return figure
