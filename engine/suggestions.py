"""Suggestions kept ready for each experiment, so that a free slot never waits for the strategy."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from engine.observations import observations
from engine.parameters import configuration_key
from engine.settings import RunnerSettings
from engine.strategies import registry
from engine.strategies.interface import Observation, SearchProblem, Suggestion
from engine.strategies.trials import Key, with_pending
from engine.suggester import SuggestionFailure, SuggestionProcess
from storage.store import Store


@dataclass(slots=True)
class SuggestionDesk:
    """Asks the suggestion process ahead of need; serves a quasi-random point when it is late or fails.

    Strategies that go through a list make their next point here instead, which is quickly done.

    Attributes:
        store: the database.
        settings: limits.
    """

    store: Store
    settings: RunnerSettings
    process: SuggestionProcess = field(default_factory=SuggestionProcess)
    _ready: dict[int, list[Suggestion]] = field(default_factory=dict)
    _asked_for: int | None = None
    _asked_at: float = 0.0
    _trouble: dict[int, str] = field(default_factory=dict)
    _handed_out: set[Key] = field(default_factory=set)
    _strategies: dict[int, str] = field(default_factory=dict)

    def prepare(self, experiment_id: int, strategy: str, problem: SearchProblem, wanted: int) -> None:
        """See to it that up to ``wanted`` suggestions for the experiment are ready or being made."""
        self._collect()
        self._strategies[experiment_id] = strategy
        missing = wanted - len(self._ready.get(experiment_id, []))
        if missing > 0 and not self.process.busy and experiment_id not in self._trouble:
            self.process.request(
                strategy, problem, self._seen(experiment_id), min(missing, 1 + self.settings.prefetch)
            )
            self._asked_for, self._asked_at = experiment_id, time.monotonic()
            self._handed_out.clear()

    def take(self, experiment_id: int, problem: SearchProblem) -> Suggestion | None:
        """A suggestion for a free slot; None when it is worth waiting for the one being made."""
        self._collect()
        ready = self._ready.get(experiment_id)
        if ready:
            return ready.pop(0)
        if trouble := self._trouble.pop(experiment_id, None):
            return self._fallback(experiment_id, problem, trouble)
        if self._asked_for == experiment_id:
            waited = time.monotonic() - self._asked_at
            if waited > self.settings.suggestion_seconds:
                return self._fallback(experiment_id, problem, f"the strategy needed more than {waited:.0f} s")
        return None

    def close(self) -> None:
        """End the suggestion process."""
        self.process.close()

    def _collect(self) -> None:
        result = self.process.poll()
        if result is None or self._asked_for is None:
            return
        if isinstance(result, SuggestionFailure):
            self._trouble[self._asked_for] = result.message
        else:
            # While this was made, a free slot may have been given the same point instead.
            new = [made for made in result if configuration_key(made.parameters) not in self._handed_out]
            self._ready.setdefault(self._asked_for, []).extend(new)
        self._asked_for = None

    def _seen(self, experiment_id: int) -> list[Observation]:
        return with_pending(observations(self.store, experiment_id), self._ready.get(experiment_id, []))

    def _fallback(self, experiment_id: int, problem: SearchProblem, why: str) -> Suggestion | None:
        strategy = self._strategies.get(experiment_id, "sobol")
        listed = strategy in registry.LISTED
        found = registry.suggest(strategy if listed else "sobol", problem, self._seen(experiment_id), 1)
        if not found:
            return None
        made = found[0]
        self._handed_out.add(configuration_key(made.parameters))
        if listed or made.strategy == "baseline":
            return made
        return Suggestion(
            made.parameters, made.strategy, seconds=made.seconds, note=f"quasi-random, because {why}"
        )
