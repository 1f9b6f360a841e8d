"""Problems, trials and suggestions as JSON, for strategies that run in a process of their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, TypeAdapter

from engine.distill.students.sizes import StudentSizes
from engine.errors import SettingError
from engine.extraction.options import Extraction
from engine.metrics import Metric
from engine.parameters import Configuration, Parameter, Value
from engine.rules import Rule
from engine.space import Condition, SearchSpace
from engine.strategies.interface import Observation, SearchProblem, Suggestion

_OBSERVATIONS = TypeAdapter(list[Observation])
_SUGGESTIONS = TypeAdapter(list[Suggestion])


class _Problem(BaseModel):
    model_config = ConfigDict(extra="forbid")

    parameters: dict[str, Parameter]
    rules: list[str]
    conditions: dict[str, tuple[str, Value]]
    metrics: list[Metric]
    seed: int
    known: StudentSizes | None
    baseline: Configuration | None
    initial_trials: int
    levels: int
    repeats: int
    earlier: list[dict[str, Any]]
    extraction: Extraction | None


class Request(BaseModel):
    """A call of ``registry.suggest``."""

    model_config = ConfigDict(extra="forbid")

    id: int
    strategy: str
    problem: dict[str, Any]
    observations: list[dict[str, Any]]
    count: int

    @classmethod
    def of(
        cls,
        identity: int,
        strategy: str,
        problem: SearchProblem,
        observations: Sequence[Observation],
        count: int,
    ) -> Self:
        """The request as it is sent."""
        return cls(
            id=identity,
            strategy=strategy,
            problem=problem_to_json(problem),
            observations=observations_to_json(observations),
            count=count,
        )


class Answer(BaseModel):
    """Suggestions, or what went wrong.

    Attributes:
        id: of the request.
        suggestions: None after an error.
        error: what went wrong, in a sentence.
        is_setting: whether the error is one of the settings, to be shown to the person as it stands.
        traceback: where it went wrong.
    """

    model_config = ConfigDict(extra="forbid")

    id: int
    suggestions: list[dict[str, Any]] | None = None
    error: str | None = None
    is_setting: bool = False
    traceback: str = ""


def problem_to_json(problem: SearchProblem) -> dict[str, Any]:
    """Plain dictionary of a problem; rules become their text.

    Raises:
        SettingError: when known metrics are functions, which cannot be sent.
    """
    if not (problem.known is None or isinstance(problem.known, StudentSizes)):
        raise SettingError("known metrics given as functions cannot be sent to another process; use AskTell")
    space = problem.space
    return _Problem(
        parameters=dict(space.parameters),
        rules=[rule.text for rule in space.rules],
        conditions={name: (c.rule.text, c.otherwise) for name, c in space.conditions.items()},
        metrics=list(problem.metrics),
        seed=problem.seed,
        known=problem.known,
        baseline=problem.baseline,
        initial_trials=problem.initial_trials,
        levels=problem.levels,
        repeats=problem.repeats,
        earlier=observations_to_json(problem.earlier),
        extraction=problem.extraction,
    ).model_dump(mode="json")


def problem_from_json(data: dict[str, Any]) -> SearchProblem:
    """Inverse of ``problem_to_json``.

    Raises:
        SettingError: when a rule cannot be read.
        pydantic.ValidationError: when the dictionary has another form.
    """
    problem = _Problem.model_validate(data)
    return SearchProblem(
        space=SearchSpace(
            problem.parameters,
            tuple(Rule(text) for text in problem.rules),
            {
                name: Condition(Rule(text), otherwise)
                for name, (text, otherwise) in problem.conditions.items()
            },
        ),
        metrics=tuple(problem.metrics),
        seed=problem.seed,
        known=problem.known,
        baseline=problem.baseline,
        initial_trials=problem.initial_trials,
        levels=problem.levels,
        repeats=problem.repeats,
        earlier=tuple(observations_from_json(problem.earlier)),
        extraction=problem.extraction,
    )


def observations_to_json(observations: Sequence[Observation]) -> list[dict[str, Any]]:
    """Plain dictionaries of trials."""
    dumped: list[dict[str, Any]] = _OBSERVATIONS.dump_python(list(observations), mode="json")
    return dumped


def observations_from_json(data: list[dict[str, Any]]) -> list[Observation]:
    """Inverse of ``observations_to_json``."""
    return _OBSERVATIONS.validate_python(data)


def suggestions_to_json(suggestions: Sequence[Suggestion]) -> list[dict[str, Any]]:
    """Plain dictionaries of suggestions."""
    dumped: list[dict[str, Any]] = _SUGGESTIONS.dump_python(list(suggestions), mode="json")
    return dumped


def suggestions_from_json(data: list[dict[str, Any]]) -> list[Suggestion]:
    """Inverse of ``suggestions_to_json``."""
    return _SUGGESTIONS.validate_python(data)
