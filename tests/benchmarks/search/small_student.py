"""A made-up student of 8 parameters: exact size by formula, noisy quality, trainings that fail."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import product

from engine.frontier import hypervolume
from engine.metrics import Metric
from engine.parameters import CategoricalParameter, Configuration, FloatParameter, IntegerParameter, Value
from engine.rules import Rule
from engine.space import SearchSpace
from tests.benchmarks.search.bert_size import parameter_count
from tests.benchmarks.search.problem import BenchmarkProblem, KnownSizes, Metrics, SearchTask

LAYERS = range(1, 13)
HEADS = (2, 4, 6, 8, 12)
WIDTHS = (128, 256, 384, 512, 768)

SPACE = SearchSpace(
    {
        "learning_rate": FloatParameter(low=1e-6, high=1e-2, log=True),
        "alpha": FloatParameter(low=0.0, high=1.0),
        "warmup_share": FloatParameter(low=0.0, high=0.4),
        "batch_size": IntegerParameter(low=8, high=64, log=True),
        "n_layers": IntegerParameter(low=1, high=12),
        "n_heads": CategoricalParameter(values=HEADS),
        "hidden_size": CategoricalParameter(values=WIDTHS),
        "layers_from": CategoricalParameter(values=("first", "last", "every other")),
    },
    (Rule("hidden_size % n_heads == 0"),),
)
METRICS = (
    Metric(name="exact", direction="maximize", threshold=30.0),
    Metric(name="num_parameters", direction="minimize", threshold=120e6),
)

MEMORY = 250_000
"""Largest product of batch, layers and width that fits."""


def small_student() -> BenchmarkProblem:
    """Quality falls from an architecture's capacity by the square of each setting's distance from its best value.

    Each best value depends on other parameters, and all can be met at once: see ``best_training``.
    """
    known = KnownSizes(sizes, frozenset({"num_parameters"}), frozenset({"n_layers", "hidden_size"}))
    task = SearchTask("student-8", SPACE, METRICS, known, can_fail=True)
    return BenchmarkProblem(task, true, attainable, noise={"exact": 0.5})


def sizes(configuration: Mapping[str, Value]) -> Metrics:
    """The exact number of parameters."""
    hidden = int(configuration["hidden_size"])
    return {"num_parameters": float(parameter_count(int(configuration["n_layers"]), hidden, 4 * hidden))}


def true(configuration: Mapping[str, Value]) -> Metrics | None:
    """Noise-free metrics; None when the training runs out of memory or diverges."""
    if out_of_memory(configuration) or diverges(configuration):
        return None
    return {"exact": max(0.0, capacity(configuration) - loss(configuration)), **sizes(configuration)}


def out_of_memory(c: Mapping[str, Value]) -> bool:
    """Large batches of large models do not fit."""
    return int(c["batch_size"]) * int(c["n_layers"]) * int(c["hidden_size"]) > MEMORY


def diverges(c: Mapping[str, Value]) -> bool:
    """High learning rates need warm-up, in deep models more of it."""
    limit = -3.0 - 0.03 * int(c["n_layers"]) + 2.0 * float(c["warmup_share"])
    return math.log10(float(c["learning_rate"])) > limit


def capacity(c: Mapping[str, Value]) -> float:
    """Quality of an architecture under the best training; about one head for 64 of width is best."""
    hidden = int(c["hidden_size"])
    heads = math.log2(int(c["n_heads"]) * 64 / hidden)
    return 72.0 * (1 - math.exp(-int(c["n_layers"]) / 3.0)) * (hidden / 768) ** 0.15 - heads**2


def loss(c: Mapping[str, Value]) -> float:
    """What the training settings cost; 0 at ``best_training``."""
    layers, batch = int(c["n_layers"]), math.log2(int(c["batch_size"]) / 16)
    rate = math.log10(float(c["learning_rate"])) - best_rate(int(c["hidden_size"]), int(c["batch_size"]))
    copied = {"every other": 0.0, "first": 4.0, "last": 7.0}[str(c["layers_from"])]
    return (
        14.0 * rate**2
        + 1.5 * batch**2
        + 30.0 * (float(c["alpha"]) - best_alpha(layers)) ** 2
        + 90.0 * (float(c["warmup_share"]) - best_warmup(layers)) ** 2
        + copied * (1 - layers / 12)
    )


def best_rate(hidden: int, batch: int) -> float:
    """Logarithm of the best learning rate: higher for narrow models and large batches."""
    return -4.3 + 0.8 * math.log10(768 / hidden) + 0.5 * math.log10(batch / 16)


def best_alpha(layers: int) -> float:
    """The best weight of the teacher: higher for shallow models."""
    return 0.9 - 0.03 * layers


def best_warmup(layers: int) -> float:
    """The best share of warm-up steps: higher for deep models."""
    return 0.04 + 0.015 * layers


def best_training(layers: int, heads: int, hidden: int) -> Configuration:
    """The settings of an architecture at which ``loss`` is 0; they neither diverge nor run out of memory."""
    return {
        "learning_rate": 10 ** best_rate(hidden, 16),
        "alpha": best_alpha(layers),
        "warmup_share": best_warmup(layers),
        "batch_size": 16,
        "n_layers": layers,
        "n_heads": heads,
        "hidden_size": hidden,
        "layers_from": "every other",
    }


def best_of_every_architecture() -> Iterator[Configuration]:
    """Every legal architecture with its best training: no configuration is better than one of these."""
    for layers, heads, hidden in product(LAYERS, HEADS, WIDTHS):
        configuration = best_training(layers, heads, hidden)
        if SPACE.meets_rules(configuration):
            yield configuration


@cache
def attainable() -> float:
    """Hypervolume of every legal architecture under its best training."""
    values = {i: true(c) or {} for i, c in enumerate(best_of_every_architecture())}
    return hypervolume(METRICS, values, {"exact": 30.0, "num_parameters": 120e6})
