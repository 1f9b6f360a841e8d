"""Looks at the files a specification names before anything is stored or started, so that a slip costs no time."""

from __future__ import annotations

from engine.agora.requirements import AGORA
from engine.agora.transformations.tables import read_table
from engine.distill.models.source import locate
from engine.errors import SettingError
from engine.experiment import ExperimentSpec
from engine.spec_sections import EMBEDDED
from engine.tasks.registry import make_task


def check_inputs(spec: ExperimentSpec) -> None:
    """Read the dataset files and tables of words, and look for the teacher and other models.

    Hub datasets are looked at when the teacher's trial runs.

    Raises:
        SettingError: when it is of an imported experiment, which runs nothing, or a table of words cannot be used.
        DatasetError: when a dataset file is missing or not in the task's form.
        ModelError: when the teacher is neither a whole folder, nor cached, nor to be had from the hub.
    """
    if spec.imported is not None:
        raise SettingError(
            "imported: marks an experiment that was run with another tool; remove the section to run one here"
        )
    task = spec.task
    given = [source for source in (task.dataset, task.eval_dataset) if source not in (None, EMBEDDED)]
    if given:
        make_task(task, str(given[0]), str(given[1]) if len(given) > 1 else None, spec.seed).check()
    if spec.teacher.model != EMBEDDED:
        locate(spec.teacher.model)
    if spec.strategy.name == AGORA:
        for model in spec.agora.models:
            locate(model)
        for item in spec.agora.transformations:
            if table := getattr(item, "table", None):
                read_table(table)
