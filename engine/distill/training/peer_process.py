"""What the further processes of a trial on several devices run: the same training, without a word of it."""

from __future__ import annotations

import os
import sys
import threading
from dataclasses import replace
from pathlib import Path

import torch

from engine.distill.agora.trials import with_rounds
from engine.distill.hyperparameters import hyperparameters
from engine.distill.prepared import needed_prepared
from engine.distill.training.loop import train
from engine.distill.training.parallel import Peers, join
from engine.distill.training.student_training import build, student_precision, training_run
from engine.trial_folder import TrialFolder


def main(path: str, rank: int, world: int, port: int, threads: int) -> None:
    """Take part in the training of a trial until it is over."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    torch.set_num_threads(threads)
    folder = TrialFolder(Path(path))
    spec = folder.read_spec()
    join(rank, world, port)
    # The first process has prepared everything before it started this one.
    prepared = with_rounds(spec, folder, needed_prepared(spec.experiment, spec.cache))
    torch.use_deterministic_algorithms(spec.experiment.training.deterministic)
    settings = hyperparameters(spec.experiment.fixed, spec.parameters)
    student = build(spec, prepared, settings)
    run = training_run(spec, prepared, settings, student, student_precision(spec, student))
    for _ in train(student.model, replace(run, checkpoint=folder.checkpoint, peers=Peers(rank, world))):
        pass


def _end_with_parent() -> None:
    """The first process holds the other end of this pipe: when it is gone, whatever the reason, so are we."""
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
