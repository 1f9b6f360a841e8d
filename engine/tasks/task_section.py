"""The task's section of a specification: which task, on which data, how texts become rows."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from engine.tasks.catalogue import TASKS, TaskInfo, own_task
from engine.tasks.sequence.format import FormatSection

DEFAULT_TASK = "squad_v2"


class TaskSection(BaseModel):
    """What the student is to do and on which data."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    name: str = Field(
        default=DEFAULT_TASK,
        description=f"The task: one of {', '.join(TASKS)}; or a name of your own with a [task.format].",
    )
    dataset: str = Field(
        default="embedded",
        description="Training data: 'embedded', a file or folder in the task's form, or a hub name.",
    )
    eval_dataset: str | None = Field(
        default=None,
        description="Evaluation data in the same forms; without it the dataset's own development part is taken, or "
        "a part is split off.",
    )
    format: FormatSection | None = Field(
        default=None,
        description="Columns, labels and metrics of a classification or regression task of your own.",
    )
    eval_fraction: float = Field(
        default=0.2, gt=0, lt=1, description="Share split off for evaluation when there is no eval_dataset."
    )
    train_samples: int = Field(
        default=0, ge=0, description="Training examples (masked_lm: passages), drawn by seed; 0 takes all."
    )
    eval_samples: int = Field(
        default=0, ge=0, description="Evaluation examples (masked_lm: passages), drawn by seed; 0 takes all."
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
    balance: bool = Field(
        default=True,
        description="Candidates judged in pairs (multiple choice): discard wrong ones until labels are even.",
    )
    rounding: bool = Field(
        default=False, description="Regression: learn rounded values as classes instead of the values."
    )
    max_length: int = Field(default=384, ge=16, le=512, description="Tokens in a row.")
    doc_stride: int = Field(default=128, ge=1, description="Context tokens between starts of two windows.")
    max_query_length: int = Field(default=64, ge=4, description="Tokens kept of a question.")
    max_answer_length: int = Field(default=30, ge=1, description="Tokens in the longest answer given.")

    @property
    def info(self) -> TaskInfo:
        """What is known of the task without its data; nothing where it is an import's and has no known name."""
        if self.format is not None:
            return own_task(self.format.definition(self.name).metrics)
        return TASKS.get(self.name, own_task(()))
