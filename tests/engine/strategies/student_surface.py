"""A made-up surface in the manner of a BERT student: the parameter count by formula, quality by a smooth invention."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from engine.metrics import Metric
from engine.parameters import CategoricalParameter, FloatParameter, IntegerParameter
from engine.rules import Rule
from engine.space import SearchSpace
from engine.strategies.interface import Observation, SearchProblem, Suggestion

METRICS = (
    Metric(name="exact", direction="maximize", threshold=30.0),
    Metric(name="num_parameters", direction="minimize", threshold=120e6),
)
REFERENCE = {"exact": 30.0, "num_parameters": 120e6}

SPACE = SearchSpace(
    {
        "learning_rate": FloatParameter(low=1e-6, high=1e-2, log=True),
        "alpha": FloatParameter(low=0.0, high=1.0),
        "dropout": FloatParameter(low=0.0, high=0.6),
        "temperature": IntegerParameter(low=1, high=10),
        "n_layers": IntegerParameter(low=1, high=12),
        "n_heads": IntegerParameter(low=1, high=12),
        "hidden_size": CategoricalParameter(values=(128, 256, 384, 512, 768)),
        "choice": CategoricalParameter(values=("first", "last", "every other")),
    },
    (Rule("hidden_size % n_heads == 0"),),
)


def student(parameters: Mapping[str, float | int | str]) -> dict[str, float]:
    """Metrics of a student: exact rises with size and falls away from the best training settings."""
    layers, hidden = int(parameters["n_layers"]), int(parameters["hidden_size"])
    count = (30522 + 512 + 2) * hidden + layers * (12 * hidden**2 + 13 * hidden) + 4 * hidden
    capacity = 72.0 * (1 - math.exp(-layers / 3.0)) * (hidden / 768) ** 0.15
    rate = (math.log10(float(parameters["learning_rate"])) + 4.3) ** 2
    training = (
        9.0 * rate
        + 40.0 * (float(parameters["dropout"]) - 0.1) ** 2
        + 12.0 * (float(parameters["alpha"]) - 0.7) ** 2
        + 0.15 * (int(parameters["temperature"]) - 4) ** 2
        + 0.05 * (12 - int(parameters["n_heads"]))
        + {"first": 2.0, "last": 3.0, "every other": 0.0}[str(parameters["choice"])]
    )
    return {"exact": max(0.0, capacity - training), "num_parameters": float(count)}


def run(
    problem: SearchProblem,
    suggest: Callable[[SearchProblem, list[Observation]], list[Suggestion]],
    count: int,
    measure: Callable[[Mapping[str, float | int | str]], dict[str, float]] = student,
) -> list[Observation]:
    """``count`` trials, one after the other."""
    observations: list[Observation] = []
    while len(observations) < count:
        for suggestion in suggest(problem, observations):
            values = measure(suggestion.parameters)
            observations.append(
                Observation(len(observations) + 1, suggestion.parameters, "completed", values)
            )
    return observations
