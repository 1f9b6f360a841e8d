"""Taking a trial's model away, as it is: as a folder, or as one zip file."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from engine.errors import ModelError, SettingError, UnknownNameError
from engine.settings import Home
from engine.trial_folder import TrialFolder
from storage.naming import NAME_PATTERN


def parse_trial_name(text: str) -> tuple[str, int]:
    """Experiment and number of a trial written as ``demo/3``.

    Raises:
        SettingError: when it is written otherwise.
    """
    name, separator, number = text.rpartition("/")
    if not separator or not name or not number.isdecimal():
        raise SettingError(f"{text!r} does not name a trial; write experiment/number, such as demo/3")
    return name, int(number)


def trial_folder(home: Home, name: str, number: int) -> TrialFolder:
    """Folder of a trial that has a finished model.

    Raises:
        UnknownNameError: when there is no such trial.
        ModelError: when the trial has no model (yet).
    """
    folder = TrialFolder(home.path / "experiments" / name / f"{number:04d}")
    if not NAME_PATTERN.fullmatch(name) or not folder.path.is_dir():
        raise UnknownNameError(f"there is no trial {name}/{number} under {home.path}")
    if not folder.model.is_dir():
        if number == 0:
            raise ModelError(f"{name}/0 is the teacher; take its model from where it came from")
        raise ModelError(
            f"trial {name}/{number} has no model: it has not completed, or is a candidate of an extraction"
        )
    return folder


def model_folder(home: Home, name: str, number: int) -> Path:
    """Folder of a trial's finished model; raises as ``trial_folder``."""
    return trial_folder(home, name, number).model


def check_new(target: Path) -> None:
    """Check that a folder can be made here.

    Raises:
        SettingError: when the target exists and is not an empty folder.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise SettingError(f"{target} exists already; give a folder that does not")


def export_folder(source: Path, target: Path, finish: Callable[[Path], None] | None = None) -> Path:
    """Copy a model into a new folder, in one step; gives that folder.

    Args:
        source: the model's folder.
        target: the new folder.
        finish: adds to the copy before it takes its name; should it fail, nothing is left.

    Raises:
        SettingError: when the target exists and is not an empty folder, or cannot be written.
    """
    check_new(target)
    part = target.with_name(f".{target.name}.part")
    try:
        shutil.rmtree(part, ignore_errors=True)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source, part)
        if finish is not None:
            finish(part)
        if target.exists():
            target.rmdir()
        part.rename(target)
    except OSError as error:
        raise SettingError(f"{target} cannot be written: {error.strerror}") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return target
