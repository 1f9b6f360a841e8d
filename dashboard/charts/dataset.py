"""What a dataset is like: topics with their answerable share, labels, and lengths."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboard.charts.layout import arrange, empty
from dashboard.charts.series import series
from dashboard.palette import Palette

MOST = 30
"""Topics or labels that have a bar of their own."""
LONGEST = 36
"""Characters of a name beside a bar."""
ROW, EDGE, HEIGHT = 24, 110, 320
"""Height of a bar with its gap, of everything else, and of charts that do not grow, in pixels."""
BINS = 40


def topics_chart(topics: pd.DataFrame, colours: Palette) -> Any:  # noqa: ANN401 - plotly is untyped
    """How many questions of each topic have an answer and how many have none.

    Args:
        topics: as ``storage.datasets.topics_frame`` gives it.
        colours: the palette in force.
    """
    title = "Questions by topic, with and without an answer"
    if topics.empty:
        message = "These data name no topics"
        return empty(colours, title=title, x="questions", y="", height=HEIGHT, message=message)
    shown = topics.head(MOST)
    names = [_short(name) for name in shown["topic"]]
    total = shown["answerable"] + shown["unanswerable"]
    figure = go.Figure()
    for column, words, colour, pattern in (
        ("answerable", "answerable", colours.frontier, ""),
        ("unanswerable", "unanswerable", colours.below_threshold, "/"),
    ):
        figure.add_trace(
            go.Bar(
                x=shown[column].tolist(),
                y=names,
                name=words,
                orientation="h",
                marker={
                    "color": colour,
                    "pattern": {"shape": pattern, "fillmode": "overlay", "fgcolor": colours.background},
                },
                customdata=(100 * shown[column] / total).tolist(),
                hovertemplate=f"%{{y}}<br>%{{x:,}} {words}, %{{customdata:.0f}} %<extra></extra>",
            )
        )
    left = len(topics) - len(shown)
    if left:
        title += f" (the {MOST} largest of {len(topics)})"
    arrange(
        figure, colours, title=title, x="questions", y="", height=EDGE + ROW * len(shown), revision="topics"
    )
    figure.update_layout(barmode="stack", legend={"traceorder": "normal"})
    figure.update_yaxes(autorange="reversed", showgrid=False)
    return figure


def labels_chart(labels: Mapping[str, pd.DataFrame], colours: Palette) -> Any:  # noqa: ANN401
    """The share of each label in each part, side by side.

    Args:
        labels: by name of the part, as ``storage.datasets.labels_frame`` gives it.
        colours: the palette in force.
    """
    title = "Share of each label"
    if all(frame.empty for frame in labels.values()):
        return empty(colours, title=title, x="", y="share (%)", height=HEIGHT, message="There are no labels")
    usual = pd.concat(labels.values()).groupby("label")["examples"].sum().sort_values(ascending=False)
    names = list(usual.index[:MOST])
    figure = go.Figure()
    for place, (part, frame) in enumerate(labels.items()):
        counts = frame.set_index("label")["examples"].reindex(names).fillna(0)
        figure.add_trace(
            go.Bar(
                x=[_short(name) for name in names],
                y=(100 * counts / max(1, frame["examples"].sum())).tolist(),
                name=part,
                marker={"color": series(place, colours).colour},
                customdata=counts.astype(int).tolist(),
                hovertemplate=f"%{{x}}, {part}<br>%{{customdata:,}} examples, %{{y:.1f}} %<extra></extra>",
            )
        )
    if len(usual) > MOST:
        title += f" (the {MOST} most frequent of {len(usual)})"
    arrange(figure, colours, title=title, x="label", y="share (%)", height=HEIGHT, revision="labels")
    figure.update_xaxes(type="category")
    return figure


def lengths_chart(lengths: pd.DataFrame, title: str, unit: str, colours: Palette) -> Any:  # noqa: ANN401
    """How long texts are.

    Args:
        lengths: as ``storage.datasets.lengths_frame`` gives it.
        title: what the chart shows.
        unit: what lengths are counted in.
        colours: the palette in force.
    """
    if lengths.empty:
        return empty(
            colours, title=title, x=unit, y="texts", height=HEIGHT, message="There are no such texts"
        )
    wide = (lengths["high"] - lengths["low"] + 1).astype(float)
    told = [
        f"{low}" if low == high else f"{low} to {high}"
        for low, high in zip(lengths["low"], lengths["high"], strict=True)
    ]
    figure = go.Figure(
        go.Bar(
            x=((lengths["low"] + lengths["high"]) / 2).tolist(),
            y=lengths["texts"].tolist(),
            width=wide.tolist(),
            customdata=told,
            marker={"color": colours.dominated, "line": {"color": colours.background, "width": 1}},
            hovertemplate=f"%{{customdata}} {unit}<br>%{{y:,}} texts<extra></extra>",
        )
    )
    return arrange(figure, colours, title=title, x=unit, y="texts", height=HEIGHT, revision=title)


def tokens_chart(tokens: np.ndarray[Any, Any], most: int, colours: Palette) -> Any:  # noqa: ANN401
    """Tokens of the rows that models see, and the most there can be.

    Args:
        tokens: of each row.
        most: the task's longest row.
        colours: the palette in force.
    """
    edges = np.linspace(0, max(most, int(tokens.max(initial=1))), BINS + 1)
    counts, _ = np.histogram(tokens, bins=edges)
    frame = pd.DataFrame(
        {
            "low": np.ceil(edges[:-1]).astype(int),
            "high": (np.ceil(edges[1:]) - 1).clip(min=0).astype(int),
            "texts": counts,
        }
    )
    figure = lengths_chart(frame[frame["texts"] > 0], "Rows as models see them", "tokens", colours)
    figure.add_vline(
        x=most,
        line_dash="dash",
        line_color=colours.reference,
        annotation_text=f"longest row: {most}",
        annotation_position="top left",
    )
    figure.update_yaxes(title={"text": "rows"})
    return figure


def values_chart(values: pd.DataFrame, colours: Palette) -> Any:  # noqa: ANN401
    """The right values of a regression.

    Args:
        values: as ``storage.datasets.values_frame`` gives it.
        colours: the palette in force.
    """
    title = "Right values"
    if values.empty:
        return empty(
            colours, title=title, x="value", y="examples", height=HEIGHT, message="There are no values"
        )
    figure = go.Figure(
        go.Bar(
            x=((values["low"] + values["high"]) / 2).tolist(),
            y=values["examples"].tolist(),
            width=(values["high"] - values["low"]).tolist(),
            customdata=[
                f"{low:.3g} to {high:.3g}" for low, high in zip(values["low"], values["high"], strict=True)
            ],
            marker={"color": colours.dominated, "line": {"color": colours.background, "width": 1}},
            hovertemplate="%{customdata}<br>%{y:,} examples<extra></extra>",
        )
    )
    return arrange(figure, colours, title=title, x="value", y="examples", height=HEIGHT, revision="values")


def _short(name: object) -> str:
    words = str(name).replace("_", " ")
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 1]}\u2026"
