"""Shows a figure so that it is changed in place, not replaced, when its data change, and can be saved.

Streamlit's own chart element is made anew with every change of its figure: it flickers and forgets the zoom.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import plotly
import streamlit as st
import streamlit.components.v1

_ASSETS = Path(__file__).resolve().parent.parent / "assets"
_NAME = "plotly_library"
_LIBRARY = Path(plotly.__file__).parent / "package_data"

Brushes = Mapping[str, Sequence[float]]
"""For each brushed axis of a parallel coordinates chart the ends of its brushes: low, high, low, high, ..."""


def chart(
    figure: Any,  # noqa: ANN401 - plotly is untyped
    *,
    key: str,
    alt: str,
    on_click: Callable[[int], None] | None = None,
    on_brush: Callable[[Brushes], None] | None = None,
    min_width: int | None = None,
) -> None:
    """Draw a figure over the whole width, with its title above and a menu to save it as picture or page.

    Args:
        figure: a Plotly figure with a height.
        key: identifies the chart on its page.
        alt: what it shows, for those who cannot see it.
        on_click: called with the custom data of a point that was clicked.
        on_brush: called with all brushes of a parallel coordinates chart when one of them has changed.
        min_width: in pixels; in a narrower window the chart is scrolled sideways.
    """
    draw = st.components.v2.component(
        "bert_frontier_chart",
        html=_asset("chart.html"),
        css=_asset("chart.css"),
        js=_asset("chart.js"),
        isolate_styles=False,
    )
    title = figure.layout.title.text or ""
    draw(
        key=key,
        data={
            "figure": figure.to_json(),
            "height": figure.layout.height,
            "title": title,
            "alt": alt,
            "name": re.sub(r"[^a-z0-9]+", "-", (title or alt).lower()).strip("-")[:60] or "chart",
            "library": _library_address(),
            "clickable": on_click is not None,
            "brushable": on_brush is not None,
            "min_width": min_width,
        },
        on_clicked_change=lambda: None if on_click is None else on_click(int(st.session_state[key].clicked)),
        on_brushed_change=lambda: (
            None if on_brush is None else on_brush(dict(st.session_state[key].brushed or {}))
        ),
    )


@cache
def _asset(name: str) -> str:
    return (_ASSETS / name).read_text(encoding="utf-8")


def _library_address() -> str:
    """Address of the Plotly library that comes with the Python package; Streamlit serves its folder."""
    served = streamlit.components.v1.declare_component(_NAME, path=str(_LIBRARY))
    return f"component/{served.name}/plotly.min.js"
