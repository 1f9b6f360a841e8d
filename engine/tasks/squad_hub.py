"""Loads a SQuAD-like dataset by its Hugging Face Hub name; gives up soon and clearly without a network."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, cast

import httpx

from engine.errors import DatasetError
from engine.tasks.squad_records import Builder, Dataset

HUB_NAME = re.compile(r"[\w-][\w.-]*(/[\w-][\w.-]*)?")
COLUMNS = ("id", "context", "question", "answers")
# Seconds to wait for the Hub's front door; without a network the Hub's own client retries for over 20 s.
REACH_TIMEOUT = 5.0


def load_hub_dataset(name: str, split: str) -> Dataset:
    """Load one split of a Hub dataset with SQuAD's columns; from the local cache if the Hub is out of reach.

    Raises:
        DatasetError: The name is malformed, unknown or out of reach, or the columns are not SQuAD's.
    """
    if not HUB_NAME.fullmatch(name):
        raise DatasetError(
            f"{name!r} is neither a file nor a Hugging Face name of the form owner/dataset; "
            "give --dataset path/to/train-v2.0.json or --dataset rajpurkar/squad_v2"
        )
    rows = _fetch(name, split)
    return from_rows(rows, f"{name} ({split})")


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


def _fetch(name: str, split: str) -> Iterable[Mapping[str, Any]]:
    import datasets

    try:
        with _offline_unless_reachable():
            rows = datasets.load_dataset(name, split=split)
    except ConnectionError as error:
        raise DatasetError(
            f"the dataset {name} is not in the local cache and the Hugging Face Hub cannot be reached; "
            "give a local file instead, such as --dataset path/to/train-v2.0.json"
        ) from error
    except (datasets.exceptions.DatasetsError, OSError, ValueError, RuntimeError) as error:
        raise DatasetError(
            f"the dataset {name} (split {split}) cannot be loaded from the Hugging Face Hub: {str(error).rstrip('.')}. "
            "Check the name, or give a local file such as --dataset path/to/train-v2.0.json"
        ) from error
    return cast("Iterable[Mapping[str, Any]]", rows)


@contextmanager
def _offline_unless_reachable() -> Iterator[None]:
    """Tell the datasets library not to retry when one short request shows that the Hub is out of reach."""
    from datasets import config

    before = config.HF_HUB_OFFLINE
    config.HF_HUB_OFFLINE = before or not _reachable(config.HF_ENDPOINT)
    try:
        yield
    finally:
        config.HF_HUB_OFFLINE = before


def _reachable(endpoint: str) -> bool:
    try:
        response = httpx.head(endpoint, timeout=REACH_TIMEOUT)
    except (httpx.HTTPError, httpx.InvalidURL):
        return False
    return not response.is_server_error
