"""The frontier chart: every trial at two of its figures, drawn by what it means."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from dashboard.charts.hover import hover_template, hover_texts
from dashboard.charts.layout import arrange, empty, faint
from dashboard.charts.markers import LEGEND, marker
from dashboard.charts.placing import mark_axes, placed
from dashboard.charts.references import references
from dashboard.charts.thresholds import draw_thresholds
from dashboard.formats import axis_label, label
from dashboard.palette import Palette
from dashboard.tables import ERROR_PREFIX, Status
from engine.measured import NORMAL_95
from engine.metrics import Metric
from engine.published import Published

Draw = Callable[..., Any]
"""Makes a trace: drawn as shapes, or by the graphics card."""

WEBGL_POINTS = 4000
"""Beyond this number of points all are drawn by the graphics card; what it draws hides all that it does not draw."""

HOVER_POINTS = 400
"""Up to this number of points in a trace, texts under the pointer tell all metrics and parameters; they are large."""

EMPTY_HEIGHT = 260
"""In pixels, while there is nothing to draw."""

PALEST = 0.3
"""How full the point of a trial is that would never be on the frontier with other examples."""

UNDECIDED = 0.1
"""A dominated trial that would be on the frontier this often or more is told apart, by a blue edge."""

ORDER = (
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
    new: Collection[int] = (),
    published: Sequence[Published] = (),
    height: int = 470,
) -> Any:  # noqa: ANN401 - plotly is untyped
    """Trials at the figures ``x`` and ``y``, each of which is a metric or a parameter.

    Trials on the frontier carry 90 % error bars where standard errors are known; they are the paler, the less sure
    their place there is, and dominated ones that may belong there have a blue edge. They are joined by a step
    line where the two axes are all that is optimised. Trials without a value yet lie in a margin beyond the data.

    Args:
        trials: as ``tables.trials_frame`` gives it.
        metrics: of the experiment, with roles and thresholds.
        x: column on the horizontal axis.
        y: column on the vertical axis.
        colours: the palette in force.
        parameters: names of the searched parameters, for the hover texts.
        log: axes to be logarithmic.
        new: numbers of trials to be ringed.
        published: models of others that have both figures.
        height: in pixels.

    Returns:
        A figure whose points carry the trial's number as custom data.
    """
    title = f"{label(y)[:1].upper()}{label(y)[1:]} against {label(x)}, one point a trial"
    drawn = placed(trials, x, y)
    if drawn.empty:
        message = "The first trials appear here as they end"
        return empty(
            colours, title=title, x=axis_label(x), y=axis_label(y), height=EMPTY_HEIGHT, message=message
        )
    figure = go.Figure()
    draw = go.Scatter if len(drawn) <= WEBGL_POINTS else go.Scattergl
    if step := _step_line(draw, drawn, metrics, x, y, colours):
        figure.add_trace(step)
    ringed = drawn[drawn["trial"].isin(list(new))]
    if not ringed.empty:
        figure.add_trace(_rings(draw, ringed, colours))
    for group in groups(drawn):
        figure.add_trace(_points(draw, group, x, y, colours, metrics, parameters))
    if published:
        figure.add_trace(references(draw, published, drawn, x, y, colours))
    arrange(
        figure,
        colours,
        title=title,
        x=axis_label(x),
        y=axis_label(y),
        height=height,
        revision=f"{x}/{y}",
    )
    mark_axes(figure, drawn, x, y, log)
    draw_thresholds(figure, drawn, metrics, x, y, colours)
    return figure


def _points(
    draw: Draw,
    group: Group,
    x: str,
    y: str,
    colours: Palette,
    metrics: Sequence[Metric],
    parameters: Sequence[str],
) -> Any:  # noqa: ANN401
    part, status = group.trials, group.status
    told: dict[str, Any] = {"hovertemplate": hover_template(group.name, x, y)}
    if len(part) <= HOVER_POINTS:
        told = {"hovertext": hover_texts(part, x, y, metrics, parameters), "hoverinfo": "text"}
    trace = draw(
        x=part["at_x"].tolist(),
        y=part["at_y"].tolist(),
        mode="markers+text" if status is Status.REFERENCE else "markers",
        name=group.name,
        marker=group.marker(colours),
        customdata=part["trial"].tolist(),
        **told,
    )
    if status is Status.REFERENCE:
        trace.update(text="teacher\u2003", textposition="middle left", textfont={"color": colours.reference})
    if status in (Status.FRONTIER, Status.BASELINE):
        for name, axis in ((x, "error_x"), (y, "error_y")):
            errors = part.get(ERROR_PREFIX + name)
            if errors is not None and errors.notna().any():
                trace.update({axis: _error_bars((NORMAL_95 * errors).tolist(), trace.marker.line.color)})
    return trace


@dataclass(frozen=True, slots=True)
class Group:
    """Trials that are drawn alike.

    Attributes:
        name: in the legend.
        status: what they mean.
        trials: their rows.
        undecided: whether they are dominated but might not be, with other evaluation examples.
    """

    name: str
    status: Status
    trials: pd.DataFrame
    undecided: bool = False

    def marker(self, colours: Palette) -> dict[str, Any]:
        """Colour, size and shape; points of the frontier are the paler, the less sure their place is."""
        drawn = marker(self.status, colours, on_frontier=bool(self.trials["on_frontier"].any()))
        if self.undecided:
            return drawn | {"line": {"color": colours.frontier, "width": 1.5}}
        shares = _shares(self.trials)
        if self.status is not Status.FRONTIER or shares.isna().all():
            return drawn
        fills = [faint(colours.frontier, PALEST + (1 - PALEST) * share) for share in shares.fillna(1.0)]
        return drawn | {"color": fills, "line": {"color": colours.frontier, "width": 1.5}}


def groups(trials: pd.DataFrame) -> Iterator[Group]:
    """Trials by what they mean, those in the back first."""
    for status in ORDER:
        part = trials[trials["status"] == status]
        maybe = (
            _shares(part) >= UNDECIDED if status is Status.DOMINATED else pd.Series(False, index=part.index)
        )
        if not part[~maybe].empty:
            yield Group(LEGEND[status], status, part[~maybe])
        if maybe.any():
            yield Group("undecided", status, part[maybe], undecided=True)


def _shares(part: pd.DataFrame) -> pd.Series[float]:
    """How often trials would be on the frontier with other examples; NaN where that is not known."""
    known = part["frontier_share"] if "frontier_share" in part else pd.Series(None, index=part.index)
    return known.astype(float)


def _rings(draw: Draw, part: pd.DataFrame, colours: Palette) -> Any:  # noqa: ANN401
    """Rings about trials that ended since a moment."""
    return draw(
        x=part["at_x"].tolist(),
        y=part["at_y"].tolist(),
        mode="markers",
        name="new",
        marker={
            "symbol": "circle-open",
            "size": 18,
            "color": colours.predicted,
            "line": {"color": colours.predicted, "width": 2},
        },
        hoverinfo="skip",
    )


def _error_bars(reach: list[float], colour: str) -> dict[str, Any]:
    return {"type": "data", "array": reach, "color": colour, "thickness": 1, "width": 4}


def _step_line(
    draw: Draw, drawn: pd.DataFrame, metrics: Sequence[Metric], x: str, y: str, colours: Palette
) -> Any | None:  # noqa: ANN401
    """The edge of what the frontier dominates, where the two axes are exactly the two objectives."""
    directions = {metric.name: metric.direction for metric in metrics if metric.role == "optimize"}
    front = drawn[drawn["on_frontier"] & drawn["status"].isin([Status.FRONTIER, Status.BASELINE])]
    if set(directions) != {x, y} or len(front) < 2:
        return None
    front = front.sort_values("at_x")
    return draw(
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
