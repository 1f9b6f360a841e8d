"""What a student takes from its teacher, decided before anything is built: layers, heads, and units."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor, nn
from transformers.activations import ACT2FN

from engine.distill.students.anatomy import (
    ANATOMIES,
    architecture_of,
    embeddings_of,
    family_of,
    field_of,
    head_of,
    head_parts,
    layers_of,
)
from engine.distill.students.architecture import Architecture
from engine.distill.students.importance import (
    activation_scores,
    head_scores,
    match_scores,
    residual_scores,
    strongest,
    unit_scores,
)
from engine.distill.students.pruning import choose_heads, removed_heads
from engine.distill.students.shape import StudentShape, choose_layers, student_architecture
from engine.errors import ModelError

NEW = -1
"""Stands in a plan for a part that no part of the teacher is behind."""


@dataclass(frozen=True, slots=True)
class LayerPlan:
    """One layer of a student.

    Attributes:
        source: The teacher's layer behind it, copied or not; None on top of the teacher's last.
        copied: Whether its weights come from ``source``. If not, all are new and the fields below, but for
            ``removed``, are empty.
        removed: Heads pruned away, numbers within the student's full layer.
        heads: For each head of the student's full layer the teacher's head behind it, or NEW.
        query_rows: For each row of the full query and key projection the teacher's row, or NEW.
        value_rows: For each row of the full value projection the teacher's row, or NEW.
        units: For each feed-forward unit the teacher's, or NEW.
    """

    source: int | None
    copied: bool
    removed: tuple[int, ...] = ()
    heads: tuple[int, ...] = ()
    query_rows: tuple[int, ...] = ()
    value_rows: tuple[int, ...] = ()
    units: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class StudentPlan:
    """A student as it will be built; the same teacher and shape give the same plan.

    Attributes:
        shape: What was asked for.
        architecture: What comes of it.
        hidden_units: For each hidden unit of the student the teacher's unit behind it, ascending; NEW beyond the
            teacher's width. A loss on hidden states compares the student's with these units of the teacher's.
        layers: The student's layers, first to last.
    """

    shape: StudentShape
    architecture: Architecture
    hidden_units: tuple[int, ...]
    layers: tuple[LayerPlan, ...]

    @property
    def teacher_layers(self) -> tuple[int | None, ...]:
        """The teacher's layer behind each of the student's, None for those on top of the teacher's last."""
        return tuple(layer.source for layer in self.layers)


def plan_student(teacher: nn.Module, shape: StudentShape) -> StudentPlan:
    """Decides which of the teacher's parts become the student's; the teacher is only read.

    A narrower student keeps the teacher's strongest residual units, the same everywhere
    (``importance.residual_scores`` over the copied layers). Within them, each layer keeps its strongest feed-forward
    units (``importance.activation_scores``) and, where heads get narrower, each head its strongest query-key pairs
    and values.

    Raises:
        SettingError: The shape cannot be made of this teacher.
        ModelError: The teacher is of another family, has no head, or its heads are pruned.
    """
    head_of(teacher)
    if any(removed_heads(teacher)):
        raise ModelError("the teacher's heads are pruned; a student can only be built from a full teacher")
    own = architecture_of(teacher)
    arch = student_architecture(own, shape)
    sources = choose_layers(shape.layers_from, own.n_layers, arch.n_layers, shape.seed)
    hidden = _hidden_units(teacher, sources, arch.hidden_size)
    copied = sources if shape.initialise == "teacher" else ()
    weights = [_weights(teacher, index, hidden) for index in copied]
    kept = _kept_heads(shape, own, arch, weights)
    layers = []
    for index in range(arch.n_layers):
        source = sources[index] if index < len(sources) else None
        heads, removed = _places(shape, own, arch, kept[index])
        if index < len(copied):
            query_rows, value_rows = _attention_rows(heads, own.head_width, arch.head_width, weights[index])
            units = _units(weights[index], arch.intermediate_size, ACT2FN[field_of(teacher, "activation")])
            layers.append(LayerPlan(source, True, removed, heads, query_rows, value_rows, units))
        else:
            layers.append(LayerPlan(source, copied=False, removed=removed))
    return StudentPlan(shape, arch, hidden, tuple(layers))


def _state(module: nn.Module) -> tuple[Tensor, Tensor]:
    """Weight and bias of a linear layer or a norm, in fp32 on the CPU."""
    part = cast("Any", module)
    return part.weight.detach().float().cpu(), part.bias.detach().float().cpu()


