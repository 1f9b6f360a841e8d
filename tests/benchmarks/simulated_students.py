"""Learning curves for the made-up students of the search benchmarks, and a search over them with one slot.

A student's final metrics are those of its problem. Its curve rises towards them at a rate that depends on the learning
rate and on depth (slow ones still rise when fast ones are flat, so that curves cross) and on luck, which no setting
tells. Evaluations are noisy, half of it in common, as those of one model on one sample of questions are.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from engine.early_stopping.curves import Curve, in_numbers
from engine.early_stopping.decision import Outlook, review
from engine.parameters import Configuration
from engine.spec_sections import EarlyStoppingSection
from engine.strategies import registry
from engine.strategies.interface import Observation, SearchProblem
from engine.strategies.processes import Memory
from tests.benchmarks.search.large_student import FLOOR
from tests.benchmarks.search.problem import BenchmarkProblem, Metrics

START = {"student-8": 0.0, "student-14": FLOOR}
"""Score before training, by problem."""
RATE = 3.0
"""Rate of the exponential rise at a learning rate of 5e-5 and six layers; it has flattened by the end."""
LUCK = 0.2
"""Standard deviation of the rate's logarithm from trial to trial."""
OVERHEAD = 0.05
"""Cost of a trial besides its encoder's operations, in trainings of a BERT of six layers and width 768."""
FAILURE = 0.1
"""Share of its training that a failing trial runs for."""
EVALUATION = 0.02
"""Cost of an evaluation, as a share of the training it looks at."""


@dataclass(slots=True)
class Trial:
    """A simulated trial.

    Attributes:
        number: from 1.
        parameters: its configuration.
        truth: its final metrics without noise; None where its training fails.
        scores: what its evaluations measure, in order, the final one included.
        final: its final metrics as measured.
        cost: of its whole training, in trainings of a BERT of six layers and width 768.
        done: evaluations so far.
        state: as in the life cycle.
        expected: metrics expected of it when it was last looked at, each with its standard deviation.
    """

    number: int
    parameters: Configuration
    truth: Metrics | None
    scores: list[float]
    final: Metrics
    cost: float
    done: int = 0
    state: str = "running"
    expected: dict[str, tuple[float, float]] = field(default_factory=dict)


