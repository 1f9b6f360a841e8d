"""Shows a figure so that it is changed in place, not replaced, when its data change.

Streamlit's own chart element is made anew with every change of its figure: it flickers and forgets the zoom.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import plotly
import streamlit as st
import streamlit.components.v1

_ASSETS = Path(__file__).resolve().parent.parent / "assets"
_NAME = "plotly_library"
_LIBRARY = Path(plotly.__file__).parent / "package_data"


def chart(figure: Any, *, key: str, alt: str, on_click: Callable[[int], None] | None = None) -> None:  # noqa: ANN401
    """Draw a figure over the whole width.

    Args:
        figure: a Plotly figure with a height.
        key: identifies the chart on its page.
        alt: what it shows, for those who cannot see it.
        on_click: called with the custom data of a point that was clicked.
    """
    draw = st.components.v2.component(
        "bert_frontier_chart",
        html='<div class="chart"></div>\n',
        js=(_ASSETS / "chart.js").read_text(encoding="utf-8"),
        isolate_styles=False,
    )
    draw(
        key=key,
        data={
            "figure": figure.to_json(),
            "height": figure.layout.height,
            "alt": alt,
            "library": _library_address(),
            "clickable": on_click is not None,
        },
        on_clicked_change=lambda: None if on_click is None else on_click(int(st.session_state[key].clicked)),
    )


def _library_address() -> str:
    """Address of the Plotly library that comes with the Python package; Streamlit serves its folder."""
    served = streamlit.components.v1.declare_component(_NAME, path=str(_LIBRARY))
    return f"component/{served.name}/plotly.min.js"
