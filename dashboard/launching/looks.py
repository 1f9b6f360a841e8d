"""Closer looks at data and teachers, beside the page: what they hold, or why they cannot be used."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from pathlib import Path

from dashboard.background import KeptWork, Work
from dashboard.launching.checks import Check
from engine.errors import BertFrontierError
from engine.experiment import EMBEDDED
from engine.inspection.datasets import Side, inspect_data, inspected_files
from engine.inspection.models import inspect_model
from engine.tasks.hub import HUB_NAME
from engine.tasks.interface import Head
from engine.tasks.task_section import TaskSection

KEPT = 32
"""Datasets whose look is remembered while their files stay as they are."""
MAX_FILES = 200
"""Files of a folder whose state is looked at."""

_looks: KeptWork[Check] = KeptWork(KEPT)


def look_at_data(section: TaskSection, source: str, side: Side) -> Work[Check]:
    """Reading and counting one side of a dataset, begun unless that was done before.

    Raises:
        DatasetError: when there is nothing to read.
    """
    files = inspected_files(section, source)
    key: Hashable = (
        section.name,
        repr(section.format),
        source,
        side,
        tuple(_state(path) for path in files[:MAX_FILES]),
    )
    return _looks.get(key, lambda: _looked(section, source, side))


def _looked(section: TaskSection, source: str, side: Side) -> Check:
    try:
        found = inspect_data(section, source, side)
    except BertFrontierError as error:
        return Check(_sentence(error), problem=True)
    return Check(f"Checked: {found.told}." if found.is_here else f"{found.told[:1].upper()}{found.told[1:]}.")


def look_at_teacher(source: str, head: Head, *, trained: bool, scores: Sequence[str] = ()) -> Check | None:
    """What a teacher is; None where only its name is known.

    Args:
        source: folder or hub name.
        head: of the task.
        trained: whether the specification says that it has that head.
        scores: what it was measured to reach before, in words.
    """
    if source == EMBEDDED or not (Path(source).expanduser().is_dir() or HUB_NAME.fullmatch(source)):
        return None
    try:
        found = inspect_model(source, head)
    except BertFrontierError as error:
        return Check(_sentence(error), problem=True)
    if found is None:
        return Check(f"Not in the local cache; {'; '.join(scores)}.") if scores else None
    told = "; ".join([found.told, *scores])
    if trained and found.lacks is not None:
        return Check(f"{told}, but {found.lacks}: set trained to false, or give another one.", problem=True)
    return Check(f"Checked: {told}.")


def _state(path: Path) -> Hashable:
    """Changes when a file, or one in a folder, changes."""
    try:
        inside = sorted(path.iterdir())[:MAX_FILES] if path.is_dir() else [path]
        return tuple((str(item), item.stat().st_mtime_ns, item.stat().st_size) for item in inside)
    except OSError:
        return str(path)


def _sentence(error: BertFrontierError) -> str:
    text = str(error)
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."
