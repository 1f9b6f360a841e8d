"""Uniform random search over the legal configurations, the yardstick of all others."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from engine.parameters import Configuration
from tests.benchmarks.search.problem import Metrics, SearchTask


class RandomSearch:
    """Draws again where a rule is broken."""

    def __init__(self, task: SearchTask, seed: int) -> None:
        self.space = task.space
        self.random = np.random.default_rng(seed)

    def ask(self) -> Configuration:
        while True:
            configuration = self.space.from_unit(self.random.random(len(self.space.parameters)).tolist())
            if self.space.meets_rules(configuration):
                return configuration

    def tell(
        self, configuration: Configuration, metrics: Metrics | None, errors: Mapping[str, float] | None = None
    ) -> None:
        """Nothing is learned."""

    add = tell
