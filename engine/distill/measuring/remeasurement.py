"""Measures a finished model on the evaluation part of a specification: the same as its trial's, or all of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.distill.cache_key import experiment_task
from engine.distill.hyperparameters import hyperparameters
from engine.distill.measuring.evaluation import evaluate
from engine.distill.models.embedded import make_embedded_data
from engine.distill.models.folder import load_student
from engine.distill.students.anatomy import architecture_of
from engine.distill.training.precision import Precision, choose_precision, default_device
from engine.experiment import ExperimentSpec
from engine.spec_sections import EMBEDDED
from engine.tasks.interface import Part, Scores


@dataclass(frozen=True, slots=True)
class Remeasured:
    """Scores of a model, with the arithmetic they were measured in."""

    scores: Scores
    precision: Precision


def measure_again(
    model_folder: Path,
    experiment: ExperimentSpec,
    parameters: Mapping[str, object],
    cache: Path,
    report: Callable[[float], None] | None = None,
) -> Remeasured:
    """Evaluate a saved student.

    Args:
        model_folder: what ``save_student`` wrote.
        experiment: its specification; the evaluation part is read and sampled as it says.
        parameters: the trial's configuration.
        cache: where the embedded data is kept.
        report: called now and then with the share done, from 0 to 1.

    Raises:
        ModelError: The folder holds no whole student.
        DatasetError: The data cannot be found or read.
    """
    if EMBEDDED in (experiment.task.dataset, experiment.task.eval_dataset):
        for _ in make_embedded_data(cache):
            pass
    task = experiment_task(experiment, cache)
    model, tokenizer = load_student(model_folder)
    device = default_device()
    model.to(device)
    examples = task.read()
    parts = {
        name: Part(examples[name], task.encode(tokenizer, examples[name], name)) for name in task.parts[1:]
    }
    precision = choose_precision(experiment.training.precision, device, architecture_of(model).hidden_size)
    size = hyperparameters(experiment.fixed, parameters).eval_batch_size
    scores = evaluate(model, task, parts, batch_size=size, precision=precision, report=report)
    return Remeasured(scores, precision)
