"""Streams text from the Hugging Face Hub into a file, up to a number of documents, without the whole dataset."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from engine.errors import DatasetError
from engine.tasks.hub import hub_rows

INSTEAD = (
    "text files, a folder or a pattern such as text/*.txt.xz, or a name of the form owner/dataset:config"
)


def fetch_documents(source: str, documents: int, text_field: str, path: Path) -> None:
    """Write the first documents of a Hub dataset's training split into a text file.

    Args:
        source: a name such as ``owner/dataset``, with ``:config`` behind it where the dataset has several.
        documents: how many documents to take; there may be fewer.
        text_field: the column that has the text.
        path: file to write.

    Raises:
        DatasetError: The name is malformed, unknown or out of reach, or there is no such column.
    """
    name, _, config = source.partition(":")
    rows = hub_rows(name, config or None, "train", instead=INSTEAD, streaming=True)
    write_documents(islice(rows, documents), source, text_field, path)


def write_documents(rows: Iterable[Mapping[str, Any]], source: str, text_field: str, path: Path) -> None:
    """Write the texts of rows into a file, one after the other.

    Raises:
        DatasetError: A row has no text in the field.
    """
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            text = row.get(text_field)
            if not isinstance(text, str):
                raise DatasetError(
                    f"the dataset {source} has no text in the column {text_field!r} (it has {', '.join(row)}); "
                    "name the column that has it"
                )
            file.write(text + "\n")
