"""Measures an exported model again on the data it was measured on, and compares with what its trial recorded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.distill.measuring.remeasurement import measure_again
from engine.experiment import ExperimentSpec
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
    measured = measure_again(folder, experiment, record.parameters, cache)
    figures = [
        Figure(name, record.metrics[name], value)
        for name, value in measured.scores.metrics.items()
        if name in record.metrics
    ]
    known = set(record.data.values())
    changed = [name for name, content in hashes.items() if known and content not in known]
    return Reproduction(record, tuple(figures), measured.precision, tuple(changed))


def _moved(experiment: ExperimentSpec, dataset: str | None, eval_dataset: str | None) -> ExperimentSpec:
    given = {"dataset": dataset, "eval_dataset": eval_dataset}
    changes = {name: value for name, value in given.items() if value is not None}
    return experiment.changed(task=experiment.task.model_dump() | changes) if changes else experiment
