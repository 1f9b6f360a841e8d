"""The different data that experiments use: each once, however many experiments share it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.task_words import task_words
from engine.controls import IMPORTED
from storage.experiments import ExperimentRow

SHOWN_NAMES = 3
"""Experiments that are named with their data; of more, how many."""


@dataclass(frozen=True, slots=True)
class DataSource:
    """One choice of data.

    Attributes:
        experiments: names of those that use it, the newest first.
        task: name of the task.
        dataset: where the training data are.
        eval_dataset: where the evaluation data are, if elsewhere.
    """

    experiments: tuple[str, ...]
    task: str
    dataset: str
    eval_dataset: str | None

    @property
    def words(self) -> str:
        """Task, data and experiments in a line."""
        kept = self.experiments[:SHOWN_NAMES]
        more = len(self.experiments) - len(kept)
        named = ", ".join(kept) + (f" and {more} more" if more else "")
        where = _short(self.dataset) + (f" and {_short(self.eval_dataset)}" if self.eval_dataset else "")
        return f"{task_words(self.task).partition(',')[0]} \u00b7 {where} \u00b7 {named}"


def data_sources(rows: Sequence[ExperimentRow]) -> list[DataSource]:
    """Data by the settings that choose and sample them, those of the newest experiment first.

    Nothing is known of the data of studies that were run with another tool.

    Args:
        rows: experiments, the oldest first.
    """
    found: dict[str, list[ExperimentRow]] = {}
    for row in reversed(rows):
        if row.strategy == IMPORTED:
            continue
        task = row.spec.get("task", {})
        found.setdefault(json.dumps([task, row.spec.get("seed")], sort_keys=True), []).append(row)
    return [
        DataSource(
            tuple(row.name for row in group),
            group[0].task,
            str(group[0].spec.get("task", {}).get("dataset", "")),
            group[0].spec.get("task", {}).get("eval_dataset"),
        )
        for group in found.values()
    ]


def _short(source: str | None) -> str:
    """The end of a path, or a name as it is."""
    parts = (source or "").rstrip("/").split("/")
    return "/".join(parts[-2:]) if len(parts) > 3 else (source or "")
