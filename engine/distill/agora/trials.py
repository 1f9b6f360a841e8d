"""Agora's trials: one that makes the data of a round, and the data its students are trained on."""

from __future__ import annotations

import shutil
from collections.abc import Generator
from dataclasses import replace

import numpy as np

from engine.distill.agora.making import make_rounds
from engine.distill.agora.round_files import round_files
from engine.distill.prepared import Prepared, needed_prepared, prepare
from engine.events import Event, Finished, Progress
from engine.tasks.interface import Part
from engine.trial_folder import TrialFolder, TrialSpec


def augmentation_trial(spec: TrialSpec, folder: TrialFolder) -> Generator[Event, None, None]:
    """Make the data of a round, and keep what was generated in the trial's folder; its metrics are counts and times."""
    yield Progress(0.0, "reading the data of the rounds before")
    yield from prepare(spec.experiment, spec.cache)
    yield from make_rounds(spec, folder, needed_prepared(spec.experiment, spec.cache))
    made = round_files(spec, folder)[-1]
    for kept, target in ((made.generated, folder.generated), (made.reconsidered, folder.reconsidered)):
        if kept.exists():
            part = target.with_suffix(".part")
            shutil.copyfile(kept, part)
            part.replace(target)
    yield Finished(made.read_facts())


def with_rounds(spec: TrialSpec, folder: TrialFolder, prepared: Prepared) -> Prepared:
    """The data of a trial's round: those as given, and all that rounds have added since, with the teacher's outputs.

    Trials that have no rounds have the data as given.
    """
    if spec.agora is None:
        return prepared
    added = [found for files in round_files(spec, folder) if (found := files.read_added(prepared.task))]
    if not added:
        return prepared
    given = prepared.parts["training"]
    examples = [*given.examples, *(item for part, _ in added for item in part.examples)]
    rows = given.rows.followed_by([part.rows for part, _ in added])
    logits = np.concatenate([prepared.teacher_outputs["logits"], *(values for _, values in added)])
    return replace(
        prepared,
        parts=prepared.parts | {"training": Part(examples, rows)},
        teacher_outputs={**prepared.teacher_outputs, "logits": logits},
    )
