"""The shape a student is to have, as a user sets it, and the architecture that comes of it; needs no torch."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import Literal, get_args

from engine.distill.students.architecture import FAMILIES, Architecture, Family
from engine.errors import SettingError

LayerRule = Literal["every_other", "first", "last", "random"]
LAYER_RULES: tuple[LayerRule, ...] = get_args(LayerRule)
HeadRule = Literal["seed", "importance"]
HEAD_RULES: tuple[HeadRule, ...] = get_args(HeadRule)
HeadShape = Literal["prune", "resize"]
HEAD_SHAPES: tuple[HeadShape, ...] = get_args(HeadShape)
Initialise = Literal["teacher", "embeddings", "random"]
INITIALISATIONS: tuple[Initialise, ...] = get_args(Initialise)

TOKEN_TYPES = 2
"""Token types of a BERT student whose teacher has none."""


@dataclass(frozen=True, slots=True)
class StudentShape:
    """What a student is to look like; 0 means the teacher's.

    Args:
        family: The student's family; None means the teacher's. BERT and DistilBERT can be made of each other,
            RoBERTa students of RoBERTa teachers only.
        n_layers: Transformer layers; those beyond the teacher's are new and on top.
        n_heads: Attention heads of each layer; 0 means the teacher's or, with ``head_shape="prune"``, as many as
            fit a narrower width.
        hidden_size: Width of the hidden states, at most the teacher's unless ``initialise="random"``.
        intermediate_size: Width of the feed-forward block, free.
        layers_from: Which of the teacher's layers are copied: a rule of ``choose_layers``, or layer numbers.
        heads_by: Which heads are kept: drawn by ``pruning_seed`` as in SigOpt's study, or those with the largest
            output map (``importance.head_scores``).
        head_shape: "prune" keeps the teacher's head width and leaves ``n_heads`` of them: a layer may be left with
            less than its full width, which plain transformers cannot represent (see ``model_folder``).
            "resize" gives every head ``hidden_size / n_heads`` units, as in Bort's architectures; plain transformers
            loads these directly.
        initialise: "teacher" copies all that can be copied, "embeddings" only the embeddings and the head,
            "random" nothing.
        pruning_seed: Draws the heads to remove.
        seed: Draws new weights and, with ``layers_from="random"``, the layers.

    Raises:
        SettingError: A rule is unknown or a size negative.
    """

    family: Family | None = None
    n_layers: int = 0
    n_heads: int = 0
    hidden_size: int = 0
    intermediate_size: int = 0
    layers_from: LayerRule | tuple[int, ...] = "every_other"
    heads_by: HeadRule = "seed"
    head_shape: HeadShape = "prune"
    initialise: Initialise = "teacher"
    pruning_seed: int = 1
    seed: int = 42

    def __post_init__(self) -> None:
        if self.family is not None:
            _check_choice("family", self.family, FAMILIES)
        if isinstance(self.layers_from, str):
            _check_choice("layers_from", self.layers_from, LAYER_RULES)
        _check_choice("heads_by", self.heads_by, HEAD_RULES)
        _check_choice("head_shape", self.head_shape, HEAD_SHAPES)
        _check_choice("initialise", self.initialise, INITIALISATIONS)
        for name in ("n_layers", "n_heads", "hidden_size", "intermediate_size"):
            if getattr(self, name) < 0:
                raise SettingError(
                    f"{name} is {getattr(self, name)}; it must be at least 1, or 0 for the teacher's"
                )


def choose_layers(
    rule: LayerRule | tuple[int, ...], teacher_layers: int, n_layers: int, seed: int = 0
) -> tuple[int, ...]:
    """Numbers of the teacher's layers that become the student's first layers.

    "every_other" spreads them evenly from the first to the last, which gives DistilBERT's published
    0, 2, 4, 7, 9, 11 for 6 of 12; a single layer is the first one. Where the student has more layers than the
    teacher, every layer is copied and the student's last ones are new. Of given numbers a student takes the first
    ``n_layers``; if it has more layers, the last ones are new.

    Raises:
        SettingError: The rule is unknown, a given layer does not exist, or a number of layers is below 1.
    """
    if n_layers < 1:
        raise SettingError(f"n_layers is {n_layers}; it must be at least 1")
    if not isinstance(rule, str):
        return _given_layers(rule, teacher_layers)[:n_layers]
    _check_choice("layers_from", rule, LAYER_RULES)
    if n_layers >= teacher_layers:
        return tuple(range(teacher_layers))
    if rule == "first":
        return tuple(range(n_layers))
    if rule == "last":
        return tuple(range(teacher_layers - n_layers, teacher_layers))
    if rule == "random":
        return tuple(sorted(random.Random(seed).sample(range(teacher_layers), n_layers)))  # noqa: S311
    if n_layers == 1:
        return (0,)
    gaps, span = n_layers - 1, teacher_layers - 1
    return tuple((2 * i * span + gaps) // (2 * gaps) for i in range(n_layers))  # i * span / gaps, rounded


def student_architecture(teacher: Architecture, shape: StudentShape) -> Architecture:
    """Architecture of the student a shape gives, without building or loading anything.

    Raises:
        SettingError: The shape cannot be made of this teacher.
    """
    family = shape.family or teacher.family
    if family != teacher.family and "roberta" in (family, teacher.family):
        raise SettingError(
            f"family is {family!r} and the teacher is {teacher.family}; RoBERTa students need RoBERTa teachers and "
            "the other way round, so leave family out"
        )
    hidden = shape.hidden_size or teacher.hidden_size
    if hidden > teacher.hidden_size and shape.initialise != "random":
        raise SettingError(
            f"hidden_size is {hidden}; a student made of the teacher's weights is at most as wide as the teacher "
            f"({teacher.hidden_size}); choose that or less, or initialise = 'random'"
        )
    n_heads, heads_in_full = _heads(teacher, shape, hidden)
    types = {
        "distilbert": 0,
        "roberta": teacher.type_vocab_size,
        "bert": teacher.type_vocab_size or TOKEN_TYPES,
    }
    return replace(
        teacher,
        family=family,
        n_layers=shape.n_layers or teacher.n_layers,
        n_heads=n_heads,
        hidden_size=hidden,
        intermediate_size=shape.intermediate_size or teacher.intermediate_size,
        heads_in_full=heads_in_full,
        type_vocab_size=types[family],
    )


def _heads(teacher: Architecture, shape: StudentShape, hidden: int) -> tuple[int, int]:
    """Heads of the student's layers, left and in full."""
    if shape.head_shape == "resize":
        n_heads = shape.n_heads or teacher.heads_in_full
        if hidden % n_heads:
            raise SettingError(f"hidden_size is {hidden}; it must be a multiple of n_heads ({n_heads})")
        return n_heads, n_heads
    width = teacher.head_width
    if hidden % width:
        raise SettingError(
            f"hidden_size is {hidden}; it must be a multiple of {width}, the width of the teacher's heads, "
            "or head_shape must be 'resize'"
        )
    full = hidden // width
    n_heads = shape.n_heads or min(teacher.heads_in_full, full)
    if n_heads > full:
        raise SettingError(
            f"n_heads is {n_heads}; it must be from 1 to {full}: "
            f"a hidden_size of {hidden} has that many heads of width {width}"
        )
    return n_heads, full


def _given_layers(numbers: tuple[int, ...], teacher_layers: int) -> tuple[int, ...]:
    if not numbers or not all(0 <= number < teacher_layers for number in numbers):
        raise SettingError(
            f"layers_from is {tuple(numbers)}; it must name layers from 0 to {teacher_layers - 1}, the teacher's"
        )
    return tuple(numbers)


def _check_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise SettingError(f"{name} is {value!r}; use one of: {', '.join(choices)}")
