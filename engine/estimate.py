"""How long an experiment will take, as trials like its own took on this machine before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.distill.hyperparameters import default_of
from engine.experiment import ExperimentSpec
from engine.extraction.requirements import EXTRACT
from storage.pace import PaceRow

EPOCHS = "epochs"


@dataclass(frozen=True, slots=True)
class TimeEstimate:
    """Times in seconds.

    Attributes:
        each: of a typical trial.
        low: of a quick one, quicker than nine in ten.
        high: of a slow one.
        total: of all students, those that run at once shared out over the slots.
        slots: trials that run at once.
        trials: how many measured trials it rests on.
        experiments: names of the experiments they are of.
        is_scaled: whether these had another amount of training data, epochs or steps.
    """

    each: float
    low: float
    high: float
    total: float
    slots: int
    trials: int
    experiments: tuple[str, ...]
    is_scaled: bool


def estimate_time(spec: ExperimentSpec, earlier: Sequence[PaceRow], slots: int) -> TimeEstimate | None:
    """Estimate the time of an experiment.

    Trials of the same task with the same teacher are looked at; where they had other amounts of training data, epochs
    or steps, their times are taken in proportion. What differs beside, such as the students' sizes, is not seen:
    the range of measured times says how much that may be.

    Args:
        spec: of the experiment.
        earlier: what was measured.
        slots: trials that can run at once on this machine.

    Returns:
        None when no trial of the task with the teacher has completed here.
    """
    wanted = _Work.of(spec.model_dump(mode="json"))
    alike = [(row, ratio) for row in earlier if (ratio := wanted.ratio(_Work.of(row.spec))) is not None]
    same = [(row, ratio) for row, ratio in alike if ratio == 1.0]
    chosen = same or alike
    trials = sum(row.trials for row, _ in chosen)
    if not trials:
        return None
    low, each, high = (
        sum(row.trials * ratio * _seconds(row, end) for row, ratio in chosen) / trials
        for end in ("low", "middle", "high")
    )
    count = spec.trial_count()
    at_once = max(1, min(slots, spec.budget.parallel or slots, count))
    rounds = -(-count // at_once)
    return TimeEstimate(
        each, low, high, each * rounds, at_once, trials, tuple(row.name for row, _ in chosen), not same
    )


def _seconds(row: PaceRow, end: str) -> float:
    """A quantile of the durations of a trial of usual length."""
    searched = EPOCHS in row.spec.get("parameters", {})
    seconds: float = getattr(row, end)
    return seconds * (_epochs(row.spec) if searched else 1.0)


@dataclass(frozen=True, slots=True)
class _Work:
    """What decides how long a trial takes.

    Attributes:
        kind: what must be the same.
        data: where the training data are.
        samples: training examples; 0 takes all.
        passes: epochs, or the steps of a candidate.
    """

    kind: tuple[Any, ...]
    data: str
    samples: int
    passes: float

    @staticmethod
    def of(spec: Mapping[str, Any]) -> _Work:
        """The work of a trial in the middle of the space."""
        task, strategy = spec.get("task", {}), spec.get("strategy", {})
        extracts = strategy.get("name") == EXTRACT
        kind = (task.get("name"), task.get("max_length"), spec.get("teacher", {}).get("model"), extracts)
        passes = float(spec.get("extract", {}).get("steps", 1)) if extracts else _epochs(spec)
        # A candidate takes its steps whatever there is to learn from.
        samples = 0 if extracts else int(task.get("train_samples", 0))
        return _Work(kind, "" if extracts else str(task.get("dataset")), samples, passes)

    def ratio(self, other: _Work) -> float | None:
        """How much more work this is than another; None where that cannot be told."""
        if self.kind != other.kind or not (self.passes > 0 and other.passes > 0):
            return None
        share = self.passes / other.passes
        if self.samples == other.samples:
            # All of another dataset may be any number of examples.
            return share if self.samples or self.data == other.data else None
        return share * self.samples / other.samples if self.samples and other.samples else None


def _epochs(spec: Mapping[str, Any]) -> float:
    """Epochs of a trial: as fixed, or in the middle of what is searched."""
    searched = spec.get("parameters", {}).get(EPOCHS)
    if searched is None:
        return float(spec.get("fixed", {}).get(EPOCHS, default_of(EPOCHS)))
    if "values" in searched:
        values = [float(value) for value in searched["values"]]
        return sum(values) / len(values)
    return (float(searched["low"]) + float(searched["high"])) / 2
