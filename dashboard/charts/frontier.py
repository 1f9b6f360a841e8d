"""The frontier chart: every trial at two of its figures, drawn by what it means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from dashboard.charts.hover import hover_texts
from dashboard.charts.layout import FONT_SIZE, arrange, empty
from dashboard.charts.markers import LEGEND, marker
from dashboard.formats import axis_label, label
from dashboard.palette import Palette
from dashboard.tables import ERROR_PREFIX, Status
from engine.measured import NORMAL_95
from engine.metric_catalogue import METRICS
from engine.metrics import Metric

WEBGL_POINTS = 2000
"""Beyond this number of points in a trace it is drawn by the graphics card."""

EMPTY_HEIGHT = 260
"""In pixels, while there is nothing to draw."""

MARGIN_SHARE = 0.07
"""How far beyond the data trials without a value are drawn, as a share of the data's range."""

FEW_DECADES = 10**3.5
"""On a logarithmic axis that spans less, 2 and 5 have tick marks as well as 1."""

FAR_SHARE = 0.35
"""A threshold further from the data than this share of its range is told in words instead of drawn."""

_ORDER = (
    Status.BELOW_THRESHOLD,
    Status.DOMINATED,
    Status.REFERENCE,
    Status.FAILED,
    Status.RUNNING,
    Status.FRONTIER,
    Status.BASELINE,
)
"""From the back to the front."""


def frontier_chart(
    trials: pd.DataFrame,
    metrics: Sequence[Metric],
    x: str,
    y: str,
    colours: Palette,
    *,
    parameters: Sequence[str] = (),
    log: frozenset[str] = frozenset(),
    height: int = 470,
) -> Any:  # noqa: ANN401 - plotly is untyped
    """Trials at the figures ``x`` and ``y``, each of which is a metric or a parameter.

    Trials on the frontier carry 90 % error bars where standard errors are known. They are joined by a step
    line where the two axes are all that is optimised. Trials without a value yet lie in a margin beyond the data.

    Args:
        trials: as ``tables.trials_frame`` gives it.
        metrics: of the experiment, with roles and thresholds.
        x: column on the horizontal axis.
        y: column on the vertical axis.
        colours: the palette in force.
        parameters: names of the searched parameters, for the hover texts.
        log: axes to be logarithmic.
        height: in pixels.

    Returns:
        A figure whose points carry the trial's number as custom data.
    """
    title = f"{label(y)[:1].upper()}{label(y)[1:]} against {label(x)}, one point a trial"
    drawn = _placed(trials, x, y)
    if drawn.empty:
        message = "The first trials appear here as they end"
        return empty(
            colours, title=title, x=axis_label(x), y=axis_label(y), height=EMPTY_HEIGHT, message=message
        )
    figure = go.Figure()
    if step := _step_line(drawn, metrics, x, y, colours):
        figure.add_trace(step)
    for status in _ORDER:
        part = drawn[drawn["status"] == status]
        if not part.empty:
            figure.add_trace(_points(part, status, x, y, colours, metrics, parameters))
    arrange(
        figure,
        colours,
        title=title,
        x=axis_label(x),
        y=axis_label(y),
        height=height,
        revision=f"{x}/{y}",
    )
    for name, axis, place in ((x, "xaxis", "at_x"), (y, "yaxis", "at_y")):
        if name in log:
            few = drawn[place].max() < FEW_DECADES * drawn[place].min()
            figure.update_layout({axis: {"type": "log", "tickformat": "~g", "dtick": "D2" if few else None}})
    _name_ticks(figure, drawn, x, y)
    _draw_thresholds(figure, drawn, metrics, x, y, colours)
    return figure


def _name_ticks(figure: Any, drawn: pd.DataFrame, x: str, y: str) -> None:  # noqa: ANN401
    """Counts with the prefixes k, M, G, T as in texts; words in the order in which trials first had them."""
    for name, axis, place in ((x, "xaxis", "at_x"), (y, "yaxis", "at_y")):
        if name in METRICS:
            figure.update_layout({axis: {"exponentformat": "SI"}})
            if axis == "xaxis" and drawn[place].nunique() == 1:
                # Otherwise the axis would span a millionth of the one value.
                value = float(drawn[place].iloc[0])
                reach = MARGIN_SHARE * abs(value) or 1.0
                figure.update_layout({axis: {"range": [value - reach, value + reach]}})
        elif not pd.api.types.is_numeric_dtype(drawn[place]):
            words = list(dict.fromkeys(drawn.sort_values("trial")[place]))
            figure.update_layout(
                {axis: {"type": "category", "categoryorder": "array", "categoryarray": words}}
            )


