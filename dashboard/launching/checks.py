"""Quick looks at what a specification asks for: do its files exist, and how large is its space."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from dashboard import formats
from engine.distill.model_source import locate
from engine.errors import ModelError
from engine.experiment import EMBEDDED, ExperimentSpec
from engine.tasks.squad import is_path
from engine.tasks.squad_hub import HUB_NAME

HUB = "A hub name: taken from the local cache, or fetched when the experiment starts."


@dataclass(frozen=True, slots=True)
class Check:
    """What was found; ``problem`` means that the experiment would fail."""

    told: str
    problem: bool = False


def check_dataset(source: str) -> Check:
    """Whether a dataset can be where the specification says, without reading it."""
    if source == EMBEDDED:
        return Check("A small corpus that the program makes itself.")
    if is_path(source):
        path = Path(source).expanduser()
        if not path.is_file():
            return Check(f"There is no file {path} on the server's machine.", problem=True)
        return Check(f"Found, {formats.size(path.stat().st_size)}.")
    if not HUB_NAME.fullmatch(source):
        return Check("Neither a file nor a hub name such as rajpurkar/squad_v2.", problem=True)
    return Check(HUB)


def check_teacher(source: str) -> Check:
    """Whether a teacher can be where the specification says, without loading it."""
    if source == EMBEDDED:
        return Check("A small teacher, trained on the embedded corpus on first use (about a minute).")
    folder = Path(source).expanduser()
    if folder.is_dir():
        try:
            locate(folder)
        except ModelError as error:
            return Check(f"{error}.", problem=True)
        return Check("Found.")
    if source.startswith((".", "/", "~")) or not HUB_NAME.fullmatch(source):
        return Check(f"There is no folder {folder} on the server's machine.", problem=True)
    return Check(HUB)


def space_size(spec: ExperimentSpec) -> str:
    """How many configurations there are, in words."""
    count = spec.space().size()
    names = len(spec.parameters)
    told = f"{names} parameter{'s' if names > 1 else ''}"
    return (
        f"{told}, some continuous" if math.isinf(count) else f"{told}, {formats.count(count)} configurations"
    )
