"""One trial of the program through its real process entry, its phases timed by the events it writes."""

from __future__ import annotations

import json
from collections.abc import Generator
from pathlib import Path
from typing import Any

import torch
import transformers  # noqa: F401 - the fork server has it loaded before a trial starts

from engine.distill.trial import TRAINABLES, Trainable
from engine.events import Event
from engine.trial_folder import TrialFolder, TrialSpec
from engine.trial_process import run_trial
from tests.benchmarks.phases import Phases

BY_MESSAGE = {
    "encoding": "tokenise",
    "answers": "teacher",
    "measuring": "measure",
    "saving": "save",
    "training": "train",
}
"""What a trial does after a progress message with this word in it; ``load`` after any other."""

BY_END = {"step": "train", "evaluation": "evaluate", "checkpoint": "save"}
"""What a trial has done when it writes an event of this kind."""

NEXT = {"evaluation": "save", "checkpoint": "measure"}
"""What it does after one."""


def run(path: Path, threads: int, phases: Phases) -> dict[str, Any]:
    """Run the trial in the folder; gives metrics, standard errors, optimiser steps, and ids of answered questions.

    Raises:
        RuntimeError: the trial did not finish.
    """
    _mark_optimizers(phases)
    for role, trainable in TRAINABLES.items():
        TRAINABLES[role] = _timed(trainable, phases)
    folder = TrialFolder(path)
    run_trial(folder, attempt=1, threads=threads)
    events = [json.loads(line) for line in folder.events.read_text(encoding="utf-8").splitlines()]
    last = events[-1]
    if last["kind"] != "finished":
        raise RuntimeError(f"the trial ended with {last}")
    return {
        "metrics": last["metrics"],
        "standard_errors": last["standard_errors"],
        "steps": max((event["step"] for event in events if event["kind"] == "step"), default=0),
        "answered": sorted(json.loads(folder.predictions.read_text())) if folder.predictions.exists() else [],
    }


def _timed(trainable: Trainable, phases: Phases) -> Trainable:
    def events(spec: TrialSpec, folder: TrialFolder) -> Generator[Event, None, None]:
        doing = "load"
        for event in trainable(spec, folder):
            phases.end(BY_END.get(event.kind, doing))
            if event.kind == "progress":
                doing = next((name for word, name in BY_MESSAGE.items() if word in event.message), "load")
            else:
                doing = NEXT.get(event.kind, "train")
            yield event

    return events


def _mark_optimizers(phases: Phases) -> None:
    """End the loading where an optimiser is made: no event stands between loading and the first steps."""
    original = torch.optim.Optimizer.__init__

    def marked(self: torch.optim.Optimizer, *args: Any, **options: Any) -> None:
        phases.end("load")
        original(self, *args, **options)

    torch.optim.Optimizer.__init__ = marked  # type: ignore[method-assign]
