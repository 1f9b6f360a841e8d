"""Small studies with a known truth: depth and width help, a rate has an optimum, one setting does nothing."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any

import numpy as np

from engine.metrics import Metric
from engine.parameters import CategoricalParameter, Configuration, FloatParameter, IntegerParameter, Value
from engine.rules import Rule
from engine.space import SearchSpace
from engine.strategies.interface import Observation, SearchProblem
from engine.strategies.known import KnownFunctions
from engine.strategies.sobol import legal_points

SPACE = SearchSpace(
    {
        "n_layers": IntegerParameter(low=1, high=8),
        "hidden_size": CategoricalParameter(values=(128, 256, 512)),
        "learning_rate": FloatParameter(low=1e-5, high=1e-3, log=True),
        "idle": FloatParameter(low=0.0, high=1.0),
    },
    (Rule("n_layers * hidden_size <= 3072"),),
)
METRICS = (
    Metric(name="exact", direction="maximize", threshold=20.0),
    Metric(name="num_parameters", direction="minimize"),
    Metric(name="latency_ms", role="store"),
)
BASELINE: Configuration = {"n_layers": 6, "hidden_size": 512, "learning_rate": 1e-4, "idle": 0.5}
NOISE = 0.5


def size(one: Mapping[str, Value]) -> float:
    """Parameters, exactly."""
    return float(one["n_layers"]) * float(one["hidden_size"]) ** 2 * 12


def exact(one: Mapping[str, Value]) -> float:
    """True exact match."""
    rate = math.log10(float(one["learning_rate"])) + 4.0
    capacity = 60 * (1 - math.exp(-float(one["n_layers"]) / 3)) + 5 * math.log2(
        float(one["hidden_size"]) / 128
    )
    return capacity - 12 * rate**2


def latency(one: Mapping[str, Value]) -> float:
    """True latency in milliseconds."""
    return 0.5 * float(one["n_layers"]) * float(one["hidden_size"]) / 128


def study(
    trials: int,
    *,
    seed: int = 0,
    error: float | None = NOISE,
    keep: Callable[[Configuration], bool] = lambda one: True,
    **changes: Any,
) -> tuple[SearchProblem, list[Observation]]:
    """A problem with its baseline and other completed trials, spread evenly over the part of the space that is kept."""
    settings: dict[str, Any] = {
        "metrics": METRICS,
        "seed": seed,
        "known": KnownFunctions({"num_parameters": size}),
        "baseline": BASELINE,
        **changes,
    }
    problem = SearchProblem(SPACE, **settings)
    points = legal_points(SPACE, seed, 0, set(), lambda one: problem.is_legal(one) and keep(one))
    random = np.random.default_rng(seed)
    return problem, [
        measured(i + 1, one, random, error) for i, one in enumerate([BASELINE, *islice(points, trials - 1)])
    ]


def measured(
    number: int, one: Configuration, random: np.random.Generator, error: float | None
) -> Observation:
    """A completed trial."""
    values = {
        "exact": exact(one) + NOISE * float(random.normal()),
        "num_parameters": size(one),
        "latency_ms": latency(one) * math.exp(0.03 * float(random.normal())),
    }
    return Observation(number, one, "completed", values, {} if error is None else {"exact": error})


def completed(number: int, one: Configuration, **metrics: float) -> Observation:
    """A completed trial with given metrics, sizes worked out."""
    return Observation(number, one, "completed", {"num_parameters": size(one), **metrics})
