"""What an experiment with the strategy ``agora`` must be like, and the plan that follows from its specification."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from engine.agora.hyperparameter_sets import BORT, SEED, HyperparameterSet, Values, count_sets
from engine.agora.rounds import Plan, most_trainings
from engine.agora.section import AgoraSection
from engine.parameters import CategoricalParameter, Value
from engine.spec_sections import FieldError

if TYPE_CHECKING:
    from engine.experiment import ExperimentSpec

AGORA = "agora"
"""Name of the strategy."""

BORT_PARAMETERS: dict[str, dict[str, Any]] = {
    name: {"type": "categorical", "values": list(values)} for name, values in BORT.items() if name != SEED
}
"""The search space of an experiment that gives none: the values of Bort's hyperparameter sets."""


def check_agora(spec: ExperimentSpec) -> None:
    """See that an experiment can be run as it is specified.

    Raises:
        FieldError: naming the field at fault.
    """
    _check_task(spec)
    for where in ("baseline", "rules", "conditions"):
        if getattr(spec, where):
            raise FieldError(
                (where,), "an Agora run has none: its sets are combinations of all values; leave it out"
            )
    for name, parameter in spec.parameters.items():
        if not isinstance(parameter, CategoricalParameter):
            raise FieldError(
                ("parameters", name, "type"),
                "must be 'categorical' in an Agora run: its hyperparameter sets are combinations of given values",
            )
    if spec.agora.chs_only and (found := count_sets({**set_values(spec), SEED: spec.agora.seeds})) != 1:
        raise FieldError(
            ("agora", "chs_only"),
            f"takes one hyperparameter set, but there are {found:,}; give one value of each parameter and one seed",
        )


def _check_task(spec: ExperimentSpec) -> None:
    info = spec.task.info
    if info.head != "sequence":
        raise FieldError(
            ("task", "name"),
            f"Agora needs a task of classification, regression or multiple choice, which {spec.task.name} is not",
        )
    if not spec.teacher.trained:
        raise FieldError(("teacher", "trained"), "must be true: the teacher labels what is generated")
    if spec.teacher.keep_hidden_states:
        raise FieldError(
            ("teacher", "keep_hidden_states"),
            "must be false: labels of generated examples are kept without them, the teacher is asked in each step",
        )
    if spec.agora.metric and spec.agora.metric not in info.metrics:
        raise FieldError(
            ("agora", "metric"),
            f"no such score of {spec.task.name}: {spec.agora.metric!r}; known: {', '.join(info.metrics)}",
        )


def set_values(spec: ExperimentSpec) -> Values:
    """Values of each hyperparameter, without the seeds."""
    return {
        name: parameter.values
        for name, parameter in spec.parameters.items()
        if isinstance(parameter, CategoricalParameter)
    }


def agora_sets(spec: ExperimentSpec) -> list[HyperparameterSet]:
    """The hyperparameter sets an experiment begins with."""
    return [
        *_drawn(
            tuple((name, tuple(values)) for name, values in set_values(spec).items()), spec.agora, spec.seed
        )
    ]


@lru_cache(maxsize=64)
def _drawn(
    values: tuple[tuple[str, tuple[Value, ...]], ...], section: AgoraSection, seed: int
) -> tuple[HyperparameterSet, ...]:
    """Kept, since the runner asks several times a second, and drawing some of hundreds takes a while."""
    return tuple(section.sets(dict(values), seed))


def agora_plan(spec: ExperimentSpec) -> Plan:
    """What an experiment was asked to do."""
    return spec.agora.plan(agora_sets(spec), spec.budget.trials)


def agora_metric(spec: ExperimentSpec) -> str:
    """The score that ranks students, larger is better."""
    return spec.agora.metric or spec.task.info.main_metric


def training_count(spec: ExperimentSpec) -> int:
    """Students an experiment trains at most."""
    return most_trainings(agora_plan(spec))
