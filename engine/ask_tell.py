"""The strategies without runner, server or database: ask for a trial, run it anywhere, tell what came of it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from engine.errors import SettingError, StateError
from engine.frontier import frontier, hypervolume, reference_point
from engine.metrics import Metric, objectives
from engine.parameters import Configuration, Value
from engine.space import SearchSpace, checked_configuration
from engine.strategies import registry
from engine.strategies.interface import INITIAL_TRIALS, Observation, SearchProblem, Suggestion
from engine.strategies.known import KnownFunctions
from engine.whatif.question import Budget, Pin, Question

if TYPE_CHECKING:
    from engine.strategies.processes import Memory
    from engine.whatif.answer import Answer

State = Literal["pending", "completed", "failed"]


@dataclass(frozen=True, slots=True)
class StudyTrial:
    """A trial of a study.

    Attributes:
        number: counts from 1.
        parameters: the configuration to run.
        state: ``pending`` until it is told of.
        metrics: what was told.
        standard_errors: of the metrics that have one.
        failure: why it failed.
        suggestion: why it was chosen; None for a trial that was added by hand.
    """

    number: int
    parameters: Configuration
    state: State = "pending"
    metrics: Mapping[str, float] = field(default_factory=dict)
    standard_errors: Mapping[str, float] = field(default_factory=dict)
    failure: str | None = None
    suggestion: Suggestion | None = None


class AskTell:
    """A study that lives in memory.

    Example:
        >>> space = SearchSpace.from_dict({"x": {"type": "float", "low": 0.0, "high": 1.0}})
        >>> study = AskTell(space, [Metric(name="score", direction="maximize")], strategy="sobol")
        >>> trial = study.ask()
        >>> study.tell(trial, {"score": 1 - trial.parameters["x"]})
        >>> [best.number for best in study.frontier()]
        [1]
    """

    def __init__(
        self,
        space: SearchSpace,
        metrics: Sequence[Metric],
        *,
        strategy: str = "nehvi",
        seed: int = 0,
        baseline: Mapping[str, Value] | None = None,
        initial_trials: int = INITIAL_TRIALS,
        earlier: Sequence[AskTell] = (),
    ) -> None:
        """Start a study.

        Args:
            space: what is searched.
            metrics: what counts; those with ``known`` are worked out from the parameters and need not be told.
            strategy: ``nehvi``, ``sobol``, ``grid`` or ``single``.
            seed: the same seed and the same told values give the same trials.
            baseline: configuration that is asked for first.
            initial_trials: trials before a model is used, the baseline included.
            earlier: studies on the same space and metrics to learn from.

        Raises:
            SettingError: when a metric is listed twice, an earlier study has another space, or the baseline is not in
                the space.
        """
        names = [metric.name for metric in metrics]
        if len(set(names)) != len(names):
            raise SettingError(f"metrics {names}: each may be listed once")
        functions = {metric.name: metric.known for metric in metrics if metric.known is not None}
        self.strategy = strategy
        self.problem = SearchProblem(
            space=space,
            metrics=tuple(metrics),
            seed=seed,
            known=KnownFunctions(functions) if functions else None,
            baseline=None if baseline is None else checked_configuration(space, baseline, "the baseline"),
            initial_trials=initial_trials,
            earlier=_earlier(space, earlier),
        )
        self._trials: dict[int, StudyTrial] = {}
        self._memory: Memory | None = None

    @property
    def trials(self) -> list[StudyTrial]:
        """Every trial, in order."""
        return list(self._trials.values())

    def ask(self) -> StudyTrial:
        """The next trial to run; trials that were asked for and not told of are taken into account.

        Raises:
            SettingError: when the strategy is unknown, or no legal configuration is found.
            StateError: when a grid has come to its end.
        """
        made = registry.suggest(self.strategy, self.problem, self._observations(), 1, self._remembered())
        if not made:
            raise StateError(f"strategy {self.strategy!r} has no more configurations: all were asked for")
        return self._add(made[0].parameters, made[0])

    def add(self, parameters: Mapping[str, Value]) -> StudyTrial:
        """A trial with parameters of your own, to be told of like any other.

        Raises:
            SettingError: when they are not in the space.
        """
        return self._add(checked_configuration(self.problem.space, parameters, "the trial"), None)

    def tell(
        self,
        trial: StudyTrial | int,
        metrics: Mapping[str, float] | None = None,
        *,
        standard_errors: Mapping[str, float] | None = None,
        failed: str | None = None,
    ) -> None:
        """Say what came of a trial.

        Args:
            trial: the trial, or its number.
            metrics: its values by name: every optimised and constrained metric that is not known, and any others.
            standard_errors: of the metrics that were measured with a known error.
            failed: instead of metrics, why its settings did not work; later suggestions keep away from them. A trial
                that ended through no fault of its settings should be run again instead.

        Raises:
            StateError: when the trial was told of before.
            SettingError: when both or neither of metrics and failed are given, or a metric is missing or not finite.
        """
        number = trial if isinstance(trial, int) else trial.number
        found = self._trials.get(number)
        if found is None:
            raise StateError(f"trial {number} is not of this study, which has {len(self._trials)} trials")
        if found.state != "pending":
            raise StateError(f"trial {number} was told of before: it is {found.state}")
        if (metrics is None) == (failed is None):
            raise SettingError(f"trial {number}: tell either its metrics or why it failed")
        if metrics is None:
            self._trials[number] = replace(found, state="failed", failure=failed)
            return
        values = self._checked(number, found.parameters, metrics)
        self._trials[number] = replace(
            found, state="completed", metrics=values, standard_errors=dict(standard_errors or {})
        )

    def frontier(self) -> list[StudyTrial]:
        """Trials that meet every threshold and that no other such trial dominates, best by the first metric first."""
        best = frontier(self.problem.metrics, self._values())
        first = objectives(self.problem.metrics)[0]
        return sorted(
            (self._trials[number] for number in best), key=lambda t: -first.sign * t.metrics[first.name]
        )

    def hypervolume(self, reference: Mapping[str, float] | None = None) -> float:
        """Volume the frontier covers, in the product of the objectives' units.

        Args:
            reference: value of each objective from which it is measured; see ``engine.frontier.reference_point`` for
                what is taken without it.
        """
        values = self._values()
        if not values:
            return 0.0
        point = reference or reference_point(self.problem.metrics, values)
        return hypervolume(self.problem.metrics, values, point)

    def what_if(
        self,
        pinned: Mapping[str, Pin] | None = None,
        *,
        at_most: Mapping[str, float] | None = None,
        at_least: Mapping[str, float] | None = None,
    ) -> Answer:
        """What to expect with some settings pinned and metrics within budgets.

        Args:
            pinned: value or range (``engine.whatif.question.Range``) of the settings that are held; others are free.
            at_most: budgets by metric, such as ``{"num_parameters": 45e6}``.
            at_least: likewise, from below.

        Raises:
            SettingError: when the question names what there is not, or leaves nothing legal.
        """
        # Imported late: torch takes seconds.
        from engine.whatif.asking import what_if

        budgets = [Budget(name, "max", limit) for name, limit in (at_most or {}).items()]
        budgets += [Budget(name, "min", limit) for name, limit in (at_least or {}).items()]
        return what_if(self.problem, self._observations(), Question(dict(pinned or {}), budgets))

    def _add(self, parameters: Configuration, suggestion: Suggestion | None) -> StudyTrial:
        trial = StudyTrial(len(self._trials) + 1, parameters, suggestion=suggestion)
        self._trials[trial.number] = trial
        return trial

    def _checked(
        self, number: int, parameters: Configuration, metrics: Mapping[str, float]
    ) -> dict[str, float]:
        values = {**metrics, **(self.problem.known_values(parameters) or {})}
        for metric in self.problem.metrics:
            if metric.role != "store" and not math.isfinite(values.get(metric.name, math.nan)):
                raise SettingError(
                    f"trial {number}: metric {metric.name} is {values.get(metric.name, 'missing')}; "
                    "tell a finite number, or failed='why' if there is none"
                )
        return {name: float(value) for name, value in values.items()}

    def _values(self) -> dict[int, Mapping[str, float]]:
        return {n: trial.metrics for n, trial in self._trials.items() if trial.state == "completed"}

    def _observations(self) -> list[Observation]:
        return [
            Observation(t.number, t.parameters, t.state, t.metrics, t.standard_errors) for t in self.trials
        ]

    def _remembered(self) -> Memory | None:
        if (
            self.strategy == "nehvi"
            and self._memory is None
            and len(self._trials) >= self.problem.initial_trials
        ):
            # Imported late: torch takes seconds, and the first trials do without it.
            from engine.strategies.processes import Memory

            self._memory = Memory()
        return self._memory


def _earlier(space: SearchSpace, studies: Sequence[AskTell]) -> tuple[Observation, ...]:
    found: list[Observation] = []
    for source, study in enumerate(studies, 1):
        if dict(study.problem.space.parameters) != dict(space.parameters):
            raise SettingError(
                f"earlier study {source} has another search space; only the same one can be learned from"
            )
        found += [
            replace(observation, source=source)
            for observation in study._observations()
            if observation.state in ("completed", "failed")
        ]
    return tuple(found)
