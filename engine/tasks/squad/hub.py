"""Loads a SQuAD-like dataset by its Hugging Face Hub name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from engine.errors import DatasetError
from engine.tasks.hub import hub_rows
from engine.tasks.squad.records import Builder, Dataset

COLUMNS = ("id", "context", "question", "answers")
INSTEAD = "a file, such as --dataset path/to/train-v2.0.json, or a name such as rajpurkar/squad_v2"


def load_hub_dataset(name: str, split: str) -> Dataset:
    """Load one split of a Hub dataset with SQuAD's columns; from the local cache if the Hub is out of reach.

    Raises:
        DatasetError: The name is malformed, unknown or out of reach, or the columns are not SQuAD's.
    """
    return from_rows(hub_rows(name, None, split, instead=INSTEAD), f"{name} ({split})")


def from_rows(rows: Iterable[Mapping[str, Any]], source: str) -> Dataset:
    """Build a dataset from rows with the columns of the Hub's ``squad`` and ``squad_v2``.

    Raises:
        DatasetError: A column is missing or does not have SQuAD's form.
    """
    builder = Builder(source)
    for number, row in enumerate(rows):
        missing = [column for column in COLUMNS if column not in row]
        if missing:
            raise DatasetError(
                f"{source} is not a SQuAD-like dataset: column {', '.join(missing)} is missing "
                f"(it has {', '.join(row)})"
            )
        answers = row["answers"]
        try:
            pairs = [(str(t), int(s)) for t, s in zip(answers["text"], answers["answer_start"], strict=True)]
        except (KeyError, TypeError, ValueError) as error:
            raise DatasetError(
                f"{source} is not a SQuAD-like dataset: row {number} needs answers with equally long lists "
                f"text and answer_start, found {answers!r}"
            ) from error
        builder.add(
            str(row["id"]), str(row["question"]), str(row["context"]), pairs, str(row.get("title") or "")
        )
    return builder.finish()
