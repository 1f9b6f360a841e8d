"""What a page of the dashboard shows, read from Streamlit's own test of an app."""

from __future__ import annotations

import json
from typing import Any

from streamlit.testing.v1 import AppTest


def words(at: AppTest) -> str:
    """Everything a page says in prose, as Markdown."""
    kinds = (at.title, at.subheader, at.markdown, at.caption, at.error, at.warning, at.info, at.code)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def plain_words(at: AppTest) -> str:
    """Everything a page says in prose, without what keeps Markdown from reading it as its own."""
    return words(at).replace("\\", "")


def figure(at: AppTest, key: str) -> Any:
    """The figure of a chart on the page.

    Args:
        at: the page.
        key: of the chart, or a part of it.
    """
    for element in at.get("bidi_component"):
        if key in element.proto.id and "figure" in json.loads(element.proto.json or "{}"):
            return json.loads(json.loads(element.proto.json)["figure"])
    raise AssertionError(f"no chart {key}")
