"""An experiment's problem and trials as JSON, for answering outside the process that stores them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.errors import SettingError
from engine.extraction.requirements import EXTRACT
from engine.observations import observations
from engine.search_problems import search_problem
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

StoredStudy = dict[str, Any]
"""Keys: problem and observations, in the form of ``engine.strategies.wire``."""


def stored_study(store: Store, home: Home, name: str) -> StoredStudy:
    """What models are fitted to, of an experiment.

    Raises:
        UnknownNameError: when there is none of the name.
        SettingError: when it is an extraction, whose trials predict nothing of trained students.
    """
    experiment = get_experiment(store, name)
    if experiment.strategy == EXTRACT:
        raise SettingError(
            f"{name} is an extraction, which measures no trained students; see bert-frontier extraction {name}"
        )
    seen = [_finite(one) for one in observations(store, experiment.experiment_id)]
    return {
        "problem": problem_to_json(search_problem(store, home, experiment)),
        "observations": observations_to_json(seen),
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
