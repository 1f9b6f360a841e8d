"""The section of a specification that says how Agora runs: what the articles leave open is set here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field, field_validator

from engine.agora.balance import BalanceRule
from engine.agora.filters import FilterSection
from engine.agora.hyperparameter_sets import SEED, HyperparameterSet, Values, make_sets
from engine.agora.pruning import Reading
from engine.agora.rounds import Plan
from engine.agora.transformations import builtin
from engine.agora.transformations.crops import SentenceCrop, SpanCrop
from engine.agora.transformations.edits import Deletion, Insertion, Swap
from engine.agora.transformations.exchanges import Names, Numbers
from engine.agora.transformations.negation import Negation
from engine.agora.transformations.questions import ContextCrop, MovedQuestion
from engine.agora.transformations.registry import AnyTransformation
from engine.agora.transformations.synonyms import Synonyms
from engine.spec_sections import MAX_SEED, Section

assert builtin.__all__, "importing them registers the program's own transformations"

MAX_SETS = 16
"""Default bound on hyperparameter sets. Bort's 480 take up to 480 trainings in the first round alone; 16 hold every
value of its five hyperparameters at least three times and end within 136 trainings."""

MAX_SAMPLES = 100_000

DEFAULT_TRANSFORMATIONS = (
    Synonyms(name="synonyms"),
    Deletion(name="deletion"),
    Swap(name="swap"),
    Insertion(name="insertion"),
    Names(name="names"),
    Numbers(name="numbers"),
    Negation(name="negation"),
    SpanCrop(name="span_crop"),
    SentenceCrop(name="sentence_crop"),
    ContextCrop(name="context_crop"),
    ContextCrop(name="context_crop", answer="remove"),
    MovedQuestion(name="moved_question"),
)
"""All that need neither a file nor another model; those for contexts are passed over where the task has none."""


class AgoraSection(Section):
    """Settings of the strategy ``agora``, fine-tuning by teacher-labelled augmentation.

    The published text has lost its transformations, its number of rounds and the details of pruning, so defaults are
    the program's own. The hyperparameter sets are combinations of the values under [parameters] and a seed; the
    teacher is the one of [teacher], students are built as [student] says, settings that no set has stand under [fixed].
    """

    rounds: int = Field(default=10, ge=1, le=1000, description="Most rounds.")
    metric: str = Field(
        default="", description="Evaluation metric that ranks students; empty for the task's own main metric."
    )
    seeds: tuple[Annotated[int, Field(ge=0, le=MAX_SEED)], ...] = Field(
        default=(0, 1, 2, 3, 4),
        min_length=1,
        description="Seeds of trainings; each belongs to a hyperparameter set as its other values do.",
    )
    max_sets: int = Field(
        default=MAX_SETS,
        ge=0,
        description="Hyperparameter sets to begin with, drawn by the experiment's seed so that every value occurs "
        "about equally often; 0 takes all.",
    )
    pruning: Reading = Field(
        default="stable_worst",
        description="Which sets a round drops: stable_worst (those from the worst on whose ranks no longer change, at "
        "least one, the best last of all), worst (one), halving (the worse half), equal_history (the worst and its "
        "equals), or longest_common_prefix (the published words literally, from the best on).",
    )
    accuracy_step: float = Field(
        default=0.0,
        ge=0,
        description="Accuracies that round to the same multiple of it rank the same, in the metric's unit.",
    )
    patience: int = Field(
        default=3, ge=0, description="Rounds in a row without improvement after which it ends; 0 never."
    )
    min_improvement: float = Field(
        default=0.0,
        ge=0,
        description="An improvement is more than this, over all those rounds, in the metric's unit.",
    )
    replays: int = Field(
        default=0,
        ge=0,
        description="Rounds that may be repeated with further data, without dropping a set, when they did not improve.",
    )
    chs_only: bool = Field(
        default=False,
        description="Run all rounds with the one hyperparameter set that is given, dropping none: a rerun over the "
        "convergent set of an earlier experiment.",
    )
    samples_per_mistake: int = Field(
        default=8, ge=1, le=MAX_SAMPLES, description="Examples made of each mistake in a round, at most."
    )
    samples_per_round: int = Field(
        default=4000,
        ge=1,
        le=MAX_SAMPLES,
        description="Examples made, and labelled by the teacher, in a round.",
    )
    balance: BalanceRule = Field(
        default="added",
        description="What has as much of every label, by discarding generated examples: added (what a round adds), "
        "whole (the whole training set, as far as they reach) or none.",
    )
    require_teacher: bool = Field(
        default=False,
        description="End with an error when the teacher's accuracy is not above the 2/3 that the theory asks for; "
        "otherwise that is only reported.",
    )
    filters: FilterSection = FilterSection()
    transformations: tuple[AnyTransformation, ...] = Field(
        default=DEFAULT_TRANSFORMATIONS,
        min_length=1,
        description="What makes new examples of mistakes, each by its name with its own settings.",
    )

    @field_validator("seeds")
    @classmethod
    def _distinct(cls, seeds: tuple[int, ...]) -> tuple[int, ...]:
        if len(set(seeds)) < len(seeds):
            raise ValueError("lists a seed more than once")
        return seeds

    def sets(self, values: Values, seed: int) -> list[HyperparameterSet]:
        """The hyperparameter sets to begin with.

        Args:
            values: of each hyperparameter; the seeds of trainings come with the section.
            seed: of the experiment.
        """
        return make_sets({**values, SEED: self.seeds}, self.max_sets, seed)

    def plan(self, sets: Sequence[HyperparameterSet], trainings: int) -> Plan:
        """What ``rounds.next_step`` needs to know.

        Args:
            sets: as ``sets`` gives them.
            trainings: the budget, in students.
        """
        return Plan(
            sets=tuple(item.id for item in sets),
            pruning=None if self.chs_only else self.pruning,
            rounds=self.rounds,
            trainings=trainings,
            patience=self.patience,
            min_improvement=self.min_improvement,
            accuracy_step=self.accuracy_step,
            replays=self.replays,
        )

    @property
    def models(self) -> tuple[str, ...]:
        """Masked language models that the transformations ask, each once."""
        return tuple(dict.fromkeys(model for item in self.transformations if (model := item.needs_model)))

    @property
    def needs_neighbours(self) -> bool:
        """Whether a transformation draws from a model's embeddings."""
        return any(item.needs_neighbours for item in self.transformations)
