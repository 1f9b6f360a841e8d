"""The data of an experiment as people look at them: its parts, example by example, and how long their rows are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.distill.cache_key import experiment_task, prepared_folder
from engine.distill.models.embedded_corpus import write_embedded_corpus
from engine.distill.models.embedded_files import embedded_data
from engine.errors import DatasetError
from engine.experiment import ExperimentSpec
from engine.spec_sections import EMBEDDED
from engine.tasks.interface import Task
from engine.tasks.predictions import ExampleText
from storage.datasets import CONTEXT_SCHEMA, EXAMPLE_SCHEMA, ExampleTables

MAX_EXAMPLES = 300_000
"""Examples of a part that can be looked at; of more, the first ones."""
MAX_PASSAGES = 20_000
"""The same for passages of a corpus, which are read from its files."""


@dataclass(frozen=True, slots=True, eq=False)
class DataPart:
    """One part of the data.

    Attributes:
        tables: its examples, as far as they can be looked at.
        total: how many there are.
        tokens: of each row, once the data have been prepared for a teacher; None before.
    """

    tables: ExampleTables
    total: int
    tokens: NDArray[np.int64] | None


@dataclass(frozen=True, slots=True, eq=False)
class DataParts:
    """All of it.

    Attributes:
        parts: by name, in the task's order.
        prepared: whether this is what experiments have prepared, rather than what a fresh reading gives.
        regression: whether right answers are numbers.
    """

    parts: Mapping[str, DataPart]
    prepared: bool
    regression: bool


def read_data(spec: ExperimentSpec, cache: Path) -> DataParts:
    """Read the data of an experiment: as it was prepared, or else from its files, sampled as the experiment would.

    Args:
        spec: the experiment's specification.
        cache: the home's folder of caches; the embedded corpus is written there if it is missing.

    Raises:
        DatasetError: when the data cannot be found or read, or are still on the hub.
    """
    _have_embedded(spec, cache)
    task = experiment_task(spec, cache)
    folder = prepared_folder(spec, cache)
    regression = task.head == "sequence" and (task.labels == 1 or spec.task.rounding)
    if folder.exists() and task.head != "masked_lm":
        loaded = {name: task.load(folder / name) for name in task.parts}
        parts = {name: _part(task, part.examples, part.rows.lengths) for name, part in loaded.items()}
        return DataParts(parts, True, regression)
    if not task.files():
        raise DatasetError(
            f"the dataset {spec.task.dataset} is on the hub and no experiment has prepared it here: "
            "it can be looked at once the teacher of an experiment with it is ready"
        )
    tokens: dict[str, Any] = {}
    if folder.exists():
        tokens = {name: task.load(folder / name).rows.lengths for name in task.parts}
    read = task.read()
    parts = {name: _part(task, read[name], tokens.get(name)) for name in task.parts}
    return DataParts(parts, bool(tokens), regression)


def data_key(spec: ExperimentSpec, cache: Path) -> tuple[object, ...]:
    """What the data depend on; another key means that they are to be read again."""
    _have_embedded(spec, cache)
    files = experiment_task(spec, cache).files()
    states = tuple(_state(path) for path in (*files, cache / "prepared"))
    return (spec.task.model_dump_json(), spec.teacher.model, spec.seed, states)


def tables_of(texts: Iterable[ExampleText]) -> ExampleTables:
    """Examples as tables, every context once."""
    import pyarrow as pa

    places: dict[str, int] = {}
    columns: dict[str, list[Any]] = {name: [] for name in EXAMPLE_SCHEMA.names}
    for position, item in enumerate(texts):
        row = (
            *(
                position,
                item.example,
                item.question,
                places.setdefault(item.context, len(places)),
                item.topic,
            ),
            *(list(item.golds), list(item.starts), _words(item.question)),
            _words(item.golds[0]) if item.golds else 0,
        )
        for column, value in zip(columns.values(), row, strict=True):
            column.append(value)
    contexts = {
        "place": list(places.values()),
        "context": list(places),
        "context_words": [_words(text) for text in places],
    }
    return ExampleTables(pa.table(columns, schema=EXAMPLE_SCHEMA), pa.table(contexts, schema=CONTEXT_SCHEMA))


def _state(path: Path) -> tuple[str, int, int]:
    try:
        found = path.stat()
    except OSError:
        return str(path), 0, 0
    return str(path), found.st_mtime_ns, found.st_size


def _have_embedded(spec: ExperimentSpec, cache: Path) -> None:
    data = embedded_data(cache)
    if EMBEDDED in (spec.task.dataset, spec.task.eval_dataset) and not (
        data.train.exists() and data.evaluation.exists()
    ):
        write_embedded_corpus(data)


def _part(task: Task, examples: Sequence[Any], tokens: Any) -> DataPart:  # noqa: ANN401
    describe: Callable[[Sequence[Any]], Sequence[ExampleText]] = task.texts
    most = MAX_EXAMPLES
    if task.head == "masked_lm":
        describe, most = _passages, MAX_PASSAGES
    kept = examples[:most] if task.head != "masked_lm" else list(islice(examples, most))
    lengths = None if tokens is None else np.asarray(tokens, dtype=np.int64)
    return DataPart(tables_of(describe(kept)), len(examples), lengths)


def _passages(texts: Sequence[str]) -> list[ExampleText]:
    return [ExampleText(example=str(number), question=text) for number, text in enumerate(texts, 1)]


def _words(text: str) -> int:
    return len(text.split())
