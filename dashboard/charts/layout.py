"""What all charts share: title, axes with names, margins, and a stable identity so that zoom survives an update."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from dashboard.palette import Palette

FONT_SIZE = 12


def arrange(
    figure: Any,  # noqa: ANN401 - plotly is untyped
    colours: Palette,
    *,
    title: str,
    x: str,
    y: str,
    height: int,
    revision: str,
) -> Any:  # noqa: ANN401
    """Give a figure its title, axis names, colours and size.

    Args:
        figure: the figure; it is changed.
        colours: the palette in force.
        title: what the chart shows.
        x: name of the horizontal axis, with unit.
        y: name of the vertical axis, with unit.
        height: in pixels.
        revision: while it stays the same, zoom and hidden traces survive new data.

    Returns:
        The same figure.
    """
    axis = {
        "gridcolor": colours.grid,
        "linecolor": colours.grid,
        "zeroline": False,
        "tickfont": {"size": FONT_SIZE, "color": colours.text},
        "automargin": True,
    }
    figure.update_layout(
        title={
            "text": title,
            "font": {"size": FONT_SIZE + 2, "color": colours.text, "weight": 600},
            "x": 0,
            "xanchor": "left",
        },
        height=height,
        margin={"l": 8, "r": 12, "t": 40, "b": 8},
        legend={
            "orientation": "h",
            "x": 0,
            "yref": "container",
            "y": 0,
            "yanchor": "bottom",
            "font": {"size": FONT_SIZE, "color": colours.text},
            "itemsizing": "constant",
        },
        hoverlabel={"align": "left", "font": {"size": FONT_SIZE}},
        hovermode="closest",
        uirevision=revision,
        plot_bgcolor="rgba(0,0,0,0)",
        paper_bgcolor="rgba(0,0,0,0)",
        font={"color": colours.text},
    )
    figure.update_xaxes(**axis, title={"text": x, "font": {"size": FONT_SIZE, "color": colours.text}})
    figure.update_yaxes(**axis, title={"text": y, "font": {"size": FONT_SIZE, "color": colours.text}})
    return figure


def faint(colour: str, share: float = 0.16) -> str:
    """A colour through which others can be seen.

    Args:
        colour: as ``#rrggbb``.
        share: how much of it is left, 0 to 1.
    """
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {share:g})"


def empty(colours: Palette, *, title: str, x: str, y: str, height: int, message: str) -> Any:  # noqa: ANN401
    """A chart without data that says what will appear in it."""
    figure = arrange(go.Figure(), colours, title=title, x=x, y=y, height=height, revision="empty")
    figure.update_xaxes(showticklabels=False, showgrid=False, range=[0, 1])
    figure.update_yaxes(showticklabels=False, showgrid=False, range=[0, 1])
    figure.add_annotation(
        text=message,
        x=0.5,
        y=0.5,
        xref="paper",
        yref="paper",
        showarrow=False,
        font={"size": FONT_SIZE + 1, "color": colours.reference},
    )
    return figure
