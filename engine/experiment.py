"""The specification of an experiment: everything needed to launch it, checked, and written as TOML."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from pydantic import Field, model_validator

from engine.agora.requirements import AGORA, BORT_PARAMETERS, check_agora, training_count
from engine.agora.section import AgoraSection
from engine.distill.hyperparameters import HYPERPARAMETER_NAMES, default_of, hyperparameters
from engine.errors import SettingError
from engine.extraction.requirements import EXTRACT, candidate_count, check_extraction
from engine.extraction.section import ExtractSection
from engine.metric_catalogue import SIZE_METRICS, extraction_metrics, reported_metrics
from engine.metrics import Metric, objectives
from engine.parameters import Configuration, Parameter, Value
from engine.rules import Rule
from engine.space import Condition, SearchSpace, checked_configuration
from engine.spec_sections import (
    EMBEDDED,
    MAX_SEED,
    MAX_TRIALS,
    BudgetSection,
    EarlyStoppingSection,
    FieldError,
    ImportedSection,
    Section,
    StrategySection,
    StudentSection,
    TeacherSection,
    TrainingSection,
)
from engine.strategies.grid import grid_size
from engine.tasks.catalogue import TASKS
from engine.tasks.task_section import TaskSection
from engine.value_checks import check_value, check_values

__all__ = [
    "EMBEDDED",
    "MAX_SEED",
    "MAX_TRIALS",
    "NAME_PATTERN",
    "ExperimentSpec",
    "FieldError",
    "TaskSection",
]

NAME_PATTERN = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"


class ExperimentSpec(Section):
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
    extract: ExtractSection = ExtractSection()
    agora: AgoraSection = AgoraSection()
    budget: BudgetSection = BudgetSection()
    early_stopping: EarlyStoppingSection = EarlyStoppingSection()
    imported: ImportedSection | None = None
    metrics: tuple[Metric, ...] = Field(min_length=1, description="Metrics with role, direction, threshold.")
    parameters: dict[str, Parameter] = Field(
        default_factory=dict, description="The search space; strategy single needs none."
    )
    rules: tuple[str, ...] = Field(
        default=(), description="Conditions on parameters, such as 'n_heads <= 2 * n_layers'."
    )
    conditions: dict[str, str] = Field(
        default_factory=dict,
        description="When a parameter counts, as in temperature = 'alpha > 0'; elsewhere it has the baseline's value.",
    )
    baseline: dict[str, Value] = Field(
        default_factory=dict,
        description="Reference configuration, run first; parameters left out take their usual default.",
    )
    fixed: dict[str, Value] = Field(
        default_factory=dict, description="Hyperparameters that are not searched."
    )

    @model_validator(mode="before")
    @classmethod
    def _usual_sets(cls, data: Any) -> Any:  # noqa: ANN401 - anything may stand in a file
        """An Agora run that names no parameters has those of Bort's hyperparameter sets."""
        strategy = data.get("strategy") if isinstance(data, Mapping) else None
        if isinstance(strategy, Mapping) and strategy.get("name") == AGORA:
            return {"parameters": BORT_PARAMETERS, **data}
        return data

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        """Checks that reach over several fields; each names its field first so that the line can be found."""
        if self.imported is not None:
            # Its parameters and metrics have the names another tool gave them.
            self._check_metrics()
            self._check_baseline()
            return self
        self._check_task()
        for where, names in (("parameters", self.parameters), ("fixed", self.fixed)):
            for name in names:
                if name not in HYPERPARAMETER_NAMES:
                    raise FieldError(
                        (where, name), f"no such setting; known: {', '.join(HYPERPARAMETER_NAMES)}"
                    )
        for name in self.fixed:
            if name in self.parameters:
                raise FieldError(("fixed", name), "also stands under parameters; keep one of the two")
        if not self.parameters and self.strategy.name != "single":
            raise FieldError(
                ("parameters",), "nothing is searched; give a parameter, or set strategy.name = 'single'"
            )
        self._check_metrics()
        self._check_teacher()
        for name, parameter in self.parameters.items():
            check_values(name, parameter)
        for name, value in self.fixed.items():
            check_value(("fixed", name), name, value)
        self._check_rules()
        if self.strategy.name == EXTRACT:
            check_extraction(self)
        elif self.strategy.name == AGORA:
            check_agora(self)
        else:
            self._check_baseline()
        return self

    def _check_metrics(self) -> None:
        listed = [metric.name for metric in self.metrics]
        known = self.metric_names()
        for index, name in enumerate(listed):
            if name in listed[:index]:
                raise FieldError(("metrics", index), f"{name!r} is listed more than once")
            if name not in known:
                raise FieldError(
                    ("metrics", index), f"no trial of this task reports {name!r}; known: {', '.join(known)}"
                )
        if not 1 <= len(objectives(self.metrics)) <= 4:
            raise FieldError(("metrics",), "one to four metrics must have role = 'optimize'")

    def _check_task(self) -> None:
        task = self.task
        if task.format is None and task.name not in TASKS:
            raise FieldError(
                ("task", "name"),
                f"no such task {task.name!r}; known: {', '.join(TASKS)}; or describe your own in [task.format]",
            )
        if task.format is not None and task.name in TASKS:
            raise FieldError(
                ("task", "name"),
                f"{task.name!r} is a known task; give your own another name, or leave out format",
            )
        head = task.info.head
        if EMBEDDED in (task.dataset, task.eval_dataset) and head != "span":
            raise FieldError(
                ("task", "dataset"), "the embedded data is for squad_v2; give a file, folder or hub name"
            )
        if self.teacher.model == EMBEDDED and self.teacher.trained and head != "span":
            raise FieldError(
                ("teacher", "model"), "the embedded teacher is for squad_v2; give a folder or hub name"
            )
        if head == "span" and not task.doc_stride < task.max_length - 4:
            raise FieldError(
                ("task", "doc_stride"), f"{task.doc_stride} must be well below max_length {task.max_length}"
            )

    def _check_teacher(self) -> None:
        """A model without a trained head has nothing to say that students could learn from."""
        if self.teacher.trained or self.strategy.name == EXTRACT:
            return
        name, harmless = ("method", "mlm") if self.task.info.head == "masked_lm" else ("alpha", 0)
        if name in self.parameters:
            raise FieldError(
                ("parameters", name),
                f"needs a trained teacher; set fixed.{name} = {harmless!r}, or teacher.trained",
            )
        if self.fixed.get(name, default_of(name)) != harmless:
            raise FieldError(
                ("fixed", name) if name in self.fixed else ("teacher", "trained"),
                f"false leaves labels alone to learn from; set fixed.{name} = {harmless!r}",
            )

    def _check_rules(self) -> None:
        for index, text in enumerate(self.rules):
            try:
                Rule(text).check_names(self.parameters)
            except SettingError as error:
                raise FieldError(("rules", index), str(error)) from error
        for name in self.conditions:
            try:
                SearchSpace(self.parameters, (), {name: self._condition(name)})
            except SettingError as error:
                raise FieldError(("conditions", name), str(error)) from error

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
        """The search space with its rules and conditions; a parameter that does not count has the baseline's value."""
        conditions = {name: self._condition(name) for name in self.conditions}
        return SearchSpace(self.parameters, tuple(Rule(text) for text in self.rules), conditions)

    def _condition(self, name: str) -> Condition:
        otherwise = self.baseline.get(name, default_of(name) if name in HYPERPARAMETER_NAMES else 0)
        return Condition(Rule(self.conditions[name]), otherwise)

    def baseline_configuration(self) -> Configuration:
        """The baseline with every parameter filled in; empty for extractions, Agora runs and imports without one.

        Raises:
            SettingError: when a value is missing its range; the baseline must be a point of the space.
        """
        if self.strategy.name in (EXTRACT, AGORA) or (self.imported is not None and not self.baseline):
            return {}
        if self.imported is not None:
            return checked_configuration(self.space(), self.baseline, "the reference configuration")
        filled = {name: self.baseline.get(name, default_of(name)) for name in self.parameters}
        filled |= {name: value for name, value in self.baseline.items() if name not in filled}
        return checked_configuration(self.space(), filled, "the reference configuration")

    def metric_names(self) -> tuple[str, ...]:
        """Every metric its trials report."""
        if self.imported is not None:
            return self.imported.metrics
        if self.strategy.name == EXTRACT:
            return extraction_metrics(timed=self.extract.speed == "latency")
        return reported_metrics(self.task.info.metrics, int8=self.training.int8)

    @property
    def scores(self) -> tuple[str, ...]:
        """Metrics that say how good a model is, the main one first: its task's, or those an import has."""
        return self.task.info.metrics if self.imported is None else self._imported_scores()

    def settings(self, parameters: Mapping[str, Value]) -> dict[str, Value]:
        """Everything a trial was trained with: defaults, what is fixed, its parameters; of an import these alone."""
        if self.imported is not None:
            return {**self.fixed, **parameters}
        return dict(hyperparameters(self.fixed, parameters).model_dump())

    def trial_count(self) -> int:
        """Students the experiment runs: its budget, or fewer where the strategy has no more."""
        strategy, most = self.strategy, self.budget.trials
        match strategy.name:
            case "single":
                return min(most, strategy.repeats)
            case "grid":
                points = grid_size(self.space(), strategy.levels, self.baseline_configuration(), most)
                return min(most, points * strategy.repeats)
            case "extract":
                return candidate_count(self)
            case "agora":
                return training_count(self)
            case _:
                return most

    def _imported_scores(self) -> tuple[str, ...]:
        """What an import optimises, scores before sizes, and then what else it reports."""
        listed = objectives(self.metrics)
        first = sorted(
            listed, key=lambda metric: (metric.name in SIZE_METRICS, metric.direction != "maximize")
        )
        assert self.imported is not None
        return tuple(dict.fromkeys([*(metric.name for metric in first), *self.imported.metrics]))

    def changed(self, **sections: Any) -> ExperimentSpec:  # noqa: ANN401 - any field of the specification
        """A copy with some fields replaced, checked again."""
        return ExperimentSpec.model_validate(self.model_dump() | sections)
