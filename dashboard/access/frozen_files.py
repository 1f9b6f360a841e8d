"""Copies the files that a frozen view shows beside its rows: logs, predictions, and what the teacher is."""

from __future__ import annotations

import shutil
from collections.abc import Collection
from pathlib import Path

from engine.settings import Home
from storage.errors import StateError
from storage.experiments import list_experiments
from storage.freezing import Trial
from storage.store import Store
from storage.trials import list_trials

MAX_BYTES = 200 * 2**20
"""Size of all files of one frozen view."""
NEVER_COPIED = frozenset({"process.lock", "exit.json"})
"""Files that are about a process."""


def copy_files(home: Home, copy: Home, excerpt: Store, details_of: Collection[Trial]) -> None:
    """Copy the files of a view's trials, without their models and checkpoints.

    Args:
        home: the home folder.
        copy: the folder of the copy.
        excerpt: the view's experiments.
        details_of: trials whose files are wanted; those of teachers come along.

    Raises:
        StateError: when there is more than may be copied.
        OSError: when there is no room.
    """
    wanted = set(details_of)
    files: list[Path] = []
    for experiment in list_experiments(excerpt):
        for trial in list_trials(excerpt, experiment.experiment_id):
            if trial.role == "teacher" or (experiment.name, trial.number) in wanted:
                files += _files(home.path / trial.folder)
    size = sum(path.stat().st_size for path in files)
    if size > MAX_BYTES:
        raise StateError(
            f"the files behind this view have {size / 2**20:.0f} MB, more than {MAX_BYTES // 2**20} MB: "
            "make a live link"
        )
    for path in files:
        target = copy.path / path.relative_to(home.path)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)


def _files(folder: Path) -> list[Path]:
    """Files of a trial's folder, but none in folders of their own: those are models and checkpoints."""
    if not folder.is_dir():
        return []
    return [
        path
        for path in sorted(folder.iterdir())
        if path.is_file() and not path.is_symlink() and path.name not in NEVER_COPIED
    ]
