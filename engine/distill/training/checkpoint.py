"""Checkpoints of a training: everything needed to go on bit for bit, replaced in one step."""

from __future__ import annotations

import logging
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

log = logging.getLogger(__name__)

FILE_NAME = "checkpoint.pt"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a training is.

    Attributes:
        step: optimiser steps done.
        evaluated: the step after which the model was last evaluated.
        collapsed: evaluations in a row, up to then, in which it gave everything the same answer.
        tokens: tokens trained on, padding left out.
        flops: operations spent.
    """

    step: int = 0
    evaluated: int = 0
    collapsed: int = 0
    tokens: int = 0
    flops: float = 0.0


@dataclass(frozen=True, slots=True)
class TrainingState:
    """All that a training needs to go on.

    Attributes:
        place: where it is.
        seconds: time spent in optimiser steps.
        model: state of the student.
        optimizer: state of AdamW.
        random: states of the random number generators by device.
    """

    place: Place
    seconds: float
    model: dict[str, Any]
    optimizer: dict[str, Any]
    random: dict[str, torch.Tensor]


def save_checkpoint(state: TrainingState, folder: Path) -> None:
    """Write the state; whoever is killed while writing leaves the previous checkpoint whole."""
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f"{FILE_NAME}.part"
    with part.open("wb") as file:
        content = {name: getattr(state, name) for name in TrainingState.__slots__}
        torch.save(content | {"place": asdict(state.place)}, file)
        file.flush()
        os.fsync(file.fileno())
    part.replace(folder / FILE_NAME)


def load_checkpoint(folder: Path) -> TrainingState | None:
    """The last state saved in the folder, if there is one, on the CPU.

    A checkpoint of another version of the program is left aside: the training starts again.
    """
    path = folder / FILE_NAME
    if not path.exists():
        return None
    content = torch.load(path, map_location="cpu", weights_only=True)
    if content.keys() != set(TrainingState.__slots__):
        log.warning("%s was written by another version of the program; the training starts again", path)
        return None
    return TrainingState(**content | {"place": Place(**content["place"])})


def random_states() -> dict[str, torch.Tensor]:
    """States of torch's random number generators."""
    states = {"cpu": torch.get_rng_state()}
    if torch.cuda.is_available():
        states["cuda"] = torch.cuda.get_rng_state()
    return states


def restore_random_states(states: dict[str, torch.Tensor]) -> None:
    """Set torch's random number generators back."""
    torch.set_rng_state(states["cpu"])
    if "cuda" in states and torch.cuda.is_available():
        torch.cuda.set_rng_state(states["cuda"])