@dataclass(slots=True)
class Search:
    """A search with one slot.

    Attributes:
        problem: what is searched.
        strategy: name of the strategy.
        seed: of the strategy and of every trial's luck.
        settings: of early stopping.
        shares: shares of a training after which it is evaluated, the last one 1.
        teach: whether the strategy is told what stopped trials were expected to end with.
    """

    problem: BenchmarkProblem
    strategy: str
    seed: int
    settings: EarlyStoppingSection
    shares: tuple[float, ...]
    teach: bool = True
    trials: list[Trial] = field(default_factory=list)
    spent: float = 0.0
    resumed: int = 0
    memory: Memory = field(default_factory=Memory)

    def run(self) -> Iterator[tuple[float, float]]:
        """Compute spent, and per cent of the attainable hypervolume that the completed trials' true metrics cover."""
        while True:
            trial = self._next()
            while trial.state == "running":
                trial.done += 1
                if trial.truth is None:
                    trial.state = "failed"
                    self.spent += trial.cost * FAILURE
                else:
                    before = self.shares[trial.done - 2] if trial.done > 1 else 0.0
                    self.spent += trial.cost * (self.shares[trial.done - 1] - before + EVALUATION)
                    if trial.done == len(self.shares):
                        trial.state = "completed"
                self._review(trial)
                yield (
                    self.spent,
                    self.problem.share({one.number: one.truth or {} for one in self._in("completed")}),
                )

    def _next(self) -> Trial:
        waiting = self._in("queued")
        if waiting:
            waiting[0].state = "running"
            return waiting[0]
        task = self.problem.task
        search = SearchProblem(task.space, task.metrics, seed=self.seed, known=task.known)
        (suggestion,) = registry.suggest(self.strategy, search, self._observations(), 1, self.memory)
        trial = made(self.problem, len(self.trials) + 1, suggestion.parameters, self.shares, seed=self.seed)
        self.trials.append(trial)
        return trial

    def _observations(self) -> list[Observation]:
        seen = []
        for trial in self.trials:
            if trial.state == "completed":
                metrics, errors = trial.final, {"exact": self.problem.noise["exact"]}
                seen.append(Observation(trial.number, trial.parameters, "completed", metrics, errors))
            elif trial.state == "failed":
                seen.append(Observation(trial.number, trial.parameters, "failed"))
            else:
                expected = trial.expected if self.teach else {}
                means = {name: mean for name, (mean, _) in expected.items()}
                errors = {name: deviation for name, (_, deviation) in expected.items() if deviation}
                seen.append(Observation(trial.number, trial.parameters, "stopped", means, errors))
        return seen

    def _review(self, moved: Trial) -> None:
        if not self.settings.enabled:
            return
        found = review(
            self.problem.task.metrics,
            self.settings,
            self.shares,
            completed=[self._curve(trial) for trial in self._in("completed")],
            running=[self._curve(trial) for trial in self._in("running")],
            # What is to be expected of stopped trials changes with the completed ones alone.
            stopped=[self._curve(trial) for trial in self._in("stopped") if moved.state == "completed"],
        )
        for look in (*found.stop, *found.resume, *found.keep):
            self._trial(look).expected = {
                name: (item.mean, item.deviation) for name, item in look.forecasts.items()
            }
        for look in found.stop:
            self._trial(look).state = "stopped"
        for look in found.resume:
            self._trial(look).state = "queued"
            self.resumed += 1

    def _curve(self, trial: Trial) -> Curve:
        """The trial as early stopping sees it."""
        known = self.problem.task.known
        return Curve(
            trial.number,
            tuple({"exact": score} for score in trial.scores[: trial.done]),
            in_numbers(self.problem.task.space, trial.parameters),
            (known.values(trial.parameters) if known else None) or {},
            trial.final if trial.state == "completed" else None,
        )

    def _trial(self, look: Outlook) -> Trial:
        return self.trials[look.curve.number - 1]

    def _in(self, state: str) -> list[Trial]:
        return [trial for trial in self.trials if trial.state == state]


def made(
    problem: BenchmarkProblem,
    number: int,
    parameters: Configuration,
    shares: tuple[float, ...],
    *,
    seed: int,
) -> Trial:
    """The trial of a configuration; its luck depends on the seed and the number alone, whatever stops it."""
    random = np.random.default_rng((seed, number))
    truth = problem.true(parameters)
    layers, hidden = int(parameters["n_layers"]), int(parameters["hidden_size"])
    inner = int(parameters.get("intermediate_size", 4 * hidden))
    cost = layers * (4 * hidden**2 + 2 * hidden * inner) / (6 * 12 * 768**2) + OVERHEAD
    if truth is None:
        return Trial(number, parameters, None, [0.0] * len(shares), {}, cost)
    speed = (float(parameters["learning_rate"]) / 5e-5) ** 0.2 * (6 / layers) ** 0.2
    rate = min(8.0, max(0.5, RATE * speed)) * math.exp(LUCK * random.normal())
    rise = (1 - np.exp(-rate * np.array(shares))) / (1 - math.exp(-rate))
    half = problem.noise["exact"] / math.sqrt(2)
    noise = half * random.normal() + half * random.normal(size=len(shares))
    scores = START[problem.task.name] + (truth["exact"] - START[problem.task.name]) * rise + noise
    final = {
        name: value + problem.noise.get(name, 0.0) * random.normal() for name, value in truth.items()
    } | {"exact": float(scores[-1])}
    return Trial(number, parameters, truth, [float(score) for score in scores], final, cost)
