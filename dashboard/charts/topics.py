"""Where a model goes wrong: the share of errors in each topic, with the teacher's beside it."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from dashboard.charts.layout import FONT_SIZE, arrange, empty
from dashboard.palette import Palette

MOST = 25
"""Topics that are drawn, those with the most errors first."""
LONGEST = 42
"""Characters of a topic's name."""
ROW, EDGE = 24, 110
"""Height of a bar with its gap, and of everything else, in pixels."""


def topics_chart(topics: pd.DataFrame, words: str, colours: Palette) -> Any:  # noqa: ANN401 - plotly is untyped
    """Bars, the topic with the most errors on top.

    Args:
        topics: as ``storage.answer_queries.errors_by_topic`` gives it, with shares of errors.
        words: what the topics are: topic, or right label.
        colours: the palette in force.

    Returns:
        A figure whose bars carry the place of the topic in the table as custom data.
    """
    title = f"Share of wrong answers by {words}"
    if topics.empty or topics["error_share"].isna().all():
        message = "Errors appear here when the trial has answered"
        return empty(colours, title=title, x="wrong answers (%)", y="", height=260, message=message)
    shown = topics.head(MOST)
    names = [_short(name) for name in shown["topic"]]
    height = EDGE + ROW * len(shown)
    told = [f"{row.errors:,} of {row.examples:,}" for row in shown.itertuples()]
    figure = go.Figure(
        go.Bar(
            x=(100 * shown["error_share"]).tolist(),
            y=names,
            orientation="h",
            name="this trial",
            text=told,
            textposition="inside",
            insidetextanchor="start",
            constraintext="none",
            textfont={"size": FONT_SIZE, "color": colours.background},
            marker={"color": colours.frontier},
            customdata=list(range(len(shown))),
            hovertemplate="%{y}<br>%{x:.0f} % wrong, %{text}<extra></extra>",
        )
    )
    if shown["teacher_error_share"].notna().any():
        figure.add_trace(
            go.Scatter(
                x=(100 * shown["teacher_error_share"]).tolist(),
                y=names,
                mode="markers",
                name="teacher",
                marker={
                    "symbol": "triangle-up",
                    "size": 10,
                    "color": colours.running,
                    "line": {"color": colours.background, "width": 1},
                },
                customdata=list(range(len(shown))),
                hovertemplate="teacher: %{x:.0f} % wrong<extra></extra>",
            )
        )
    arrange(figure, colours, title=title, x="wrong answers (%)", y="", height=height, revision="topics")
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(rangemode="tozero")
    figure.update_layout(bargap=0.25)
    return figure


def _short(name: str) -> str:
    named = name or "(none)"
    return named if len(named) <= LONGEST else named[: LONGEST - 1] + "\u2026"
