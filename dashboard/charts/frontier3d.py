"""The frontier in three dimensions: every measured trial at three of its figures, to be turned by hand."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from dashboard.charts.frontier import EMPTY_HEIGHT, HOVER_POINTS, Group, groups
from dashboard.charts.hover import hover_template, hover_texts
from dashboard.charts.layout import FONT_SIZE, arrange, empty
from dashboard.charts.placing import values_of
from dashboard.formats import axis_label, label
from dashboard.palette import Palette
from dashboard.tables import Status
from engine.metric_catalogue import METRICS
from engine.metrics import Metric

SMALLER = 0.6
"""Size of a point in space, as a share of its size in a plane."""

FROM_ABOVE = {"eye": {"x": 1.3, "y": -1.45, "z": 0.6}, "center": {"x": 0, "y": 0, "z": -0.2}}
"""Where the picture is looked at from, until it is turned."""

_SYMBOLS = {"triangle-up": "square-open", "x-thin": "x"}
"""Shapes that there are not in space, and what stands for them."""


def frontier_chart_3d(
    trials: pd.DataFrame,
    metrics: Sequence[Metric],
    axes: tuple[str, str, str],
    colours: Palette,
    *,
    parameters: Sequence[str] = (),
    log: frozenset[str] = frozenset(),
    new: Collection[int] = (),
    height: int = 560,
) -> Any:  # noqa: ANN401 - plotly is untyped
    """Trials that have all three figures, each of which is a metric or a parameter.

    Args:
        trials: as ``tables.trials_frame`` gives it.
        metrics: of the experiment.
        axes: columns along the two horizontal axes and the vertical one.
        colours: the palette in force.
        parameters: names of the searched parameters, for the hover texts.
        log: axes to be logarithmic.
        new: numbers of trials to be ringed.
        height: in pixels.

    Returns:
        A figure whose points carry the trial's number as custom data.
    """
    up = label(axes[2])
    title = f"{up[:1].upper()}{up[1:]} over {label(axes[0])} and {label(axes[1])}, one point a trial"
    drawn = trials[~trials["status"].isin([Status.STOPPED, Status.DATA])].copy()
    for name, place in zip(axes, ("at_x", "at_y", "at_z"), strict=True):
        drawn[place] = values_of(drawn, name)
        drawn = drawn[drawn[place].notna()]
    if drawn.empty:
        message = "Trials appear here once they have all three figures"
        return empty(colours, title=title, x="", y="", height=EMPTY_HEIGHT, message=message)
    figure = go.Figure()
    ringed = drawn[drawn["trial"].isin(list(new))]
    if not ringed.empty:
        ring = {"symbol": "circle-open", "size": 14, "color": colours.predicted}
        figure.add_trace(_cloud(ringed, name="new", marker=ring, hoverinfo="skip"))
    for group in groups(drawn):
        told = _told(group, axes, metrics, parameters)
        figure.add_trace(_cloud(group.trials, name=group.name, marker=_in_space(group, colours), **told))
    arrange(figure, colours, title=title, x="", y="", height=height, revision="/".join(axes))
    figure.update_layout(scene=_scene(axes, colours, log), margin={"l": 0, "r": 0, "b": 8})
    return figure


def _told(
    group: Group, axes: tuple[str, str, str], metrics: Sequence[Metric], parameters: Sequence[str]
) -> dict[str, Any]:
    """Texts under the pointer; in full for few trials."""
    if len(group.trials) <= HOVER_POINTS:
        # The third figure is told among the metrics or parameters.
        texts = hover_texts(group.trials, axes[0], axes[2], metrics, [*parameters, axes[1]])
        return {"hovertext": texts, "hoverinfo": "text"}
    return {"hovertemplate": hover_template(group.name, axes[0], axes[2]).replace("{y:", "{z:")}


def _cloud(part: pd.DataFrame, **more: Any) -> Any:  # noqa: ANN401
    return go.Scatter3d(
        x=part["at_x"].tolist(),
        y=part["at_y"].tolist(),
        z=part["at_z"].tolist(),
        mode="markers",
        customdata=part["trial"].tolist(),
        **more,
    )


def _in_space(group: Group, colours: Palette) -> dict[str, Any]:
    """The marker of a plane, as far as there is such a one in space."""
    drawn = group.marker(colours)
    symbol = _SYMBOLS.get(str(drawn.get("symbol")), drawn.get("symbol", "circle"))
    line = drawn["line"] | {"width": 1}
    colour = drawn.get("color", line["color"])
    if symbol == "x" or str(symbol).endswith("-open"):
        colour, line = drawn["line"]["color"], {"width": 0}
    return {"symbol": symbol, "size": SMALLER * drawn["size"], "color": colour, "line": line}


def _scene(axes: tuple[str, str, str], colours: Palette, log: frozenset[str]) -> dict[str, Any]:
    scene: dict[str, Any] = {"camera": FROM_ABOVE, "dragmode": "turntable", "aspectmode": "cube"}
    for name, axis in zip(axes, ("xaxis", "yaxis", "zaxis"), strict=True):
        scene[axis] = {
            "title": {"text": axis_label(name), "font": {"size": FONT_SIZE, "color": colours.text}},
            "type": "log" if name in log else None,
            "gridcolor": colours.grid,
            "color": colours.text,
            "showbackground": False,
            "zeroline": False,
            "tickfont": {"size": FONT_SIZE - 1, "color": colours.text},
            "exponentformat": "SI" if name in METRICS else None,
        }
    return scene
