"""What a trial used of the machine as time went by: processors, memory, and graphics cards where it had any."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from dashboard.charts.layout import arrange, empty
from dashboard.palette import Palette

TIME_UNITS = ((7200.0, "hours", 3600.0), (240.0, "minutes", 60.0), (0.0, "seconds", 1.0))
"""From how many seconds on an axis of time has which unit, and how many seconds that is."""
BUSY_TITLE = "Processor in use, in percent of one core"
MEMORY_TITLE = "Memory in use"
EMPTY = "A trial looks at itself every few seconds while it runs"


def time_axis(seconds: pd.Series) -> tuple[pd.Series, str]:
    """Times in a unit that suits them, and the name of the unit."""
    longest = float(seconds.max()) if len(seconds) else 0.0
    _, unit, each = next(item for item in TIME_UNITS if longest >= item[0])
    return seconds / each, unit


def busy_chart(resources: pd.DataFrame, colours: Palette, *, height: int = 300) -> Any:  # noqa: ANN401
    """How busy processors and graphics cards were.

    Args:
        resources: as ``storage.resources.resources_frame`` gives it.
        colours: the palette in force.
        height: in pixels.
    """
    named = {"cpu_percent": "processor", "gpu_percent": "graphics card"}
    title = BUSY_TITLE if _nothing(resources, "gpu_percent") else f"{BUSY_TITLE}, and of the graphics card"
    figure = _lines(resources, named, colours, (title, "percent"), height)
    if len(figure.data):
        figure.update_yaxes(ticksuffix=" %")
    return figure


def memory_chart(resources: pd.DataFrame, colours: Palette, *, height: int = 300) -> Any:  # noqa: ANN401
    """Memory of the trial's processes and on its graphics cards; arguments as ``busy_chart``."""
    gigabytes = resources.assign(
        memory_mb=resources["memory_mb"] / 1000, gpu_memory_mb=resources["gpu_memory_mb"] / 1000
    )
    named = {"memory_mb": "main memory", "gpu_memory_mb": "on the graphics card"}
    return _lines(gigabytes, named, colours, (MEMORY_TITLE, "GB"), height)


def _lines(
    resources: pd.DataFrame, named: dict[str, str], colours: Palette, words: tuple[str, str], height: int
) -> Any:  # noqa: ANN401
    title, axis = words
    if resources.empty:
        return empty(colours, title=title, x="time", y=axis, height=height, message=EMPTY)
    times, unit = time_axis(resources["seconds"])
    styles = ((colours.frontier, "solid"), (colours.running, "dash"))
    figure = go.Figure()
    for (column, name), (colour, dash) in zip(named.items(), styles, strict=True):
        if _nothing(resources, column):
            continue
        figure.add_trace(
            go.Scatter(
                x=times.tolist(),
                y=resources[column].astype(float).tolist(),
                mode="lines+markers" if len(resources) < 30 else "lines",
                name=name,
                line={"color": colour, "width": 2, "dash": dash},
                marker={"size": 5},
                hovertemplate="%{y:.3~g}",
            )
        )
    x = f"{unit} since the trial started"
    arrange(figure, colours, title=title, x=x, y=axis, height=height, revision=title)
    figure.update_yaxes(rangemode="tozero")
    figure.update_layout(hovermode="x unified", showlegend=len(figure.data) > 1)
    return figure


def _nothing(resources: pd.DataFrame, column: str) -> bool:
    return bool(resources[column].isna().all())
