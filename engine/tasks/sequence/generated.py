"""Writes a small invented dataset of any built-in task in its published files, to try the task without data."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from engine.tasks.sequence.catalogue import definition
from engine.tasks.sequence.generated_rows import CHOICE_ROWS, FORMS, Row, flat_row


class Generated(NamedTuple):
    """Where an invented dataset is; ``eval_dataset`` is None where the folder holds both sides."""

    dataset: Path
    eval_dataset: Path | None


def generate_sample(
    name: str, folder: Path, *, training: int = 240, evaluation: int = 60, seed: int = 0
) -> Generated:
    """Write an invented dataset of a task.

    Classes are equally frequent, except among candidates of questions. A task that only has evaluation
    data gets training data of the task it is trained on beside them.

    Args:
        name: A built-in task.
        folder: Where to; made if need be.
        training: Rows to train on (of RACE articles, of MultiRC and ReCoRD passages).
        evaluation: Rows of each evaluation file.
        seed: The same seed gives the same files.

    Raises:
        UnknownNameError: There is no such task.
    """
    found = definition(name)
    rng = random.Random(f"{name}-{seed}")  # noqa: S311 - a sample, no secret
    if found.trained_on:
        dataset = generate_sample(
            found.trained_on, folder / "training", training=training, evaluation=evaluation, seed=seed
        ).dataset
    else:
        dataset = folder
        _write(name, folder, found.train_files[0], _rows(name, 0, training, rng))
    eval_files = dict.fromkeys(subset for _, subset in found.eval_files)
    first = training
    for wanted in eval_files:
        stem = next(
            stem
            for stem, subset in found.eval_files
            if subset == wanted and (stem != "dev" or not _json(name))
        )
        _write(name, folder, stem, _rows(name, first, evaluation, rng))
        first += evaluation
    return Generated(dataset, folder if found.trained_on else None)


def _json(name: str) -> bool:
    return name != "race" and not (name in FORMS and FORMS[name].columns)


def _rows(name: str, first: int, count: int, rng: random.Random) -> list[Row]:
    make = CHOICE_ROWS.get(name)
    numbers = range(first, first + count)
    return [make(number, rng) if make else flat_row(name, number, rng) for number in numbers]


def _write(name: str, folder: Path, stem: str, rows: Sequence[Row]) -> None:
    """GLUE is published as TSV, SuperGLUE as JSON lines, RACE as one file per article."""
    folder.mkdir(parents=True, exist_ok=True)
    if name == "race":
        for row in rows:
            inner = folder / stem / ("high" if row["id"].startswith("high") else "middle")
            inner.mkdir(parents=True, exist_ok=True)
            (inner / row["id"].removeprefix(inner.name)).write_text(json.dumps(row) + "\n", encoding="utf-8")
    elif _json(name):
        text = "".join(json.dumps(row) + "\n" for row in rows)
        (folder / f"{stem}.jsonl").write_text(text, encoding="utf-8")
    else:
        form = FORMS[name]
        lines = ["\t".join(str(row[column]) for column in form.columns) for row in rows]
        header = ["\t".join(form.columns)] if form.header else []
        (folder / f"{stem}.tsv").write_text("\n".join([*header, *lines]) + "\n", encoding="utf-8")
