"""Loads a split of a classification or multiple-choice dataset by its Hugging Face Hub name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from engine.errors import DatasetError
from engine.tasks.sequence_files import Line, Table
from engine.tasks.squad_hub import HUB_NAME, _offline_unless_reachable


def read_hub(name: str, configuration: str | None, split: str) -> Table:
    """Load one split whole; from the local cache if the Hub is out of reach.

    Args:
        name: Such as ``nyu-mll/glue``.
        configuration: Such as ``cola``; None for datasets that have only one.
        split: Such as ``train``.

    Raises:
        DatasetError: The name is malformed, unknown or out of reach, or there is no such split.
    """
    if not HUB_NAME.fullmatch(name):
        raise DatasetError(
            f"{name!r} is neither a file, nor a folder, nor a Hugging Face name of the form owner/dataset; "
            "give a path such as ./data/train.tsv or a name such as nyu-mll/glue"
        )
    source = f"{name} ({', '.join(filter(None, [configuration, split]))})"
    rows = _fetch(name, configuration, split, source)
    return Table(source, [Line(f"{source}, row {number}", row) for number, row in enumerate(rows, start=1)])


def _fetch(name: str, configuration: str | None, split: str, source: str) -> Iterable[Mapping[str, Any]]:
    import datasets

    try:
        with _offline_unless_reachable():
            rows = datasets.load_dataset(name, configuration, split=split)
    except ConnectionError as error:
        raise DatasetError(
            f"the dataset {source} is not in the local cache and the Hugging Face Hub cannot be reached; "
            "give a local file or folder instead"
        ) from error
    except (datasets.exceptions.DatasetsError, OSError, ValueError, RuntimeError) as error:
        raise DatasetError(
            f"the dataset {source} cannot be loaded from the Hugging Face Hub: {str(error).rstrip('.')}. "
            "Check the name, or give a local file or folder"
        ) from error
    return cast("Iterable[Mapping[str, Any]]", rows)