def _part(teacher: nn.Module, index: int, name: str) -> tuple[Tensor, Tensor]:
    return _state(layers_of(teacher)[index].get_submodule(ANATOMIES[family_of(teacher)].parts[name]))


def _weights(teacher: nn.Module, index: int, hidden: tuple[int, ...]) -> dict[str, Tensor]:
    """What one layer is judged by, restricted to the hidden units that are kept."""
    units = list(hidden)
    weights = {name: _part(teacher, index, name)[0][:, units] for name in ("query", "key", "value")}
    weights["feed_forward_in"], weights["bias"] = _part(teacher, index, "feed_forward_in")
    weights["feed_forward_in"] = weights["feed_forward_in"][:, units]
    weights |= {
        name: _part(teacher, index, name)[0][units] for name in ("attention_output", "feed_forward_out")
    }
    gain, offset = _part(teacher, index, "attention_norm")
    return weights | {"gain": gain[units], "offset": offset[units]}


def _hidden_units(teacher: nn.Module, sources: tuple[int, ...], count: int) -> tuple[int, ...]:
    """The strongest hidden units for the layers that are copied and the head."""
    first = _state(cast("Any", embeddings_of(teacher)).LayerNorm)
    width = len(first[0])
    if count >= width:
        return tuple(range(width)) + (NEW,) * (count - width)
    readers = []
    for index in sources:
        before = _part(teacher, index - 1, "output_norm") if index else first
        projections = torch.cat([_part(teacher, index, name)[0] for name in ("query", "key", "value")])
        readers.append((projections, *before))
        inner = _part(teacher, index, "feed_forward_in")[0]
        readers.append((inner, *_part(teacher, index, "attention_norm")))
    lowest = next(iter(head_parts(teacher).values()))
    readers.append((_state(lowest)[0], *_part(teacher, len(layers_of(teacher)) - 1, "output_norm")))
    return strongest(residual_scores(readers), count)


def _kept_heads(
    shape: StudentShape, own: Architecture, arch: Architecture, weights: list[dict[str, Tensor]]
) -> list[tuple[int, ...]]:
    """Heads kept in each layer: of the teacher's if it is copied, else of the student's own full layer."""
    total = own.heads_in_full if shape.initialise == "teacher" else arch.heads_in_full
    count = min(arch.n_heads, total)
    if shape.heads_by == "seed":
        removed = choose_heads(arch.n_layers, total, count, shape.pruning_seed)
        return [tuple(head for head in range(total) if head not in gone) for gone in removed]
    scored = [
        strongest(head_scores(layer["value"], layer["attention_output"], own.head_width), count)
        for layer in weights
    ]
    return scored + [tuple(range(count))] * (arch.n_layers - len(scored))


def _places(
    shape: StudentShape, own: Architecture, arch: Architecture, kept: tuple[int, ...]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The teacher's head for each head of the student's full layer, and those of the student's to prune away.

    In a layer with as many heads as the teacher's every head has its own place; in another one those that are kept
    come first.
    """
    full = arch.heads_in_full
    if shape.head_shape == "prune" and (shape.initialise != "teacher" or full == own.heads_in_full):
        return tuple(range(full)), tuple(head for head in range(full) if head not in kept)
    heads = kept + (NEW,) * (full - len(kept))
    return heads, tuple(range(arch.n_heads, full))


def _attention_rows(
    heads: tuple[int, ...], width: int, new_width: int, weights: dict[str, Tensor]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The teacher's rows of query and key, and of value, for heads of another width."""
    matches = match_scores(weights["query"], weights["key"])
    values = unit_scores(weights["value"], weights["attention_output"])
    rows: tuple[list[int], list[int]] = ([], [])
    for head in heads:
        start = head * width
        for chosen, scores in zip(rows, (matches, values), strict=True):
            if head == NEW:
                chosen += [NEW] * new_width
                continue
            units = strongest(scores[start : start + width], new_width)
            chosen += [start + unit for unit in units] + [NEW] * (new_width - len(units))
    return tuple(rows[0]), tuple(rows[1])


def _units(weights: dict[str, Tensor], count: int, activation: Callable[[Tensor], Tensor]) -> tuple[int, ...]:
    total = len(weights["bias"])
    if count >= total:
        return tuple(range(total)) + (NEW,) * (count - total)
    rows, columns = weights["feed_forward_in"], weights["feed_forward_out"]
    norm = (weights["gain"], weights["offset"])
    return strongest(activation_scores(rows, weights["bias"], columns, norm, activation), count)
