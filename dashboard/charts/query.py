"""The result of a query as a chart, whatever its columns are."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from dashboard import formats
from dashboard.charts.layout import arrange
from dashboard.charts.series import SYMBOLS, series
from dashboard.palette import Palette
from dashboard.query_charts import ChartChoice, numbers

GROUPS = len(SYMBOLS)
"""Values of a column that have a colour of their own; the others share one."""
OTHERS = "others"
BINS = 40
_HEIGHT = 460


def query_chart(frame: pd.DataFrame, choice: ChartChoice, colours: Palette, *, height: int = _HEIGHT) -> Any:  # noqa: ANN401
    """Draw a result.

    Args:
        frame: its rows.
        choice: as ``query_charts.chart_choice`` gives it for these rows.
        colours: the palette in force.
        height: in pixels.
    """
    figure = go.Figure()
    shaded = choice.colour in numbers(frame) and frame[choice.colour].nunique() > GROUPS
    if shaded and choice.kind == "scatter":
        figure.add_trace(_shaded(frame, choice, colours))
    else:
        for place, (name, rows) in enumerate(_groups(frame, choice.colour)):
            figure.add_trace(_trace(rows, choice, name, place, colours))
    counted = "rows" if choice.kind == "histogram" else formats.axis_label(choice.y)
    title = f"{formats.label(choice.y) if choice.y else 'Rows'} by {formats.label(choice.x)}"
    arrange(
        figure,
        colours,
        title=f"{title[:1].upper()}{title[1:]}",
        x=formats.axis_label(choice.x),
        y=counted,
        height=height,
        revision=f"{choice.kind} {choice.x} {choice.y}",
    )
    figure.update_layout(showlegend=len(figure.data) > 1, barmode="group")
    figure.update_xaxes(exponentformat="SI")
    figure.update_yaxes(exponentformat="SI")
    return figure


def _groups(frame: pd.DataFrame, colour: str) -> list[tuple[str, pd.DataFrame]]:
    """The rows by value of a column, the most frequent values each by itself and the rest together."""
    if not colour:
        return [("", frame)]
    told = pd.Series([_word(value) for value in frame[colour]], index=frame.index)
    frequent = list(told.value_counts().index[: GROUPS if told.nunique() <= GROUPS else GROUPS - 1])
    found = [(name, frame[told == name]) for name in sorted(frequent)]
    rest = frame[~told.isin(frequent)]
    return found if rest.empty else [*found, (OTHERS, rest)]


def _trace(rows: pd.DataFrame, choice: ChartChoice, name: str, place: int, colours: Palette) -> Any:  # noqa: ANN401
    style = series(place, colours)
    x = _values(rows[choice.x])
    if choice.kind == "histogram":
        return go.Histogram(x=x, name=name, nbinsx=BINS, marker={"color": style.colour}, opacity=0.85)
    y = _values(rows[choice.y])
    if choice.kind == "bar":
        return go.Bar(x=x, y=y, name=name, marker={"color": style.colour})
    if choice.kind == "line":
        order = rows.sort_values(choice.x)
        return go.Scatter(
            x=_values(order[choice.x]),
            y=_values(order[choice.y]),
            name=name,
            mode="lines+markers" if len(rows) <= 60 else "lines",
            line={"color": style.colour, "width": 2, "dash": style.dash},
            marker={"symbol": style.symbol, "size": 6},
        )
    return go.Scattergl(
        x=x,
        y=y,
        name=name,
        mode="markers",
        marker={"color": style.colour, "symbol": style.symbol, "size": 8, "line": _edge(colours)},
    )


def _shaded(frame: pd.DataFrame, choice: ChartChoice, colours: Palette) -> Any:  # noqa: ANN401
    return go.Scattergl(
        x=_values(frame[choice.x]),
        y=_values(frame[choice.y]),
        mode="markers",
        marker={
            "color": _values(frame[choice.colour]),
            "colorscale": [[0, colours.below_threshold], [1, colours.frontier]],
            "colorbar": {"title": {"text": formats.axis_label(choice.colour)}, "thickness": 12},
            "size": 8,
            "line": _edge(colours),
        },
    )


def _edge(colours: Palette) -> dict[str, Any]:
    return {"color": colours.background, "width": 1}


def _values(column: pd.Series) -> list[Any]:
    """What Plotly can write down: text for anything but numbers and times."""
    if pd.api.types.is_bool_dtype(column) or not (
        pd.api.types.is_numeric_dtype(column) or pd.api.types.is_datetime64_any_dtype(column)
    ):
        return [_word(value) for value in column]
    return column.astype(object).where(column.notna(), None).tolist()


def _word(value: object) -> str:
    return (
        "NULL"
        if value is None or value is pd.NaT or (isinstance(value, float) and math.isnan(value))
        else str(value)
    )
