"""Synthetic experiments whose truth is known: students of given accuracy answer questions of varying difficulty."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.polynomial.hermite_e import hermegauss

from engine.claims.evidence import Evidence, gather
from engine.claims.resampling import Paired
from engine.measured import Measured
from engine.metrics import Metric

QUALITY, COST = "exact", "num_parameters"
METRICS = (
    Metric(name=QUALITY, direction="maximize", threshold=20.0),
    Metric(name=COST, direction="minimize"),
)
DIFFICULTY = 1.5
"""Standard deviation of the questions' difficulties, on the scale of log odds."""
_NODES, _WEIGHTS = hermegauss(60)
_ABILITIES = np.linspace(-8.0, 8.0, 4000)


def _right(ability: np.ndarray, difficulty: np.ndarray) -> np.ndarray:
    """Probability of a right answer: the Rasch model."""
    return 1 / (1 + np.exp(difficulty - ability))


_ACCURACIES = (_right(_ABILITIES[:, None], DIFFICULTY * _NODES) * (_WEIGHTS / _WEIGHTS.sum())).sum(axis=1)


def _ability(accuracy: np.ndarray) -> np.ndarray:
    return np.interp(accuracy, _ACCURACIES, _ABILITIES)


@dataclass(frozen=True)
class World:
    """Trials with their true accuracy over all questions (in percent) and their size; the first is the baseline."""

    accuracy: np.ndarray
    size: np.ndarray
    configuration: np.ndarray

    @property
    def gain(self) -> np.ndarray:
        """True gains over the baseline's configuration."""
        return self.accuracy - self.accuracy[0]

    @property
    def saving(self) -> np.ndarray:
        return 1 - self.size / self.size[0]

    @property
    def best_saving(self) -> float:
        """The saving of the smallest trial that truly is at no loss."""
        return float(np.max(self.saving[(self.gain >= 0) & (self.saving > 0)], initial=0.0))

    @property
    def share(self) -> float:
        """Of the trials other than the baseline, those truly smaller or better."""
        return float(((self.saving > 0) | (self.gain > 0))[1:].mean())

    @property
    def frontier(self) -> np.ndarray:
        """Whether each trial truly is on the frontier."""
        worse = (self.accuracy[:, None] >= self.accuracy) & (self.size[:, None] <= self.size)
        strictly = (self.accuracy[:, None] > self.accuracy) | (self.size[:, None] < self.size)
        return ~(worse & strictly).any(axis=0)


def world(rng: np.random.Generator, trials: int, repeats: int = 1) -> World:
    """Students of 0.3 to 1.1 times the baseline's size, most of them a little below a frontier that rises with size."""
    size = rng.uniform(0.3, 1.1, trials)
    accuracy = 68 + 8 * np.log(size) - rng.exponential(2.0, trials)
    size[0], accuracy[0] = 1.0, 66.0
    numbers = np.arange(trials)
    return World(*(np.repeat(values, repeats) for values in (accuracy, size, numbers)))


def observe(
    rng: np.random.Generator, truth: World, questions: int, seed_deviation: float = 0.0, paired: bool = True
) -> tuple[Evidence, dict[str, Paired]]:
    """Evidence from one evaluation on freshly drawn questions.

    Args:
        rng: of the questions, the answers, and the luck of training.
        truth: the trials.
        questions: how many are asked; all trials get the same.
        seed_deviation: how much a trained model's true accuracy differs from its configuration's, in points.
        paired: whether correctness by question is known to the evidence.
    """
    count = len(truth.size)
    trained = truth.accuracy + seed_deviation * rng.standard_normal(count)
    difficulty = DIFFICULTY * rng.standard_normal(questions)
    chance = _right(_ability(trained / 100)[:, None], difficulty)
    right = (rng.random((count, questions)) < chance).astype(np.float32)
    exact = 100 * right.mean(axis=1)
    errors = 100 * right.std(axis=1, ddof=1) / questions**0.5
    measured = [
        Measured(
            place + 1, {QUALITY: float(exact[place]), COST: float(truth.size[place])}, {QUALITY: float(error)}
        )
        for place, error in enumerate(errors)
    ]
    numbers = tuple(range(1, count + 1))
    matrix = {QUALITY: Paired(numbers, 100 * right, np.ones(questions, np.float32))}
    configurations = {number: int(truth.configuration[number - 1]) for number in numbers}
    known = matrix if paired else {}
    return gather(METRICS, measured, 1, known, configurations), known
