"""Thresholds of metrics in a chart of trials."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from dashboard.charts.layout import FONT_SIZE
from dashboard.formats import label
from dashboard.palette import Palette
from engine.metrics import Metric

FAR_SHARE = 0.35
"""What lies further from the data than this share of its range would squash it."""


def draw_thresholds(
    figure: Any,  # noqa: ANN401 - plotly is untyped
    drawn: pd.DataFrame,
    metrics: Sequence[Metric],
    x: str,
    y: str,
    colours: Palette,
) -> None:
    """A dashed line for each threshold near the data, a note in the corner for one far away.

    Args:
        figure: is changed.
        drawn: as ``placing.placed`` gives it.
        metrics: of the experiment.
        x: name of the horizontal axis.
        y: name of the vertical axis.
        colours: the palette in force.
    """
    font = {"size": FONT_SIZE, "color": colours.reference}
    for metric in metrics:
        if metric.threshold is None or metric.name not in (x, y):
            continue
        vertical = metric.name == y
        told = f"threshold: at {'least' if metric.direction == 'maximize' else 'most'} {metric.threshold:g}"
        if not near(drawn["at_y" if vertical else "at_x"], metric.threshold):
            place = {"y": 0.0, "yanchor": "bottom"} if vertical else {"y": 0.06, "yanchor": "bottom"}
            figure.add_annotation(
                text=f"{label(metric.name)} {told}, outside this view",
                x=1.0,
                xref="paper",
                yref="paper",
                xanchor="right",
                showarrow=False,
                font=font,
                **place,
            )
            continue
        line = {"line_dash": "dash", "line_width": 1.5, "line_color": colours.reference}
        draw = figure.add_hline if vertical else figure.add_vline
        draw(
            **{"y" if vertical else "x": metric.threshold},
            annotation_text=told,
            annotation_font=font,
            annotation_position="top right" if vertical else "top left",
            **line,
        )


def near(values: pd.Series[Any], value: float) -> bool:
    """Whether a value is so near to others that drawing it with them does not squash them."""
    numbers = pd.to_numeric(values, errors="coerce")
    low, high = float(numbers.min()), float(numbers.max())
    reach = FAR_SHARE * ((high - low) or abs(high) or 1.0)
    return low - reach <= value <= high + reach
