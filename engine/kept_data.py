"""Data of an experiment kept as files, so that a frozen view shows them as they were."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from engine.data_parts import DataPart, DataParts, data_key, read_data
from engine.experiment import ExperimentSpec
from storage.datasets import ExampleTables

KEPT_FOLDER = "kept-data"
_ABOUT = "about.json"


def shown_data(spec: ExperimentSpec, cache: Path) -> DataParts:
    """The data of an experiment: as they were kept in the folder of caches, else as ``read_data`` finds them.

    Raises:
        DatasetError: when they cannot be found or read, or are still on the hub.
    """
    return _kept_data(cache) if (cache / KEPT_FOLDER).is_dir() else read_data(spec, cache)


def shown_key(spec: ExperimentSpec, cache: Path) -> tuple[object, ...]:
    """What ``shown_data`` depends on; another key means that they are to be read again."""
    kept = cache / KEPT_FOLDER
    return (str(kept),) if kept.is_dir() else data_key(spec, cache)


def keep_data(data: DataParts, cache: Path) -> None:
    """Write data into a folder of caches, where ``shown_data`` takes them from, whatever becomes of their files.

    Raises:
        OSError: when there is no room.
    """
    import pyarrow.parquet as pq

    folder = cache / KEPT_FOLDER
    folder.mkdir(parents=True)
    for place, part in enumerate(data.parts.values()):
        pq.write_table(part.tables.examples, folder / f"{place}-examples.parquet")
        pq.write_table(part.tables.contexts, folder / f"{place}-contexts.parquet")
        if part.tokens is not None:
            np.save(folder / f"{place}-tokens.npy", part.tokens)
    about = {
        "parts": {name: part.total for name, part in data.parts.items()},
        "prepared": data.prepared,
        "regression": data.regression,
    }
    (folder / _ABOUT).write_text(json.dumps(about), encoding="utf-8")


def _kept_data(cache: Path) -> DataParts:
    import pyarrow.parquet as pq

    folder = cache / KEPT_FOLDER
    about = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
    parts = {}
    for place, (name, total) in enumerate(about["parts"].items()):
        tables = ExampleTables(
            pq.read_table(folder / f"{place}-examples.parquet"),
            pq.read_table(folder / f"{place}-contexts.parquet"),
        )
        tokens = folder / f"{place}-tokens.npy"
        parts[name] = DataPart(tables, total, np.load(tokens) if tokens.exists() else None)
    return DataParts(parts, about["prepared"], about["regression"])
