"""Streams text from the Hugging Face Hub into a file, up to a number of documents, without the whole dataset."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from engine.errors import DatasetError
from engine.tasks.squad_hub import HUB_NAME, _offline_unless_reachable


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
    if not HUB_NAME.fullmatch(name):
        raise DatasetError(
            f"{source!r} is neither text files nor a Hugging Face name of the form owner/dataset or "
            "owner/dataset:config; give a file, a folder or a pattern such as text/*.txt.xz"
        )
    import datasets

    try:
        with _offline_unless_reachable():
            rows = datasets.load_dataset(name, config or None, split="train", streaming=True)
            write_documents(islice(rows, documents), source, text_field, path)
    except ConnectionError as error:
        raise DatasetError(
            f"the dataset {source} cannot be streamed because the Hugging Face Hub cannot be reached; "
            "give local text instead, such as a folder of .txt files"
        ) from error
    except (datasets.exceptions.DatasetsError, OSError, ValueError, RuntimeError) as error:
        raise DatasetError(
            f"the dataset {source} cannot be streamed from the Hugging Face Hub: {str(error).rstrip('.')}. "
            "Check the name, or give local text instead"
        ) from error


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
