"""A made-up student of 14 parameters with a latency limit and a floor: most bad trainings answer nothing at all."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache

import moocore
import numpy as np

from engine.metrics import Metric
from engine.parameters import CategoricalParameter, Configuration, FloatParameter, IntegerParameter, Value
from engine.rules import Rule
from engine.space import SearchSpace
from tests.benchmarks.search.bert_size import parameter_count
from tests.benchmarks.search.problem import BenchmarkProblem, KnownSizes, Metrics, SearchTask

LAYERS = range(1, 13)
HEADS = (2, 4, 6, 8, 12)
WIDTHS = (128, 192, 256, 320, 384, 512, 640, 768)
INTERMEDIATE = (256, 3072)

SPACE = SearchSpace(
    {
        "learning_rate": FloatParameter(low=1e-6, high=1e-2, log=True),
        "weight_decay": FloatParameter(low=1e-5, high=1e-1, log=True),
        "alpha": FloatParameter(low=0.0, high=1.0),
        "temperature": IntegerParameter(low=1, high=10),
        "dropout": FloatParameter(low=0.0, high=0.5),
        "attention_dropout": FloatParameter(low=0.0, high=0.5),
        "warmup_share": FloatParameter(low=0.0, high=0.4),
        "batch_size": IntegerParameter(low=8, high=64, log=True),
        "optimizer": CategoricalParameter(values=("adamw", "lamb")),
        "layers_from": CategoricalParameter(values=("first", "last", "every other")),
        "n_layers": IntegerParameter(low=1, high=12),
        "n_heads": CategoricalParameter(values=HEADS),
        "hidden_size": CategoricalParameter(values=WIDTHS),
        "intermediate_size": IntegerParameter(low=INTERMEDIATE[0], high=INTERMEDIATE[1], log=True),
    },
    (Rule("hidden_size % n_heads == 0"),),
)
METRICS = (
    Metric(name="exact", direction="maximize", threshold=52.5),
    Metric(name="num_parameters", direction="minimize", threshold=100e6),
    Metric(name="latency_ms", role="constrain", direction="minimize", threshold=16.0),
)

FLOOR = 50.07
"""Quality of a student that leaves every question unanswered."""
MEMORY = 400_000
"""Largest product of batch, layers and widths that fits."""


def large_student() -> BenchmarkProblem:
    """Quality is the floor plus an architecture's gain, which bad training settings shrink exponentially.

    The best training settings depend on the architecture and on each other, and can be met all at once.
    """
    known = KnownSizes(
        sizes, frozenset({"num_parameters"}), frozenset({"n_layers", "hidden_size", "intermediate_size"})
    )
    task = SearchTask("student-14", SPACE, METRICS, known, can_fail=True)
    return BenchmarkProblem(task, true, attainable, noise={"exact": 0.6, "latency_ms": 0.3})


def sizes(c: Mapping[str, Value]) -> Metrics:
    """The exact number of parameters."""
    count = parameter_count(int(c["n_layers"]), int(c["hidden_size"]), int(c["intermediate_size"]))
    return {"num_parameters": float(count)}


def true(c: Mapping[str, Value]) -> Metrics | None:
    """Noise-free metrics; None when the training runs out of memory or diverges."""
    if out_of_memory(c) or diverges(c):
        return None
    layers, heads, hidden, intermediate = architecture(c)
    return {
        "exact": FLOOR + float(gain(layers, heads, hidden, intermediate)) * math.exp(-loss(c)),
        "latency_ms": float(latency(layers, hidden, intermediate)),
        **sizes(c),
    }


def architecture(c: Mapping[str, Value]) -> tuple[int, int, int, int]:
    """Layers, heads, width, width of the feed-forward block."""
    return int(c["n_layers"]), int(c["n_heads"]), int(c["hidden_size"]), int(c["intermediate_size"])


def out_of_memory(c: Mapping[str, Value]) -> bool:
    """Large batches of large models do not fit."""
    layers, _, hidden, intermediate = architecture(c)
    return int(c["batch_size"]) * layers * (hidden + intermediate / 4) > MEMORY


def diverges(c: Mapping[str, Value]) -> bool:
    """High learning rates need warm-up, in deep models more of it; LAMB bears a little more."""
    limit = -3.0 - 0.03 * int(c["n_layers"]) + 2.0 * float(c["warmup_share"])
    return math.log10(float(c["learning_rate"])) > limit + (0.3 if c["optimizer"] == "lamb" else 0.0)


def gain(layers, heads, hidden, intermediate):  # numbers or arrays alike
    """Points above the floor under the best training, at most about 22; one head for 64 of width is best."""
    shape = (1 - np.exp(-layers / 3.5)) * (hidden / 768) ** 0.25 * (intermediate / 3072) ** 0.08
    return 22.0 * shape * (1 - 0.03 * np.log2(heads * 64 / hidden) ** 2)


def latency(layers, hidden, intermediate):  # numbers or arrays alike
    """Milliseconds: a start-up, and for each layer an overhead and its multiplications."""
    return 0.5 + layers * (0.15 + 2.2 * (4 * hidden**2 + 2 * hidden * intermediate) / 7_077_888)


def loss(c: Mapping[str, Value]) -> float:
    """What the training settings cost; 0 at ``best_training``."""
    layers, _, hidden, _ = architecture(c)
    best = best_training(*architecture(c))
    rate = math.log10(float(c["learning_rate"])) - best_rate(
        hidden, int(c["batch_size"]), str(c["optimizer"])
    )
    copied = {"every other": 0.0, "first": 0.15, "last": 0.25}[str(c["layers_from"])]
    return (
        0.9 * rate**2
        + 1.0 * (float(c["alpha"]) - float(best["alpha"])) ** 2
        + 0.008 * (int(c["temperature"]) - 4) ** 2
        + 2.5 * (float(c["dropout"]) - float(best["dropout"])) ** 2
        + 1.5 * (float(c["attention_dropout"]) - 0.1) ** 2
        + 4.0 * (float(c["warmup_share"]) - float(best["warmup_share"])) ** 2
        + 0.04 * math.log2(int(c["batch_size"]) / 16) ** 2
        + 0.01 * (math.log10(float(c["weight_decay"])) + 2) ** 2
        + (0.05 if c["optimizer"] == "lamb" else 0.0)
        + copied * (1 - layers / 12)
    )


def best_rate(hidden: int, batch: int, optimizer: str) -> float:
    """Logarithm of the best learning rate: higher for narrow models, large batches and LAMB."""
    lamb = 0.4 if optimizer == "lamb" else 0.0
    return -4.3 + 0.8 * math.log10(768 / hidden) + 0.5 * math.log10(batch / 16) + lamb


def best_training(layers: int, heads: int, hidden: int, intermediate: int) -> Configuration:
    """The settings of an architecture at which ``loss`` is 0; they neither diverge nor run out of memory."""
    return {
        "learning_rate": 10 ** best_rate(hidden, 16, "adamw"),
        "weight_decay": 1e-2,
        "alpha": 0.9 - 0.03 * layers,
        "temperature": 4,
        "dropout": 0.05 + 0.1 * hidden / 768,
        "attention_dropout": 0.1,
        "warmup_share": 0.04 + 0.015 * layers,
        "batch_size": 16,
        "optimizer": "adamw",
        "layers_from": "every other",
        "n_layers": layers,
        "n_heads": heads,
        "hidden_size": hidden,
        "intermediate_size": intermediate,
    }


@cache
def attainable() -> float:
    """Hypervolume of every legal architecture within the latency limit, each under its best training."""
    layers, heads, hidden, intermediate = (
        axis.ravel()
        for axis in np.meshgrid(
            LAYERS, HEADS, WIDTHS, np.arange(INTERMEDIATE[0], INTERMEDIATE[1] + 1), indexing="ij"
        )
    )
    keep = (hidden % heads == 0) & (latency(layers, hidden, intermediate) <= 16.0)
    layers, heads, hidden, intermediate = (axis[keep] for axis in (layers, heads, hidden, intermediate))
    exact = FLOOR + gain(layers, heads, hidden, intermediate)
    count = parameter_count(layers, hidden, intermediate)
    return float(moocore.hypervolume(np.stack([-exact, count], axis=1), ref=np.array([-52.5, 100e6])))
