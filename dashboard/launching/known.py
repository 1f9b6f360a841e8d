"""Datasets and teachers to choose from: those of earlier experiments, and those in the local caches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dashboard import formats
from engine.experiment import EMBEDDED
from engine.inspection.hub_cache import CachedNames
from engine.tasks.catalogue import TASKS
from storage.experiments import ExperimentRow
from storage.teachers import TeacherScore


@dataclass(frozen=True, slots=True)
class Known:
    """What can be chosen without being typed.

    Attributes:
        datasets: those of experiments of the same task first.
        teachers: likewise.
    """

    datasets: tuple[str, ...]
    teachers: tuple[str, ...]


def known(rows: Sequence[ExperimentRow], cached: CachedNames, task: str) -> Known:
    """What earlier experiments used, those of the task before others and the latest first, then what is cached.

    Args:
        rows: experiments, the oldest first.
        cached: names in the local caches.
        task: name of the task in hand.
    """
    latest = sorted(rows, key=lambda row: (row.task != task, -row.experiment_id))
    datasets = [row.spec.get("task", {}).get("dataset") for row in latest]
    datasets += [row.spec.get("task", {}).get("eval_dataset") for row in latest]
    teachers = [row.spec.get("teacher", {}).get("model") for row in latest]
    return Known(_each_once([*datasets, *cached.datasets]), _each_once([*teachers, *cached.models]))


def score_words(scores: Iterable[TeacherScore], model: str, task: str) -> list[str]:
    """What a teacher was measured to reach at a task before, the latest first."""
    main = TASKS[task].main_metric if task in TASKS else None
    return [
        f"{formats.label(found.metric)} {formats.metric(found.metric, found.value)} in {found.experiment}"
        for found in scores
        if found.model == model and found.task == task and found.metric == main
    ][:1]


def _each_once(names: Iterable[object]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(name) for name in names if name and name != EMBEDDED))
