"""Finds the training or evaluation data that a file, a folder or a hub name stands for, and reads them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from engine.errors import DatasetError
from engine.tasks.sequence.definition import Definition
from engine.tasks.sequence.files import SUFFIXES, Table, read_table
from engine.tasks.sequence.hub import read_hub
from engine.tasks.sequence.reading import examples_of
from engine.tasks.sequence.records import Example
from engine.tasks.squad.loading import is_path

Side = Literal["training", "evaluation"]

ENDINGS = "|".join(re.escape(suffix) for suffix in SUFFIXES)


def is_local(source: str) -> bool:
    """Tell whether a source means a file or folder: it exists, looks like a path, or ends as data files do."""
    return is_path(source) or source.endswith(SUFFIXES)


def load_side(definition: Definition, source: str, side: Side, *, alone: bool) -> list[Example] | None:
    """Read one side of a dataset.

    Args:
        definition: The task.
        source: A file, which is read whole; a folder, in which the files of the side are found by their usual
            names, such as ``train.tsv`` and ``dev.tsv`` (or in its subfolder named as the task usually is);
            or a hub name.
        side: Which data are wanted.
        alone: Whether the source was given for this side alone, so that a file, or a folder of articles, is it.

    Returns:
        The examples, or None where a folder has no evaluation files, or a file is not there for this side alone.

    Raises:
        DatasetError: The data cannot be found, read, or are not in the task's form.
    """
    if not is_local(source):
        splits = definition.eval_splits if side == "evaluation" else ((definition.train_split, ""),)
        tables = [(read_hub(source, definition.configuration, split), subset) for split, subset in splits]
        return _joined(tables, definition)
    path = Path(source).expanduser()
    if not path.is_dir():
        if not alone:
            return None
        return _joined([(read_table(path, definition), "")], definition)
    found = _files_of(path, definition, side)
    if not found and definition.folder:
        inner = [item for item in path.iterdir() if item.name.lower() == definition.folder.lower()]
        found = _files_of(inner[0], definition, side) if inner else []
    if not found and alone and definition.recast == "race":
        # A folder of articles, or the two folders of a side, given by itself.
        articles = [*path.glob("*.txt"), *path.glob("high/*.txt"), *path.glob("middle/*.txt")]
        found = [(sorted(articles), "")] if articles else []
    if found:
        return _joined([(_table(files, definition), subset) for files, subset in found], definition)
    if side == "evaluation":
        return None
    names = " or ".join(f"{name}{SUFFIXES[0]}" for name in definition.train_files)
    raise DatasetError(
        f"the folder {path} has no training file; expected {names} "
        f"(or one of {', '.join(SUFFIXES[1:])}, also .gz), or give the file itself"
    )


def _joined(tables: Sequence[tuple[Table, str]], definition: Definition) -> list[Example]:
    return [item for table, subset in tables for item in examples_of(table, definition, subset)]


def _table(files: Sequence[Path], definition: Definition) -> Table:
    """One table of the parts a dataset was cut into."""
    tables = [read_table(path, definition) for path in files]
    source = tables[0].source if len(tables) == 1 else f"{files[0].parent} ({len(files)} files)"
    return Table(source, [line for table in tables for line in table.lines])


def _files_of(folder: Path, definition: Definition, side: Side) -> list[tuple[list[Path], str]]:
    """Files of each subset of a side; the first usual name that is there counts for a subset."""
    names = definition.eval_files if side == "evaluation" else [(name, "") for name in definition.train_files]
    found: dict[str, list[Path]] = {}
    for name, subset in names:
        files = _named(folder, name)
        if files and subset not in found:
            found[subset] = files
    return [(files, subset) for subset, files in found.items()]


def _named(folder: Path, name: str) -> list[Path]:
    """A file of this name, the parts it was cut into, or all text files in a subfolder of this name."""
    pattern = re.compile(rf"{re.escape(name)}(-\d+-of-\d+)?({ENDINGS})(\.gz)?", re.IGNORECASE)
    matches = [(item, pattern.fullmatch(item.name)) for item in sorted(folder.iterdir())]
    parts = [item for item, match in matches if match and match[1]]
    whole = [item for item, match in matches if match and not match[1]]
    if len(whole) > 1 or (whole and parts):
        raise DatasetError(
            f"the folder {folder} has several files for {name}: "
            f"{', '.join(item.name for item in (*whole, *parts))}; give the file itself"
        )
    inner = folder / name
    if not whole and not parts and inner.is_dir():
        return sorted(item for item in inner.rglob("*.txt") if item.is_file())
    return whole or parts
