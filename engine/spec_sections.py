"""The sections of an experiment's specification, except its task: teacher, students, training, strategy, budget."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from engine.evaluation_shares import evaluation_shares
from engine.strategies.interface import INITIAL_TRIALS

EMBEDDED = "embedded"
"""Dataset or teacher that the program makes itself, on first use, from a seed."""
MAX_TRIALS = 100_000
MAX_SEED = 2**32 - 1
"""Largest seed that every generator of random numbers takes."""


class FieldError(ValueError):
    """A check over several fields that knows which field to point at."""

    def __init__(self, path: tuple[str | int, ...], message: str) -> None:
        super().__init__(message)
        self.path = path


class Section(BaseModel):
    """A part of a specification: nothing unknown is let in, nothing changes once it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class TeacherSection(Section):
    """The model students learn from."""

    model: str = Field(
        default=EMBEDDED,
        description="'embedded', a folder of a model fine-tuned for the task, or a hub name.",
    )
    trained: bool = Field(
        default=True,
        description="Whether the model has a head trained for the task. false: students start from its weights with a "
        "new head and learn from labels alone (alpha = 0), which is how a teacher is fine-tuned.",
    )
    keep_hidden_states: bool = Field(
        default=False,
        description="Keep the teacher's last hidden states beside its logits, for alpha_cos; they take twice the "
        "width of the model in bytes for each token. Without them the teacher runs in every step.",
    )


class StudentSection(Section):
    """How students are built from the teacher."""

    family: Literal["same", "bert", "distilbert", "roberta"] = Field(
        default="same", description="Architecture of students; 'same' takes the teacher's."
    )
    initialise: Literal["teacher", "embeddings", "random"] = Field(
        default="teacher",
        description="What students start from: the teacher's embeddings, layers and head; its embeddings and head; "
        "or nothing of it.",
    )
    layers_from: (
        Literal["every_other", "first", "last", "random"]
        | Annotated[tuple[Annotated[int, Field(ge=0)], ...], Field(min_length=1)]
    ) = Field(
        default="every_other",
        description="Which teacher layers are copied when the student has fewer: a rule, or their numbers from 0.",
    )
    heads_by: Literal["seed", "importance"] = Field(
        default="seed", description="Which heads are removed: drawn by pruning_seed, or those that do least."
    )
    head_shape: Literal["prune", "resize"] = Field(
        default="prune",
        description="prune: heads keep the teacher's width and some are removed; resize: n_heads heads share the width "
        "of the student, as in Bort.",
    )


class TrainingSection(Section):
    """How trials run, apart from what the search tunes."""

    evaluations: int = Field(default=3, ge=1, description="Evaluations in a trial, the final one included.")
    first_evaluation: float = Field(
        default=0.0,
        ge=0,
        lt=1,
        description="Share of a training after which it is first evaluated; the others follow at equal ratios, so that "
        "early stopping sees hopeless trials early. 0 spreads evaluations evenly.",
    )
    collapsed_evaluations: int = Field(
        default=0,
        ge=0,
        description="End a training after this many evaluations in a row in which the student gives everything the "
        "same answer; 0 goes on.",
    )
    precision: Literal["auto", "fp32", "bf16"] = Field(
        default="auto", description="Arithmetic of training; auto takes bf16 where the processor has it."
    )
    max_tokens: int = Field(
        default=16384,
        ge=16,
        description="Padded tokens in a forward pass; larger batches are taken in pieces whose gradients add up.",
    )
    gradient_checkpointing: bool = Field(
        default=False, description="Compute activations again in the backward pass: less memory, more time."
    )
    compile: bool = Field(
        default=False,
        description="Run students through torch.compile: a minute of start-up, for long trainings; not for masked_lm.",
    )
    deterministic: bool = Field(
        default=False,
        description="Only operations that give the same bits again on a GPU; a CPU always does.",
    )
    devices: int = Field(default=1, ge=1, description="Processes (GPUs) that share each batch of a trial.")
    int8: bool = Field(
        default=False, description="Measure the finished student once more with its linear layers in 8 bits."
    )
    checkpoint_seconds: float = Field(default=60.0, gt=0, description="Longest time between checkpoints.")
    latency_length: int = Field(
        default=384, ge=8, le=512, description="Tokens of the input latency is timed on."
    )
    latency_batch: int = Field(default=1, ge=1, description="Sequences in that input.")
    latency_repeats: int = Field(default=20, ge=3, description="Timed runs, of which the median counts.")

    def shares(self) -> tuple[float, ...]:
        """Shares of a training after which it is evaluated."""
        return evaluation_shares(self.evaluations, self.first_evaluation)


class StrategySection(Section):
    """Which trials to run."""

    name: Literal["nehvi", "sobol", "grid", "single", "extract", "agora"] = Field(
        default="nehvi",
        description="nehvi: Bayesian optimisation of the frontier; sobol: quasi-random; grid: every combination; "
        "single: the reference configuration alone; extract: the architecture with the largest W, see [extract]; "
        "agora: fine-tuning by teacher-labelled augmentation, see [agora].",
    )
    initial_trials: int = Field(
        default=INITIAL_TRIALS,
        ge=1,
        description="Quasi-random trials (baseline included) before the model takes over.",
    )
    transfer_from: tuple[str, ...] = Field(
        default=(),
        description="nehvi: earlier experiments on the same search space to learn from; their frontiers come first.",
    )
    levels: int = Field(
        default=3, ge=1, le=1000, description="grid: values of each numeric parameter, evenly spread."
    )
    repeats: int = Field(
        default=1, ge=1, le=1000, description="grid and single: trainings of each configuration, by seed."
    )


class EarlyStoppingSection(Section):
    """When a search stops trials that will not reach the frontier."""

    enabled: bool = Field(
        default=True,
        description="Stop trials of nehvi and sobol, never the baseline, once their learning curves say that they will "
        "not reach the frontier; they keep their checkpoint and go on if the frontier moves.",
    )
    stop_below: float = Field(
        default=0.1, gt=0, lt=1, description="Stop when the chance of reaching the frontier is below this."
    )
    resume_above: float = Field(
        default=0.3, gt=0, le=1, description="Go on when that chance has risen above this again."
    )
    min_curves: int = Field(
        default=5, ge=4, description="Completed trials with learning curves before any is stopped."
    )
    min_share: float = Field(default=0.0, ge=0, lt=1, description="Share of a training that is never cut.")

    @model_validator(mode="after")
    def _apart(self) -> Self:
        if self.resume_above <= self.stop_below:
            raise ValueError(
                f"resume_above {self.resume_above:g} must be above stop_below {self.stop_below:g}, or trials would be "
                "stopped and resumed in turns"
            )
        return self


class ImportedSection(Section):
    """Marks an experiment whose trials were run with another tool; it is looked at here, and runs nothing."""

    source: str = Field(description="Where it came from, in words.")
    metrics: tuple[str, ...] = Field(min_length=1, description="Every metric its trials report.")


class BudgetSection(Section):
    """How much may be spent."""

    trials: int = Field(default=30, ge=1, le=MAX_TRIALS, description="Trials to run, the baseline included.")
    parallel: int = Field(default=0, ge=0, description="Trials at once; 0 takes every slot of the machine.")
