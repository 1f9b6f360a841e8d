"""The specification of an experiment: everything needed to launch it, checked, and written as TOML."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from engine.distill.hyperparameters import HYPERPARAMETER_NAMES, default_of, hyperparameters, is_whole
from engine.errors import SettingError
from engine.metric_catalogue import METRICS
from engine.metrics import Metric, objectives
from engine.rules import Rule
from engine.space import (
    CategoricalParameter,
    Configuration,
    Parameter,
    SearchSpace,
    Value,
    checked_configuration,
)

NAME_PATTERN = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
EMBEDDED = "embedded"
"""Dataset or teacher that the program makes itself, on first use, from a seed."""
MAX_SEED = 2**32 - 1
"""Largest seed that every generator of random numbers takes."""
MAX_TRIALS = 100_000


class FieldError(ValueError):
    """A check over several fields that knows which field to point at."""

    def __init__(self, path: tuple[str | int, ...], message: str) -> None:
        super().__init__(message)
        self.path = path


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class TaskSection(_Section):
    """What the student is to do and on which data."""

    name: Literal["squad_v2"] = Field(
        default="squad_v2", description="The task: question answering in SQuAD 2.0 form."
    )
    dataset: str = Field(
        default=EMBEDDED,
        description="Training data: 'embedded', a SQuAD 2.0 file (.json or .json.gz), or a hub name.",
    )
    eval_dataset: str | None = Field(
        default=None,
        description="Evaluation data in the same forms; without it a part of the dataset is split off.",
    )
    eval_fraction: float = Field(
        default=0.2, gt=0, lt=1, description="Share split off for evaluation when there is no eval_dataset."
    )
    train_samples: int = Field(default=0, ge=0, description="Training questions, drawn by seed; 0 takes all.")
    eval_samples: int = Field(
        default=0, ge=0, description="Evaluation questions, drawn by seed; 0 takes all."
    )
    calibration_fraction: float = Field(
        default=0.15,
        gt=0,
        lt=0.9,
        description="Share of the training sample held back to calibrate the no-answer threshold.",
    )
    score: Literal["calibrated", "raw", "best"] = Field(
        default="calibrated",
        description="Which no-answer threshold exact and f1 use: calibrated on held-back training questions, "
        "raw (0), or best (chosen on the evaluation questions, as the official best_exact).",
    )
    max_length: int = Field(default=384, ge=16, le=512, description="Tokens in a window.")
    doc_stride: int = Field(default=128, ge=1, description="Context tokens between starts of two windows.")
    max_query_length: int = Field(default=64, ge=4, description="Tokens kept of a question.")
    max_answer_length: int = Field(default=30, ge=1, description="Tokens in the longest answer given.")


class TeacherSection(_Section):
    """The model students learn from."""

    model: str = Field(
        default=EMBEDDED, description="'embedded', a folder of a question-answering model, or a hub name."
    )


class StudentSection(_Section):
    """How students are built from the teacher."""

    family: Literal["same", "bert", "distilbert"] = Field(
        default="same", description="Architecture of students; 'same' takes the teacher's."
    )
    layers_from: Literal["every_other", "first", "last", "random"] = Field(
        default="every_other", description="Which teacher layers are copied when the student has fewer."
    )


class TrainingSection(_Section):
    """How trials run, apart from what the search tunes."""

    evaluations: int = Field(default=3, ge=1, description="Evaluations in a trial, the final one included.")
    precision: Literal["auto", "fp32", "bf16"] = Field(
        default="auto", description="Arithmetic of training; auto takes bf16 where the processor has it."
    )
    checkpoint_seconds: float = Field(default=60.0, gt=0, description="Longest time between checkpoints.")
    latency_length: int = Field(
        default=384, ge=8, le=512, description="Tokens of the input latency is timed on."
    )
    latency_batch: int = Field(default=1, ge=1, description="Sequences in that input.")
    latency_repeats: int = Field(default=20, ge=3, description="Timed runs, of which the median counts.")


class StrategySection(_Section):
    """Which trials to run."""

    name: Literal["nehvi", "sobol"] = Field(
        default="nehvi", description="nehvi: Bayesian optimisation of the frontier; sobol: quasi-random."
    )
    initial_trials: int = Field(
        default=6, ge=1, description="Quasi-random trials (baseline included) before the model takes over."
    )


class BudgetSection(_Section):
    """How much may be spent."""

    trials: int = Field(default=30, ge=1, le=MAX_TRIALS, description="Trials to run, the baseline included.")
    parallel: int = Field(default=0, ge=0, description="Trials at once; 0 takes every slot of the machine.")


class ExperimentSpec(_Section):
    """One launched study: task, teacher, strategy, search space, metrics, budget and seed."""

    name: str = Field(
        default="experiment",
        pattern=NAME_PATTERN,
        max_length=60,
        description="Lower-case words joined by hyphens; a number is added if the name is taken.",
    )
    description: str = Field(default="", description="A note for readers.")
    seed: int = Field(default=0, ge=0, le=MAX_SEED, description="Seed of sampling, search and training.")
    task: TaskSection = TaskSection()
    teacher: TeacherSection = TeacherSection()
    student: StudentSection = StudentSection()
    training: TrainingSection = TrainingSection()
    strategy: StrategySection = StrategySection()
    budget: BudgetSection = BudgetSection()
    metrics: tuple[Metric, ...] = Field(min_length=1, description="Metrics with role, direction, threshold.")
    parameters: dict[str, Parameter] = Field(min_length=1, description="The search space.")
    rules: tuple[str, ...] = Field(
        default=(), description="Conditions on parameters, such as 'n_heads <= 2 * n_layers'."
    )
    baseline: dict[str, Value] = Field(
        default_factory=dict,
        description="Reference configuration, run first; parameters left out take their usual default.",
    )
    fixed: dict[str, Value] = Field(
        default_factory=dict, description="Hyperparameters that are not searched."
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        """Checks that reach over several fields; each names its field first so that the line can be found."""
        for where, names in (("parameters", self.parameters), ("fixed", self.fixed)):
            for name in names:
                if name not in HYPERPARAMETER_NAMES:
                    raise FieldError(
                        (where, name), f"no such setting; known: {', '.join(HYPERPARAMETER_NAMES)}"
                    )
        for name in self.fixed:
            if name in self.parameters:
                raise FieldError(("fixed", name), "also stands under parameters; keep one of the two")
        listed = [metric.name for metric in self.metrics]
        for index, name in enumerate(listed):
            if name in listed[:index]:
                raise FieldError(("metrics", index), f"{name!r} is listed more than once")
            if name not in METRICS:
                raise FieldError(
                    ("metrics", index), f"no trial reports {name!r}; known: {', '.join(METRICS)}"
                )
        if not 1 <= len(objectives(self.metrics)) <= 4:
            raise FieldError(("metrics",), "one to four metrics must have role = 'optimize'")
        if not self.task.doc_stride < self.task.max_length - 4:
            raise FieldError(
                ("task", "doc_stride"),
                f"{self.task.doc_stride} must be well below max_length {self.task.max_length}",
            )
        for name, parameter in self.parameters.items():
            _check_values(name, parameter)
        for name, value in self.fixed.items():
            _check_value(("fixed", name), name, value)
        self._check_rules()
        self._check_baseline()
        return self

    def _check_rules(self) -> None:
        for index, text in enumerate(self.rules):
            try:
                Rule(text).check_names(self.parameters)
            except SettingError as error:
                raise FieldError(("rules", index), str(error)) from error

    def _check_baseline(self) -> None:
        for name, value in self.baseline.items():
            if name not in self.parameters:
                raise FieldError(("baseline", name), "is not searched; write it under fixed, or leave it out")
            if not self.parameters[name].contains(value):
                raise FieldError(("baseline", name), f"{value} is outside the range of the parameter")
        try:
            self.baseline_configuration()
        except SettingError as error:
            raise FieldError(("baseline",), f"{error}; give a legal value") from error

    def space(self) -> SearchSpace:
        """The search space with its rules."""
        return SearchSpace(self.parameters, tuple(Rule(text) for text in self.rules))

    def baseline_configuration(self) -> Configuration:
        """The baseline with every parameter filled in.

        Raises:
            SettingError: when a value is missing its range; the baseline must be a point of the space.
        """
        filled = {name: self.baseline.get(name, default_of(name)) for name in self.parameters}
        filled |= {name: value for name, value in self.baseline.items() if name not in filled}
        return checked_configuration(self.space(), filled, "the reference configuration")

    def changed(self, **sections: Any) -> ExperimentSpec:  # noqa: ANN401 - any field of the specification
        """A copy with some fields replaced, checked again."""
        return ExperimentSpec.model_validate(self.model_dump() | sections)


def _check_values(name: str, parameter: Parameter) -> None:
    """Every value the parameter may take must be one the training can be given."""
    match parameter:
        case CategoricalParameter(values=values):
            for index, value in enumerate(values):
                _check_value(("parameters", name, "values", index), name, value)
        case _:
            if parameter.type == "float" and is_whole(name):
                raise FieldError(("parameters", name, "type"), "takes whole numbers only; write type = 'int'")
            for bound in ("low", "high"):
                _check_value(("parameters", name, bound), name, getattr(parameter, bound))


def _check_value(path: tuple[str | int, ...], name: str, value: Value) -> None:
    try:
        hyperparameters({}, {name: value})
    except ValidationError as error:
        raise FieldError(path, f"{value} is impossible: {error.errors()[0]['msg']}") from error
