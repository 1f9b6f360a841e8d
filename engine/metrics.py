"""Metrics of a trial: which are optimised, in which direction, and which thresholds bound the frontier."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator


class Metric(BaseModel):
    """A named number of a trial and the part it plays."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, description="Name under which trials report it, such as exact.")
    role: Literal["optimize", "constrain", "store"] = Field(
        default="optimize",
        description="optimize: spans the frontier; constrain: threshold only; store: kept.",
    )
    direction: Literal["maximize", "minimize"] | None = Field(
        default=None, description="Which way is better; needed unless the role is store."
    )
    threshold: float | None = Field(
        default=None,
        allow_inf_nan=False,
        description="Worst value allowed on the frontier; a trial beyond it is valid data but never on the frontier.",
    )

    known: Callable[[dict[str, float | int | str]], float] | None = Field(
        default=None,
        exclude=True,
        description="In a notebook: its value as a function of the parameters, where no trial is needed to know it.",
    )

    @field_validator("known", mode="before")
    @classmethod
    def _no_text(cls, value: object) -> object:
        if isinstance(value, str):
            raise ValueError("a function, which a file cannot hold; leave it out")  # noqa: TRY004 - pydantic's
        return value

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.role != "store" and self.direction is None:
            raise ValueError(
                f"metric {self.name}: role {self.role} needs direction = 'maximize' or 'minimize'"
            )
        if self.role == "constrain" and self.threshold is None:
            raise ValueError(f"metric {self.name}: role constrain needs a threshold")
        if self.role == "store" and self.threshold is not None:
            raise ValueError(f"metric {self.name}: a stored metric has no threshold; use role = 'constrain'")
        return self

    @property
    def sign(self) -> float:
        """+1 when larger is better, -1 when smaller is better."""
        return -1.0 if self.direction == "minimize" else 1.0

    def meets_threshold(self, value: float) -> bool:
        """Whether the value is at least as good as the threshold, if there is one."""
        return self.threshold is None or self.sign * value >= self.sign * self.threshold


def objectives(metrics: Sequence[Metric]) -> list[Metric]:
    """The optimised metrics, in their order."""
    return [metric for metric in metrics if metric.role == "optimize"]


def quality_and_cost(metrics: Sequence[Metric]) -> tuple[Metric, Metric] | None:
    """The first maximised and the first minimised objective, or None when either is missing."""
    quality = next((metric for metric in objectives(metrics) if metric.direction == "maximize"), None)
    cost = next((metric for metric in objectives(metrics) if metric.direction == "minimize"), None)
    return None if quality is None or cost is None else (quality, cost)


def meets_thresholds(metrics: Sequence[Metric], values: Mapping[str, float]) -> bool:
    """Whether a trial's values meet every threshold and name every optimised or constrained metric."""
    return all(
        metric.name in values and metric.meets_threshold(values[metric.name])
        for metric in metrics
        if metric.role != "store"
    )
