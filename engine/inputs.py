"""Looks at the files a specification names before anything is stored or started, so that a slip costs no time."""

from __future__ import annotations

from pathlib import Path

from engine.distill.model_source import locate
from engine.experiment import EMBEDDED, ExperimentSpec
from engine.tasks.squad import is_path
from engine.tasks.squad_json import read_squad_file


def check_inputs(spec: ExperimentSpec) -> None:
    """Read the dataset files and look for the teacher; hub datasets are looked at when the teacher's trial runs.

    Raises:
        DatasetError: when a dataset file is missing or not in SQuAD form.
        ModelError: when the teacher is neither a whole folder, nor cached, nor to be had from the hub.
    """
    for source in (spec.task.dataset, spec.task.eval_dataset):
        if source not in (None, EMBEDDED) and is_path(source):
            read_squad_file(Path(source).expanduser())
    if spec.teacher.model != EMBEDDED:
        locate(spec.teacher.model)
