"""Measures an exported model again on the data it was measured on, and compares with what its trial recorded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.distill.anatomy import architecture_of
from engine.distill.cache_key import experiment_task
from engine.distill.embedded import make_embedded_data
from engine.distill.evaluation import evaluate
from engine.distill.hyperparameters import hyperparameters
from engine.distill.model_folder import load_student
from engine.distill.precision import choose_precision, default_device
from engine.experiment import ExperimentSpec
from engine.spec_sections import EMBEDDED
from engine.tasks.interface import Part
from engine.trial_record import TrialRecord, data_hashes, read_record

ROUNDING = 0.005
"""Largest difference that a figure with two decimals may hide."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A metric as recorded and as measured again."""

    name: str
    recorded: float
    measured: float

    @property
    def same(self) -> bool:
        """Whether the two differ by rounding at most."""
        return abs(self.recorded - self.measured) <= ROUNDING


@dataclass(frozen=True, slots=True)
class Reproduction:
    """Outcome of measuring a model again.

    Attributes:
        record: what the trial recorded.
        figures: its scores, as recorded and as measured again.
        precision: arithmetic of this measurement.
        changed_data: datasets whose files hold something else than they did at the export.
    """

    record: TrialRecord
    figures: tuple[Figure, ...]
    precision: str
    changed_data: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether there are scores, and all of them came out again."""
        return bool(self.figures) and all(figure.same for figure in self.figures)


def reproduce(
    folder: Path, cache: Path, dataset: str | None = None, eval_dataset: str | None = None
) -> Reproduction:
    """Evaluate the model in an exported folder on the evaluation part its trial used.

    Args:
        folder: What ``bert-frontier export`` wrote.
        cache: Where embedded data and hashes of files are kept.
        dataset: Where the dataset is, if it has moved.
        eval_dataset: The same for the evaluation dataset.

    Raises:
        ModelError: The folder is not a whole export.
        DatasetError: The data cannot be found or read.
    """
    record = read_record(folder)
    experiment = _moved(record.experiment, dataset, eval_dataset)
    hashes = data_hashes(experiment, cache)
    task_section = experiment.task
    if EMBEDDED in (task_section.dataset, task_section.eval_dataset):
        for _ in make_embedded_data(cache):
            pass
    model, tokenizer = load_student(folder)
    device = default_device()
    model.to(device)
    task = experiment_task(experiment, cache)
    examples = task.read()
    parts = {
        name: Part(examples[name], task.encode(tokenizer, examples[name], name)) for name in task.parts[1:]
    }
    precision = choose_precision(experiment.training.precision, device, architecture_of(model).hidden_size)
    scores = evaluate(
        model,
        task,
        parts,
        batch_size=hyperparameters(experiment.fixed, record.parameters).eval_batch_size,
        precision=precision,
    )
    figures = [
        Figure(name, record.metrics[name], value)
        for name, value in scores.metrics.items()
        if name in record.metrics
    ]
    known = set(record.data.values())
    changed = [name for name, content in hashes.items() if known and content not in known]
    return Reproduction(record, tuple(figures), precision, tuple(changed))


def _moved(experiment: ExperimentSpec, dataset: str | None, eval_dataset: str | None) -> ExperimentSpec:
    given = {"dataset": dataset, "eval_dataset": eval_dataset}
    changes = {name: value for name, value in given.items() if value is not None}
    return experiment.changed(task=experiment.task.model_dump() | changes) if changes else experiment
