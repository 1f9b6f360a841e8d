"""What every compared method can do: propose a configuration, and be told what became of one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from engine.parameters import Configuration
from tests.benchmarks.search.problem import Metrics, SearchTask

INITIAL = 5
"""Points before the model of those methods whose number of initial points is ours to choose."""


class Method(Protocol):
    """One run of a method on one problem."""

    def ask(self) -> Configuration:
        """The next configuration; one that breaks a rule counts as a failed trial."""

    def tell(
        self, configuration: Configuration, metrics: Metrics | None, errors: Mapping[str, float] | None = None
    ) -> None:
        """Outcome of the configuration last asked for; None when it broke a rule or its training failed."""

    def add(
        self, configuration: Configuration, metrics: Metrics | None, errors: Mapping[str, float] | None = None
    ) -> None:
        """A finished trial that was not asked for, before the first ``ask``."""


def instead_of_failure(task: SearchTask, configuration: Configuration) -> Metrics:
    """Values for a method that cannot learn from failures as such: exact sizes, thresholds for what was not measured.

    Left out, failures teach such a method nothing, and it proposes much the same configuration again and again.
    """
    values = {metric.name: metric.threshold for metric in task.metrics if metric.threshold is not None}
    if task.known is not None:
        values |= task.known.values(configuration) or {}
    return values
