"""Published models beside trials: small grey triangles with labels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import Any

import pandas as pd

from dashboard import formats
from dashboard.charts.layout import FONT_SIZE
from dashboard.charts.placing import placed
from dashboard.charts.thresholds import near
from dashboard.palette import Palette
from engine.published import Published


def references(
    draw: Callable[..., Any],
    found: Sequence[Published],
    drawn: pd.DataFrame,
    x: str,
    y: str,
    colours: Palette,
) -> Any:  # noqa: ANN401 - plotly is untyped
    """A trace of published models, each of which has both metrics.

    Args:
        draw: makes the trace.
        found: the models.
        drawn: trials beside them, as ``placing.placed`` gives them.
        x: metric on the horizontal axis.
        y: metric on the vertical axis.
        colours: the palette in force.
    """
    return draw(
        x=[model.metrics[x] for model in found],
        y=[model.metrics[y] for model in found],
        mode="markers+text",
        name="published",
        marker={
            "symbol": "triangle-down-open",
            "size": 9,
            "color": colours.reference,
            "line": {"color": colours.reference, "width": 1.5},
        },
        text=[f"\u2002{model.name}\u2002" for model in found],
        textposition=_sides([model.metrics[x] for model in found], drawn["at_x"].tolist()),
        textfont={"color": colours.reference, "size": FONT_SIZE - 1},
        hovertext=[_hover(model, x, y) for model in found],
        hoverinfo="text",
    )


def _sides(places: Sequence[float], others: Sequence[float]) -> list[str]:
    """On which side of each point its label has room: on the left in the right half of the picture."""
    middle = (min(*places, *others) + max(*places, *others)) / 2
    return ["middle left" if place > middle else "middle right" for place in places]


def fit(found: Sequence[Published], trials: pd.DataFrame, x: str, y: str) -> bool:
    """Whether drawing published models leaves the trials as large as they are."""
    drawn = placed(trials, x, y)
    return not drawn.empty and all(
        near(drawn["at_x"], model.metrics[x]) and near(drawn["at_y"], model.metrics[y]) for model in found
    )


def _hover(model: Published, x: str, y: str) -> str:
    lines = [f"<b>{escape(model.name)}</b>, published"]
    lines += [f"{formats.label(name)}: {formats.metric(name, model.metrics[name])}" for name in (y, x)]
    return "<br>".join([*lines, *([escape(model.note)] if model.note else []), escape(model.source)])