def _placed(trials: pd.DataFrame, x: str, y: str) -> pd.DataFrame:
    """Trials with the columns ``at_x`` and ``at_y`` where they are drawn; stopped ones are left out."""
    drawn = trials[trials["status"] != Status.STOPPED].copy()
    waiting = drawn["status"].isin([Status.FAILED, Status.RUNNING])
    for name, place, beyond in ((x, "at_x", "high"), (y, "at_y", "low")):
        values = drawn[name] if name in drawn else pd.Series(None, index=drawn.index, dtype=float)
        numbers = pd.to_numeric(values, errors="coerce").astype(float)
        if numbers.notna().sum() < values.notna().sum():
            drawn[place] = values  # names, not numbers
            continue
        drawn[place] = numbers
        if numbers.notna().any():
            low, high = float(numbers.min()), float(numbers.max())
            reach = MARGIN_SHARE * ((high - low) or abs(high) or 1.0)
            drawn.loc[waiting & numbers.isna(), place] = high + reach if beyond == "high" else low - reach
    return drawn[drawn["at_x"].notna() & drawn["at_y"].notna()]


def _points(
    part: pd.DataFrame,
    status: Status,
    x: str,
    y: str,
    colours: Palette,
    metrics: Sequence[Metric],
    parameters: Sequence[str],
) -> Any:  # noqa: ANN401
    few = len(part) <= WEBGL_POINTS
    draw = go.Scatter if few else go.Scattergl
    trace = draw(
        x=part["at_x"].tolist(),
        y=part["at_y"].tolist(),
        mode="markers+text" if status is Status.REFERENCE else "markers",
        name=LEGEND[status],
        marker=marker(status, colours, on_frontier=bool(part["on_frontier"].any())),
        customdata=part["trial"].tolist(),
        hovertext=hover_texts(part, x, y, metrics, parameters if few else ()),
        hoverinfo="text",
    )
    if status is Status.REFERENCE:
        trace.update(text="teacher\u2003", textposition="middle left", textfont={"color": colours.reference})
    if status in (Status.FRONTIER, Status.BASELINE):
        for name, axis in ((x, "error_x"), (y, "error_y")):
            errors = part.get(ERROR_PREFIX + name)
            if errors is not None and errors.notna().any():
                trace.update({axis: _error_bars((NORMAL_95 * errors).tolist(), trace.marker.line.color)})
    return trace


def _error_bars(reach: list[float], colour: str) -> dict[str, Any]:
    return {"type": "data", "array": reach, "color": colour, "thickness": 1, "width": 4}


def _step_line(
    drawn: pd.DataFrame, metrics: Sequence[Metric], x: str, y: str, colours: Palette
) -> Any | None:  # noqa: ANN401
    """The edge of what the frontier dominates, where the two axes are exactly the two objectives."""
    directions = {metric.name: metric.direction for metric in metrics if metric.role == "optimize"}
    front = drawn[drawn["on_frontier"] & drawn["status"].isin([Status.FRONTIER, Status.BASELINE])]
    if set(directions) != {x, y} or len(front) < 2:
        return None
    front = front.sort_values("at_x")
    return go.Scatter(
        x=front["at_x"].tolist(),
        y=front["at_y"].tolist(),
        mode="lines",
        line={
            "color": colours.frontier,
            "width": 2,
            # To the right of a point the next better value is reached only where the next point lies.
            "shape": "hv" if directions[x] == "minimize" else "vh",
        },
        hoverinfo="skip",
        showlegend=False,
        name="frontier line",
    )


def _draw_thresholds(
    figure: Any,  # noqa: ANN401
    drawn: pd.DataFrame,
    metrics: Sequence[Metric],
    x: str,
    y: str,
    colours: Palette,
) -> None:
    """A dashed line for each threshold near the data, a note in the corner for one far away."""
    font = {"size": FONT_SIZE, "color": colours.reference}
    for metric in metrics:
        if metric.threshold is None or metric.name not in (x, y):
            continue
        vertical = metric.name == y
        told = f"threshold: at {'least' if metric.direction == 'maximize' else 'most'} {metric.threshold:g}"
        values = pd.to_numeric(drawn["at_y" if vertical else "at_x"], errors="coerce")
        low, high = float(values.min()), float(values.max())
        reach = FAR_SHARE * ((high - low) or abs(high) or 1.0)
        if not low - reach <= metric.threshold <= high + reach:
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
