"""What a user writes to describe a classification or regression task of their own: a table of the specification."""

from __future__ import annotations

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from engine.tasks.sequence.definition import Definition
from engine.tasks.sequence.metrics import CLASS_METRICS, VALUE_METRICS

TEMPLATE_HELP = "a column, or a template such as '{title}: {body}'"


class FormatSection(BaseModel):
    """Columns, labels and metrics of a task on texts or pairs of texts."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    text: str = Field(min_length=1, description=f"The text: {TEMPLATE_HELP}.")
    pair: str | None = Field(
        default=None, min_length=1, description=f"The second text of a pair: {TEMPLATE_HELP}."
    )
    label: str = Field(default="label", min_length=1, description="Column with the label.")
    id: str | None = Field(
        default=None, min_length=1, description="Column with a unique id; without, rows are numbered."
    )
    together: str | None = Field(
        default=None,
        min_length=1,
        description="Column whose equal values are never split over training and evaluation.",
    )
    labels: tuple[str, ...] = Field(
        default=(), description="Classes in order, as they stand in the data; the last is f1's positive one."
    )
    regression: bool = Field(default=False, description="Whether the label is a number to be predicted.")
    scale: tuple[int, int] | None = Field(
        default=None, description="Lowest and highest value of a regression; others are refused."
    )
    metrics: tuple[str, ...] = Field(
        default=(),
        description=f"Reported metrics, the main one first: {', '.join((*CLASS_METRICS, *VALUE_METRICS))}.",
    )
    delimiter: str | None = Field(
        default=None,
        min_length=1,
        max_length=1,
        description="Between fields; without, a comma in .csv and a tab in .tsv and .txt files.",
    )
    quoted: bool | None = Field(
        default=None,
        description="Whether fields may stand in quotation marks; without, they may in .csv files only.",
    )
    columns: tuple[str, ...] = Field(
        default=(), description="Names of the columns of files that have no header line."
    )
    configuration: str | None = Field(default=None, description="Configuration of a hub dataset.")
    train_split: str = Field(default="train", description="Training split of a hub dataset.")
    eval_split: str = Field(default="validation", description="Evaluation split of a hub dataset.")

    @field_validator("labels", mode="before")
    @classmethod
    def _as_text(cls, value: Any) -> Any:  # noqa: ANN401 - whatever stood in the TOML
        """Classes written as numbers or truth values mean what stands in the data."""
        if not isinstance(value, list | tuple):
            return value
        return tuple(
            str(item).lower() if isinstance(item, bool) else str(item) if isinstance(item, int) else item
            for item in value
        )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.regression == bool(self.labels):
            raise ValueError("give either labels = [...], in order, or regression = true")
        if not self.regression and len(self.labels) < 2:
            raise ValueError("labels needs at least two classes")
        if len(set(self.labels)) < len(self.labels):
            raise ValueError("labels names a class twice")
        if len(set(self.columns)) < len(self.columns):
            raise ValueError("columns names a column twice")
        if self.scale and not (self.regression and self.scale[0] < self.scale[1]):
            raise ValueError("scale is the lowest and the highest value of a regression, in this order")
        for name in self.metrics:
            if name not in self._possible:
                raise ValueError(
                    f"metrics: {name!r} is not possible here; known: {', '.join(self._possible)}"
                )
        return self

    @property
    def _possible(self) -> tuple[str, ...]:
        if self.regression:
            return tuple(VALUE_METRICS)
        return tuple(name for name in CLASS_METRICS if name != "f1" or len(self.labels) == 2)

    def definition(self, name: str) -> Definition:
        """The task it describes."""
        return Definition(
            name=name,
            labels=self.labels,
            text=(_template(self.text),),
            pair=(_template(self.pair),) if self.pair else (),
            label=(self.label,),
            metrics=self.metrics or self._possible,
            identifier=(_template(self.id),) if self.id else (),
            cluster=(_template(self.together),) if self.together else (),
            scale=self.scale,
            columns=self.columns,
            delimiter=self.delimiter,
            quoted=self.quoted,
            configuration=self.configuration,
            train_split=self.train_split,
            eval_splits=((self.eval_split, ""),),
        )


def _template(text: str) -> str:
    return text if "{" in text else f"{{{text}}}"
