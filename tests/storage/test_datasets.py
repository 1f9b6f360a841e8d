"""Examples of a dataset: pages, filters and sums agree with a plain count in Python."""

from __future__ import annotations

from collections import Counter

import pytest

from engine.data_parts import tables_of
from engine.tasks.predictions import ExampleText
from storage.datasets import (
    MAX_PAGE,
    ExampleFilter,
    ExampleTables,
    context_page,
    count_examples,
    example_page,
    labels_frame,
    lengths_frame,
    topics_frame,
    values_frame,
)
from storage.store import Store

BRIDGE, SHIP = "The bridge is built of oak.", "The ship sails at dawn from the old harbour."
EXAMPLES = [
    ExampleText("q1", "What is it built of?", BRIDGE, "Bridges", ("oak",), (23,)),
    ExampleText("q2", "When does it sail?", SHIP, "Ships", ("at dawn", "dawn"), (15, 18)),
    ExampleText("q3", "Who designed it?", BRIDGE, "Bridges"),
    ExampleText("q4", "Who owns it?", SHIP, "Ships"),
    ExampleText("q5", "How long is it?", BRIDGE, "Bridges"),
]


@pytest.fixture
def tables() -> ExampleTables:
    return tables_of(EXAMPLES)


def names(store: Store, tables: ExampleTables, **wanted: object) -> list[str]:
    found = example_page(store, tables, ExampleFilter(**wanted), offset=0, limit=50)  # type: ignore[arg-type]
    return list(found["example"])


def test_each_context_is_kept_once(tables: ExampleTables) -> None:
    assert tables.contexts["context"].to_pylist() == [BRIDGE, SHIP]
    assert tables.examples["place"].to_pylist() == [0, 1, 0, 1, 0]
    assert tables.examples["gold_words"].to_pylist() == [1, 2, 0, 0, 0]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({}, ["q1", "q2", "q3", "q4", "q5"]),
        ({"topic": "Ships"}, ["q2", "q4"]),
        ({"answerable": False}, ["q3", "q4", "q5"]),
        ({"answerable": True, "topic": "Bridges"}, ["q1"]),
        ({"text": "HARBOUR"}, ["q2", "q4"]),
        ({"text": "who"}, ["q3", "q4"]),
        ({"text": " at dawn "}, ["q2", "q4"]),
        ({"label": "oak"}, ["q1"]),
        ({"text": "100%_'"}, []),
    ],
)
def test_filters(store: Store, tables: ExampleTables, wanted: dict[str, object], expected: list[str]) -> None:
    assert names(store, tables, **wanted) == expected
    examples, answered, contexts = count_examples(store, tables, ExampleFilter(**wanted))  # type: ignore[arg-type]
    chosen = [item for item in EXAMPLES if item.example in expected]
    assert examples == len(chosen)
    assert answered == sum(bool(item.golds) for item in chosen)
    assert contexts == len({item.context for item in chosen})


def test_pages_of_examples(store: Store, tables: ExampleTables) -> None:
    found = example_page(store, tables, ExampleFilter(), offset=1, limit=2)
    assert list(found["example"]) == ["q2", "q3"]
    assert list(found["golds"][0]) == ["at dawn", "dawn"]
    assert list(found["starts"][0]) == [15, 18]
    many = tables_of(ExampleText(str(n), "text") for n in range(2 * MAX_PAGE))
    assert len(example_page(store, many, ExampleFilter(), offset=0, limit=10**6)) == MAX_PAGE


def test_pages_of_contexts_have_all_their_questions(store: Store, tables: ExampleTables) -> None:
    first = context_page(store, tables, ExampleFilter(), offset=0, limit=1)
    assert list(first["example"]) == ["q1", "q3", "q5"]
    second = context_page(store, tables, ExampleFilter(), offset=1, limit=1)
    assert list(second["example"]) == ["q2", "q4"]
    asked = context_page(store, tables, ExampleFilter(answerable=False), offset=0, limit=5)
    assert list(asked["example"]) == ["q3", "q5", "q4"]


def test_topics_and_labels(store: Store, tables: ExampleTables) -> None:
    topics = topics_frame(store, tables)
    assert topics.to_dict("records") == [
        {"topic": "Bridges", "answerable": 1, "unanswerable": 2},
        {"topic": "Ships", "answerable": 1, "unanswerable": 1},
    ]
    labelled = tables_of(ExampleText(str(n), "text", golds=("good" if n % 3 else "bad",)) for n in range(10))
    assert labels_frame(store, labelled).to_dict("records") == [
        {"label": "good", "examples": 6},
        {"label": "bad", "examples": 4},
    ]


@pytest.mark.parametrize("bins", [1, 3, 40])
def test_lengths_count_every_text_once(store: Store, bins: int) -> None:
    words = [1, 1, 2, 5, 9, 9, 30]
    tables = tables_of(ExampleText(str(n), " ".join(["w"] * count)) for n, count in enumerate(words))
    found = lengths_frame(store, tables, "question_words", bins)
    assert found["texts"].sum() == len(words)
    assert len(found) <= bins
    for low, high, texts in found.itertuples(index=False):
        assert texts == sum(low <= count <= high for count in words)
    assert lengths_frame(store, tables, "gold_words").empty


def test_values_count_every_number_once(store: Store) -> None:
    values = [0.0, 0.5, 2.5, 5.0, 5.0]
    tables = tables_of(ExampleText(str(n), "text", golds=(f"{value}",)) for n, value in enumerate(values))
    found = values_frame(store, tables, bins=5)
    assert found["examples"].sum() == len(values)
    assert (found["low"].min(), found["high"].max()) == (0.0, 5.0)
    assert Counter(found["examples"]) == Counter([2, 1, 2])
    assert values_frame(store, tables_of([ExampleText("a", "b", golds=("1",))])).to_dict("list")[
        "examples"
    ] == [1]
    assert values_frame(store, tables_of([ExampleText("a", "b", golds=("no",))])).empty
