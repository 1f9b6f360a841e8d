"""A completed trial on disk, as a server leaves it, without a database."""

from __future__ import annotations

from pathlib import Path

import torch

from engine.distill.trial import TRAINABLES
from engine.events import Started
from engine.experiment import ExperimentSpec
from engine.settings import Home
from engine.trial_folder import TrialFolder, TrialSpec, event_writer


def store_trial(home: Home, experiment: ExperimentSpec, number: int = 1, **parameters: float) -> TrialFolder:
    """Runs a student's trial to its end and writes its events down; gives its folder."""
    configuration = {"n_layers": 2, "n_heads": 2, "learning_rate": 2e-3, "alpha": 0.5, "temperature": 2.0}
    spec = TrialSpec(
        experiment=experiment,
        name=experiment.name,
        number=number,
        role="student",
        parameters=configuration | parameters,
        seed=3,
        cache=home.cache,
    )
    folder = TrialFolder(home.path / "experiments" / experiment.name / f"{number:04d}")
    folder.write_spec(spec)
    with event_writer(folder.events, attempt=1) as writer:
        writer.write(Started(1, "host", "cpu", torch.get_num_threads()))
        for event in TRAINABLES["student"](spec, folder):
            writer.write(event)
    return folder


def tamper(path: Path, old: str, new: str) -> None:
    """Replaces a text that must be in a file."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
