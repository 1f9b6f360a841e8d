"""The examples of a dataset, a page at a time: contexts with questions and answers, pairs with labels, passages."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard import formats
from dashboard.components import address
from dashboard.components.pages import PAGE, open_page, page_numbers
from dashboard.marked_text import Mark, Passage, marked_html
from dashboard.views import colours
from storage.datasets import ExampleFilter, ExampleTables, context_page, count_examples, example_page
from storage.store import Store

CONTEXTS, EXAMPLES = 5, 25
"""Contexts, or examples, of one page."""
ROW_HEIGHT = 48
ANY = "all"


def question_browser(store: Store, tables: ExampleTables, topics: Sequence[str]) -> None:
    """Contexts with their questions; accepted answers are underlined in the context."""
    wanted = _question_filter(topics)
    examples, answered, contexts = count_examples(store, tables, wanted)
    if not examples:
        _nothing()
        return
    start = _pages(
        contexts,
        CONTEXTS,
        f"{examples:,} questions on {contexts:,} contexts, {formats.share(answered / examples)} answerable",
    )
    found = context_page(store, tables, wanted, offset=start, limit=CONTEXTS)
    for _, rows in found.groupby("place", sort=False):
        with st.container(border=True):
            _context(rows)


def label_browser(
    store: Store, tables: ExampleTables, labels: Sequence[str], *, pairs: bool, groups: bool
) -> None:
    """Texts with their right labels as a table.

    Args:
        store: the open database.
        tables: the examples.
        labels: there are, to choose from; none for a regression.
        pairs: whether there is a second text.
        groups: whether the data say what examples are about.
    """
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = address.text("Search", "search", forget=(PAGE,), placeholder="words in the texts", width=320)
        label = ANY
        if labels:
            label = address.choice("Label", "label", [ANY, *labels], ANY, forget=(PAGE,), width=220)
    wanted = ExampleFilter(label=None if label == ANY else label, text=text)
    examples, _, _ = count_examples(store, tables, wanted)
    if not examples:
        _nothing()
        return
    start = _pages(examples, EXAMPLES, f"{examples:,} examples")
    found = example_page(store, tables, wanted, offset=start, limit=EXAMPLES)
    shown = pd.DataFrame({"text": found["question"]})
    if pairs:
        shown["second text"] = found["context"]
    shown["label" if labels else "value"] = [", ".join(golds) for golds in found["golds"]]
    if groups:
        shown["about"] = found["topic"]
    shown["id"] = found["example"]
    st.dataframe(
        shown,
        hide_index=True,
        row_height=ROW_HEIGHT,
        height=ROW_HEIGHT * (len(shown) + 1),
        column_config={"text": st.column_config.TextColumn(width="large")},
        key="examples",
        alt="Examples with their labels",
    )


def passage_browser(store: Store, tables: ExampleTables) -> None:
    """Passages of a corpus as they are read."""
    text = address.text("Search", "search", forget=(PAGE,), placeholder="words in the passages", width=320)
    wanted = ExampleFilter(text=text)
    passages, _, _ = count_examples(store, tables, wanted)
    if not passages:
        _nothing()
        return
    start = _pages(passages, EXAMPLES, f"{passages:,} passages")
    for row in example_page(store, tables, wanted, offset=start, limit=EXAMPLES).itertuples():
        with st.container(horizontal=True, wrap=False, vertical_alignment="top"):
            st.caption(f"{row.example}", width=60)
            st.html(marked_html(str(row.question), [], colours()), width="stretch")


def _question_filter(topics: Sequence[str]) -> ExampleFilter:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = address.text(
            "Search", "search", forget=(PAGE,), placeholder="words in question, context or answer", width=320
        )
        topic = ANY
        if topics:
            topic = address.choice(
                "Topic",
                "topic",
                [ANY, *topics],
                ANY,
                words=lambda name: name.replace("_", " "),
                forget=(PAGE,),
                width=260,
            )
        answer = address.choice(
            "Answer", "answer", [ANY, "answerable", "unanswerable"], ANY, forget=(PAGE,), width=180
        )
    return ExampleFilter(
        topic=None if topic == ANY else topic,
        answerable=None if answer == ANY else answer == "answerable",
        text=text,
    )


def _context(rows: pd.DataFrame) -> None:
    first = rows.iloc[0]
    if first["topic"]:
        st.caption(formats.literal(str(first["topic"]).replace("_", " ")))
    passages = [
        Passage(int(start), int(start) + len(gold), Mark.RIGHT)
        for _, row in rows.iterrows()
        for gold, start in zip(row["golds"], row["starts"], strict=False)
    ]
    st.html(marked_html(str(first["context"]), passages, colours()))
    lines = []
    for _, row in rows.iterrows():
        golds = list(dict.fromkeys(row["golds"]))
        told = " \u00b7 ".join(f"**{formats.literal(gold)}**" for gold in golds) or ":gray[*no answer*]"
        lines.append(f"- {formats.literal(row['question'])} {told}")
    st.markdown("\n".join(lines))


def _pages(count: int, size: int, words: str) -> int:
    """Draw what there is and the numbers of its pages; gives the first place of the page that is open."""
    number, pages = open_page(count, size)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(words, width="stretch")
        page_numbers(number, pages, "data")
    return (number - 1) * size


def _nothing() -> None:
    st.info("No example is like that. Take back one of the filters.")
