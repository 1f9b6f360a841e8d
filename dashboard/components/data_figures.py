"""What a dataset is like as a whole: topics or labels, and lengths."""

from __future__ import annotations

import streamlit as st

from dashboard.charts.dataset import labels_chart, lengths_chart, tokens_chart, topics_chart, values_chart
from dashboard.components.chart import chart
from dashboard.views import colours
from engine.data_parts import DataPart, DataParts
from storage.datasets import Length, labels_frame, lengths_frame, topics_frame, values_frame
from storage.store import Store


def topics_figure(store: Store, part: DataPart) -> None:
    """Topics with their answerable share."""
    topics = topics_frame(store, part.tables)
    chart(
        topics_chart(topics, colours()),
        key="data topics",
        alt="Questions by topic, with and without an answer",
    )


def labels_figure(store: Store, data: DataParts) -> None:
    """Balance of the labels in all parts."""
    labels = {name: labels_frame(store, part.tables) for name, part in data.parts.items()}
    chart(labels_chart(labels, colours()), key="data labels", alt="Share of each label in each part")


def values_figure(store: Store, part: DataPart) -> None:
    """Right values of a regression."""
    values = values_frame(store, part.tables)
    chart(values_chart(values, colours()), key="data values", alt="How often each value is right")


def lengths_figures(store: Store, part: DataPart, words: dict[Length, str], longest: int) -> None:
    """Lengths of the texts in words and, once prepared, of the rows in tokens.

    Args:
        store: the open database.
        part: the part that is looked at.
        words: what each kind of text is called.
        longest: most tokens in a row.
    """
    columns = st.columns(2)
    figures = [
        (
            lengths_chart(lengths_frame(store, part.tables, length), f"Words in {name}", "words", colours()),
            name,
        )
        for length, name in words.items()
    ]
    if part.tokens is not None and len(part.tokens):
        figures.append((tokens_chart(part.tokens, longest, colours()), "rows, in tokens"))
    for place, (figure, name) in enumerate(figures):
        with columns[place % 2]:
            chart(figure, key=f"data lengths {place}", alt=f"Lengths of {name}")
    if part.tokens is None:
        st.caption(
            "Lengths in tokens appear here once an experiment has prepared these data for its teacher."
        )
