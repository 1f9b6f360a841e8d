"""A study from elsewhere in one form, whatever it was read from: what was searched, and what its trials gave."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from engine.errors import SettingError
from engine.metrics import Metric
from engine.parameters import Parameter, Value

MAX_TRIALS = 100_000


class StudyTrial(BaseModel):
    """One trial of a study.

    Attributes:
        number: under which the other tool knew it.
        state: how it ended; stopped means cut short, as by pruning.
        parameters: its configuration.
        metrics: what was measured at its end.
        evaluations: what was measured on the way: step, name and value.
        started_at: when it began, with a time zone.
        finished_at: when it ended, with a time zone.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    number: int = Field(ge=0)
    state: Literal["completed", "failed", "stopped"]
    parameters: dict[str, Value]
    metrics: dict[str, float] = Field(default_factory=dict)
    evaluations: tuple[tuple[int, str, float], ...] = ()
    started_at: datetime | None = None
    finished_at: datetime | None = None


class Study(BaseModel):
    """A study.

    Attributes:
        source: where it came from, in words, such as "Optuna study two".
        metrics: those of the frontier and those with a direction; others that trials report are kept as well.
        parameters: what was searched.
        trials: in the order of their numbers.
        notes: what was left out on the way here, a sentence each.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    source: str = Field(min_length=1, max_length=500)
    metrics: tuple[Metric, ...] = Field(min_length=1)
    parameters: dict[str, Parameter]
    trials: tuple[StudyTrial, ...] = Field(min_length=1, max_length=MAX_TRIALS)
    notes: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _whole(self) -> Self:
        for trial in self.trials:
            for name, parameter in self.parameters.items():
                if name not in trial.parameters:
                    raise ValueError(f"trial {trial.number} has no value for {name}")
                if not parameter.contains(trial.parameters[name]):
                    raise ValueError(
                        f"trial {trial.number}: {name} = {trial.parameters[name]} is outside its range"
                    )
        numbers = [trial.number for trial in self.trials]
        if len(set(numbers)) != len(numbers):
            raise ValueError("two trials have the same number")
        return self


def study_from(document: object) -> Study:
    """A study from plain JSON values.

    Raises:
        SettingError: naming what is wrong.
    """
    try:
        return Study.model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "study"
        raise SettingError(f"{where}: {first['msg']}") from error
