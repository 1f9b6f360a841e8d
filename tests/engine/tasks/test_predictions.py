"""Answers and examples go into files and come back, whatever they hold."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.tasks.predictions import (
    ROW_GROUP,
    ExampleText,
    read_predictions,
    write_examples,
    write_predictions,
)
from engine.tasks.sequence.catalogue import definition
from engine.tasks.sequence.records import Example
from engine.tasks.sequence.texts import example_texts

SPAN = {
    "answer": "",
    "best_span": "54 metres",
    "span": (10, 19),
    "score": 0.0,
    "partial": 0.5,
    "null_odds": 1.5,
}
CLASS = {
    "prediction": "neutral",
    "gold": "entailment",
    "score": 0.0,
    "probability": 0.75,
    "probabilities": {"entailment": 0.25, "neutral": 0.75},
}


def test_each_kind_of_record_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "predictions.parquet"
    write_predictions({"q": SPAN, "c": CLASS, "v": {"prediction": 2.125, "gold": 2.0}}, path)
    span, classified, value = read_predictions(path).values()
    assert (span["answer"], span["best_span"], span["start"], span["end"]) == ("", "54 metres", 10, 19)
    assert (span["score"], span["partial"], span["null_odds"]) == (0.0, 0.5, 1.5)
    assert (classified["answer"], classified["probability"]) == ("neutral", 0.75)
    assert dict(zip(classified["labels"], classified["probabilities"], strict=True)) == CLASS["probabilities"]
    assert value == {"example": "v", "answer": "2.125", "value": 2.125}
    assert list(tmp_path.iterdir()) == [path]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.text(), st.text(), st.lists(st.text(min_size=1), max_size=3)), max_size=5))
def test_examples_keep_their_texts_and_order(
    tmp_path: Path, given_texts: list[tuple[str, str, list[str]]]
) -> None:
    path = tmp_path / "examples.parquet"
    texts = [
        ExampleText(f"q{n}", question, context, "topic", tuple(golds), tuple(range(len(golds))))
        for n, (question, context, golds) in enumerate(given_texts)
    ]
    write_examples(texts, path)
    rows = pq.read_table(path).to_pylist()
    assert [row["position"] for row in rows] == list(range(len(texts)))
    for row, text in zip(rows, texts, strict=True):
        assert (row["example"], row["question"], row["context"]) == (
            text.example,
            text.question,
            text.context,
        )
        assert (tuple(row["golds"]), tuple(row["starts"])) == (text.golds, text.starts)


def test_one_example_can_be_read_without_the_others(tmp_path: Path) -> None:
    write_examples(
        [ExampleText(str(n), "?") for n in range(2 * ROW_GROUP + 1)], tmp_path / "examples.parquet"
    )
    with pq.ParquetFile(tmp_path / "examples.parquet") as file:
        assert file.num_row_groups == 3
        assert file.read_row_group(2)["example"].to_pylist() == [str(2 * ROW_GROUP)]


@pytest.mark.parametrize(
    ("task", "examples", "expected"),
    [
        ("sst2", [Example("1", "fine", None, 1)], [ExampleText("1", "fine", "", "", ("positive",))]),
        ("stsb", [Example("1", "a", "b", 2.6)], [ExampleText("1", "a", "b", "", ("2.6",))]),
        (
            "mnli",
            [Example("1", "a", "b", 0, subset="mismatched")],
            [ExampleText("1", "a", "b", "mismatched", (definition("mnli").labels[0],))],
        ),
        (
            "copa",
            [
                Example("1", "It rained.", "Why? clouds", 1, group="g", candidate="clouds"),
                Example("2", "It rained.", "Why? sun", 0, group="g", candidate="sun"),
            ],
            [ExampleText("g", "Why? clouds\nWhy? sun", "It rained.", "", ("clouds",))],
        ),
    ],
)
def test_texts_of_sequence_tasks(task: str, examples: list[Example], expected: list[ExampleText]) -> None:
    assert example_texts(definition(task), examples) == expected
