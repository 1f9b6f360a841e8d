"""The one evaluation of a trial that had no other: its scores beside one another, with what they compare with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from dashboard import formats
from dashboard.charts.layout import FONT_SIZE, arrange
from dashboard.palette import Palette
from engine.measured import NORMAL_95


def single_evaluation_chart(
    evaluations: pd.DataFrame,
    metrics: Sequence[str],
    colours: Palette,
    *,
    threshold: float | None = None,
    references: Mapping[str, Mapping[str, float]] | None = None,
    height: int = 340,
) -> Any:  # noqa: ANN401 - plotly is untyped
    """Scores as points with 90 % intervals, one row a metric, the first on top.

    Args:
        evaluations: columns step, name, value, standard_error, of one step.
        metrics: those to draw, of one unit, as far as they were measured; the first one counts.
        colours: the palette in force.
        threshold: of the first metric.
        references: metrics of others, such as the teacher, by their name; at most two.
        height: in pixels.
    """
    found = evaluations.dropna(subset=["value"]).set_index("name")
    names = [name for name in metrics if name in found.index]
    main = formats.label(metrics[0])
    rows = [formats.label(name).removeprefix(f"{main}, ").replace(", ", "<br>", 1) for name in names]
    values = found.loc[names, "value"].astype(float).tolist()
    reach = [NORMAL_95 * error for error in found.loc[names, "standard_error"].fillna(0.0).astype(float)]
    figure = go.Figure()
    marks = (("triangle-down", colours.reference), ("diamond", colours.baseline))
    for (who, told), (symbol, colour) in zip((references or {}).items(), marks, strict=False):
        places = [(told[name], row) for name, row in zip(names, rows, strict=True) if name in told]
        figure.add_trace(
            go.Scatter(
                x=[value for value, _ in places],
                y=[row for _, row in places],
                mode="markers",
                name=who,
                marker={"symbol": symbol, "size": 10, "color": colour},
                hovertemplate=f"{who}: %{{x:.1f}} {formats.unit_of(metrics[0])}<extra></extra>",
            )
        )
    figure.add_trace(
        go.Scatter(
            x=values,
            y=rows,
            mode="markers+text",
            name="this trial",
            text=[formats.metric(name, value) for name, value in zip(names, values, strict=True)],
            textposition="top center",
            textfont={"size": FONT_SIZE, "color": colours.text},
            marker={"size": 11, "color": colours.frontier},
            error_x={"type": "data", "array": reach, "thickness": 1.5, "width": 5},
            hovertemplate="%{x:.1f} \u00b1 %{error_x.array:.1f}<extra></extra>",
        )
    )
    step = int(found["step"].iloc[0])
    title = f"{main[:1].upper()}{main[1:]} at its only evaluation, after {step:,} steps"
    arrange(
        figure, colours, title=title, x=formats.axis_label(metrics[0]), y="", height=height, revision="single"
    )
    figure.update_yaxes(autorange="reversed")
    if threshold is not None:
        figure.add_vline(
            x=threshold,
            line_dash="dash",
            line_width=1.5,
            line_color=colours.reference,
            annotation_text="threshold",
            annotation_font={"size": FONT_SIZE, "color": colours.reference},
            annotation_position="top left",
        )
    return figure
