"""An experiment's problem and trials as JSON, for answering outside the process that stores them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.errors import SettingError
from engine.extraction.requirements import EXTRACT
from engine.observations import observations
from engine.outcomes import outcomes
from engine.search_problems import search_problem
from engine.selection import select
from engine.settings import Home
from engine.strategies.interface import Observation, SearchProblem
from engine.strategies.wire import (
    observations_from_json,
    observations_to_json,
    problem_from_json,
    problem_to_json,
)
from storage.experiments import get_experiment
from storage.store import Store
from storage.totals import settled_key, trial_totals

StoredStudy = dict[str, Any]
"""Keys: problem and observations, in the form of ``engine.strategies.wire``; left_out, a number of trials."""

MOST_TRIALS = 5000
"""Trials up to which a study has them all."""


@dataclass(frozen=True, slots=True)
class Study:
    """A study that need not be read yet.

    Attributes:
        name: of the experiment.
        version: changes with every trial that ends.
        load: reads it; may take a moment.
        place: where it is stored.
    """

    name: str
    version: int
    load: Callable[[], StoredStudy]
    place: str = ""

    @property
    def key(self) -> str:
        """Tells it from its other versions and from others."""
        return f"{self.place}/{self.name}/{self.version}"


def study_of(store: Store, home: Home, name: str) -> Study:
    """The study of an experiment as it is now.

    Raises:
        UnknownNameError: when there is none of the name.
    """
    version = settled_key(store, get_experiment(store, name).experiment_id)
    return Study(name, version, lambda: stored_study(store, home, name), str(store.path))


def stored_study(store: Store, home: Home, name: str) -> StoredStudy:
    """What models are fitted to, of an experiment; of a very large one what matters to the frontier, and a sample.

    Raises:
        UnknownNameError: when there is none of the name.
        SettingError: when it is an extraction, whose trials predict nothing of trained students.
    """
    experiment = get_experiment(store, name)
    if experiment.strategy == EXTRACT:
        raise SettingError(
            f"{name} is an extraction, which measures no trained students; see bert-frontier extraction {name}"
        )
    problem = search_problem(store, home, experiment)
    number = experiment.experiment_id
    total = trial_totals(store, number).trials
    chosen = select(store, number, outcomes(store, number, problem.metrics)) if total > MOST_TRIALS else None
    seen = [_finite(one) for one in observations(store, number, numbers=chosen)]
    return {
        "problem": problem_to_json(problem),
        "observations": observations_to_json(seen),
        "left_out": 0 if chosen is None else total - 1 - len(seen),
    }


def read_study(study: StoredStudy) -> tuple[SearchProblem, list[Observation]]:
    """The problem and the trials."""
    return problem_from_json(study["problem"]), observations_from_json(study["observations"])


def _finite(observation: Observation) -> Observation:
    """The observation without numbers that JSON does not know, which no model could use either."""
    return replace(
        observation, metrics=_known(observation.metrics), standard_errors=_known(observation.standard_errors)
    )


def _known(values: Mapping[str, float]) -> dict[str, float]:
    return {name: value for name, value in values.items() if math.isfinite(value)}
