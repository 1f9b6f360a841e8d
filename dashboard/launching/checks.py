"""Quick looks at what a specification asks for: do its files exist, and how many trials it will run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dashboard import formats
from engine.distill.models.source import locate
from engine.errors import DatasetError, ModelError
from engine.experiment import EMBEDDED, ExperimentSpec
from engine.tasks.corpus.files import find_text_files, is_text_path
from engine.tasks.hub import HUB_NAME
from engine.tasks.interface import Head
from engine.tasks.sequence.loading import is_local
from engine.tasks.squad.loading import is_path

HUB = "A hub name: taken from the local cache, or fetched when the experiment starts."


@dataclass(frozen=True, slots=True)
class Check:
    """What was found; ``problem`` means that the experiment would fail."""

    told: str
    problem: bool = False


def check_dataset(source: str, head: Head) -> Check:
    """Whether a dataset can be where the specification says, without reading it.

    Args:
        source: file, folder, pattern or hub name.
        head: of the task, which says what forms its data may have.
    """
    if source == EMBEDDED:
        if head == "span":
            return Check("A small corpus that the program makes itself.")
        return Check(
            "The embedded corpus is for question answering; give a file, folder or hub name.", problem=True
        )
    if _is_local(source, head):
        return _check_files(source, head)
    # Text on the hub may have a configuration behind a colon.
    if not HUB_NAME.fullmatch(source.partition(":")[0] if head == "masked_lm" else source):
        return Check("Neither a file nor a hub name such as rajpurkar/squad_v2.", problem=True)
    return Check(HUB)


def _is_local(source: str, head: Head) -> bool:
    match head:
        case "span":
            return is_path(source)
        case "sequence":
            return is_local(source)
        case "masked_lm":
            return is_text_path(source)


def _check_files(source: str, head: Head) -> Check:
    path = Path(source).expanduser()
    files = [path] if path.is_file() else []
    if head == "masked_lm":
        try:
            files = list(find_text_files(source))
        except DatasetError as error:
            return Check(_sentence(str(error)), problem=True)
    elif head == "sequence" and path.is_dir():
        return Check("Found, a folder; its files are looked at when the experiment is launched.")
    if not files:
        kinds = "file" if head == "span" else "file or folder"
        return Check(f"There is no {kinds} {path} on the server's machine.", problem=True)
    many = f"{len(files)} files, " if len(files) > 1 else ""
    return Check(f"Found, {many}{formats.size(sum(item.stat().st_size for item in files))}.")


def check_teacher(source: str, head: Head, *, trained: bool) -> Check:
    """Whether a teacher can be where the specification says, without loading it.

    Args:
        source: folder or hub name.
        head: of the task.
        trained: whether the specification says that the model has that head.
    """
    if source == EMBEDDED:
        if trained and head != "span":
            return Check("The embedded teacher answers questions; give a folder or hub name.", problem=True)
        return Check("A small teacher, trained on the embedded corpus on first use (about a minute).")
    folder = Path(source).expanduser()
    if folder.is_dir():
        try:
            locate(folder)
        except ModelError as error:
            return Check(_sentence(str(error)), problem=True)
        return Check("Found.")
    if source.startswith((".", "/", "~")) or not HUB_NAME.fullmatch(source):
        return Check(f"There is no folder {folder} on the server's machine.", problem=True)
    return Check(HUB)


def trial_count(spec: ExperimentSpec) -> str:
    """How many trials there will be, where that is fewer than the budget allows; else nothing."""
    count = spec.trial_count()
    if count == spec.budget.trials:
        return ""
    return f"The strategy has {count} trial{'s' if count > 1 else ''} to run, fewer than the budget allows."


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
