"""The timeline: attempts of trials as bars in lanes, one lane for each that ran at the same time."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from dashboard import formats
from dashboard.charts.layout import arrange, empty
from dashboard.palette import Palette

TITLE = "Timeline: when trials ran, one bar an attempt, side by side where they ran at once"
Y = "running at once"
LANE_HEIGHT, FRAME_HEIGHT, LEAST_HEIGHT = 30, 130, 240
"""Of the picture, in pixels: each lane, all around them, and all together at least."""

EDGED_BARS = 120
"""Up to this number bars have an edge; more of them would be nothing but edges."""

FRONTIER, TEACHER = "on the frontier", "teacher"
KINDS = (TEACHER, FRONTIER, "completed", "stopped", "failed", "paused", "lost", "running")
"""What a bar means, in the order of the legend."""


def timeline_chart(attempts: pd.DataFrame, colours: Palette, place: str = "UTC") -> Any:  # noqa: ANN401
    """Bars from the start to the end of each attempt.

    Args:
        attempts: as ``engine.timeline.timeline`` gives it.
        colours: the palette in force.
        place: name of the time zone of the axis.

    Returns:
        A figure whose bars carry the trial's number as custom data.
    """
    x = f"time ({place})"
    if attempts.empty:
        message = "Bars appear here as trials start"
        return empty(colours, title=TITLE, x=x, y=Y, height=LEAST_HEIGHT, message=message)
    styles = {
        TEACHER: (colours.reference, ""),
        FRONTIER: (colours.frontier, ""),
        "completed": (colours.dominated, ""),
        "stopped": (colours.below_threshold, "/"),
        "failed": (colours.failed, "x"),
        "paused": (colours.predicted, "."),
        "lost": (colours.text, "\\"),
        "running": (colours.running, "-"),
    }
    drawn = attempts.assign(
        kind=[_kind(row) for row in attempts.to_dict("records")],
        begin=_local(attempts["begin"], place),
        seconds=(attempts["end"] - attempts["begin"]).dt.total_seconds(),
    )
    figure = go.Figure()
    for kind in KINDS:
        part = drawn[drawn["kind"] == kind]
        if part.empty:
            continue
        colour, shape = styles[kind]
        figure.add_trace(
            go.Bar(
                base=part["begin"].dt.strftime("%Y-%m-%d %H:%M:%S.%f").tolist(),
                # Lengths on an axis of dates are in milliseconds.
                x=(1000 * part["seconds"]).tolist(),
                y=(part["lane"] + 1).tolist(),
                orientation="h",
                name=kind,
                marker={
                    "color": colour,
                    "line": {"color": colours.background, "width": 1 if len(drawn) <= EDGED_BARS else 0},
                    "pattern": {"shape": shape, "bgcolor": colour, "fgcolor": colours.background, "size": 6},
                },
                customdata=part["number"].tolist(),
                hovertext=[_hover(row) for row in part.to_dict("records")],
                hoverinfo="text",
            )
        )
    lanes = int(drawn["lane"].max()) + 1
    height = max(LEAST_HEIGHT, FRAME_HEIGHT + LANE_HEIGHT * lanes)
    arrange(figure, colours, title=TITLE, x=x, y=Y, height=height, revision="timeline")
    figure.update_layout(barmode="overlay", bargap=0.3, showlegend=True)
    figure.update_xaxes(type="date")
    figure.update_yaxes(autorange="reversed", showgrid=False, dtick=1, tickformat="d")
    return figure


def _kind(row: dict[Any, Any]) -> str:
    if row["role"] == "teacher":
        return TEACHER
    return FRONTIER if row["outcome"] == "completed" and row["on_frontier"] else str(row["outcome"])


def _local(moments: pd.Series[Any], place: str) -> pd.Series[Any]:
    there: pd.Series[Any] = moments.dt.tz_localize("UTC").dt.tz_convert(place).dt.tz_localize(None)
    return there


def _hover(row: dict[Any, Any]) -> str:
    role = "" if row["role"] == "student" else f", the {row['role']}"
    attempt = f", attempt {row['attempt']}" if row["attempt"] > 1 or row["again"] else ""
    ended = row["kind"] + (", begun again" if row["again"] else "")
    begun = row["begin"].strftime("%-d %b, %H:%M:%S")
    return f"<b>trial {row['number']}</b>{role}{attempt}<br>{ended}<br>{begun}, {formats.duration(row['seconds'])}"
