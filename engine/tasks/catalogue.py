"""The tasks by name, with what is known of each before any data is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.tasks.interface import Head
from engine.tasks.sequence.catalogue import DEFINITIONS


@dataclass(frozen=True, slots=True)
class TaskInfo:
    """What a task asks of a model and gives back.

    Attributes:
        head: the head a model needs for it.
        metrics: scores it reports, the main one first.
    """

    head: Head
    metrics: tuple[str, ...]

    @property
    def main_metric(self) -> str:
        """The score that is optimised unless somebody says otherwise."""
        return self.metrics[0]


_SQUAD_METRICS = (
    *("exact", "f1", "HasAns_exact", "HasAns_f1", "NoAns_exact", "NoAns_f1"),
    *("raw_exact", "raw_f1", "calibrated_exact", "calibrated_f1", "best_exact", "best_f1"),
    *("best_exact_thresh", "best_f1_thresh", "no_answer_threshold", "total", "HasAns_total", "NoAns_total"),
)

TASKS: Mapping[str, TaskInfo] = {
    "squad_v2": TaskInfo("span", _SQUAD_METRICS),
    "masked_lm": TaskInfo("masked_lm", ("mlm_accuracy", "mlm_loss", "perplexity")),
    **{name: TaskInfo("sequence", definition.metrics) for name, definition in DEFINITIONS.items()},
}
"""Every built-in task."""


def own_task(metrics: tuple[str, ...]) -> TaskInfo:
    """What is known of a user's own classification or regression task."""
    return TaskInfo("sequence", metrics)
