"""Attention heads sliced out of a model for good, and put back as zeros where a plain transformers model is needed.

transformers 5 has no head pruning of its own. The attention of its BERT, DistilBERT and RoBERTa reads the number of
heads from the shape of the projections (``view(..., -1, head_size)``), so smaller projections work with its eager,
SDPA and flex attention alike.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any, cast

import torch
from torch import Tensor, nn

from engine.distill.students.anatomy import ANATOMIES, family_of, field_of, layers_of
from engine.errors import ModelError, SettingError

RemovedHeads = tuple[tuple[int, ...], ...]
"""Per layer, first to last, the numbers of the removed heads, ascending, in the numbering of the full layer."""

PROJECTIONS = ("query", "key", "value")


def choose_heads(n_layers: int, heads_in_full: int, n_heads: int, pruning_seed: int) -> RemovedHeads:
    """Heads to remove, drawn at random for each layer in turn from one seeded sequence.

    As in SigOpt's "Efficient BERT": ``random.sample(range(heads), heads - n_heads)`` per layer after seeding.

    Args:
        n_layers: Layers of the student.
        heads_in_full: Heads of each layer before pruning.
        n_heads: Heads to keep, 1 to ``heads_in_full``.
        pruning_seed: Seed of the draw.

    Raises:
        SettingError: ``n_heads`` is out of its range.
    """
    if not 1 <= n_heads <= heads_in_full:
        raise SettingError(f"n_heads is {n_heads}; it must be from 1 to {heads_in_full}, the teacher's heads")
    draw = random.Random(pruning_seed)  # noqa: S311 - reproducible, not secret
    return tuple(
        tuple(sorted(draw.sample(range(heads_in_full), heads_in_full - n_heads))) for _ in range(n_layers)
    )


def prune_heads(model: nn.Module, removed: RemovedHeads) -> None:
    """Slices heads out of a full model in place: rows of query, key and value, columns of the output.

    Args:
        model: A model with all its heads.
        removed: Heads to remove per layer.

    Raises:
        ModelError: The list does not fit the model, leaves a layer without heads, or the model is pruned already.
    """
    check_fits(model, removed)
    full, size = _heads_in_full(model), _head_size(model)
    anatomy = ANATOMIES[family_of(model)]
    for layer, heads in zip(layers_of(model), removed, strict=True):
        if not heads:
            continue
        kept = tuple(head for head in range(full) if head not in heads)
        for name in PROJECTIONS:
            _replace(layer, anatomy.parts[name], rows=_head_rows(kept, size))
        _replace(layer, anatomy.parts["attention_output"], columns=_head_rows(kept, size))
        attention = cast("Any", layer.get_submodule(anatomy.attention))
        attention.kept_heads = kept
        setattr(attention, anatomy.head_count, len(kept))
        if hasattr(attention, "all_head_size"):
            attention.all_head_size = len(kept) * size


def check_fits(model: nn.Module, removed: RemovedHeads) -> None:
    """Checks that the heads can be removed from the model.

    Raises:
        ModelError: As ``prune_heads``.
    """
    full, layers = _heads_in_full(model), len(layers_of(model))
    if any(removed_heads(model)):
        raise ModelError("the model's heads are pruned already; prune the full model")
    if len(removed) != layers:
        raise ModelError(f"removed heads are given for {len(removed)} layers; the model has {layers}")
    for index, heads in enumerate(removed):
        if not set(heads) < set(range(full)) or len(set(heads)) != len(heads):
            raise ModelError(
                f"layer {index} has heads 0 to {full - 1} and must keep one; cannot remove {heads}"
            )


def removed_heads(model: nn.Module) -> RemovedHeads:
    """Heads that ``prune_heads`` removed from a model; empty tuples for full layers."""
    full = range(_heads_in_full(model))
    anatomy = ANATOMIES[family_of(model)]
    attentions = [layer.get_submodule(anatomy.attention) for layer in layers_of(model)]
    kept = [getattr(attention, "kept_heads", tuple(full)) for attention in attentions]
    return tuple(tuple(head for head in full if head not in heads) for heads in kept)


def dense_state(model: nn.Module) -> dict[str, Tensor]:
    """State of the model with its removed heads restored as zeros, on the CPU.

    A restored head has zero values and zero output columns, so it adds nothing: the full model computes the
    same function as the pruned one. Its queries and keys are zero too. Weights the model has in two places, the
    word embedding and the output of a masked language model, are one tensor here too.
    """
    anatomy, size = ANATOMIES[family_of(model)], _head_size(model)
    width = _heads_in_full(model) * size
    shared: dict[int, Tensor] = {}
    state: dict[str, Tensor] = {}
    for name, value in model.state_dict().items():
        state[name] = shared.setdefault(value.data_ptr(), value.detach().cpu().contiguous())
    for index, heads in enumerate(removed_heads(model)):
        if not heads:
            continue
        kept = _head_rows([head for head in range(width // size) if head not in heads], size)
        prefix = f"{anatomy.layers}.{index}"
        for name in PROJECTIONS:
            for kind in ("weight", "bias"):
                key = f"{prefix}.{anatomy.parts[name]}.{kind}"
                state[key] = _spread(state[key], kept, width, dim=0)
        key = f"{prefix}.{anatomy.parts['attention_output']}.weight"
        state[key] = _spread(state[key], kept, width, dim=1)
    return state


def are_silent(model: nn.Module, heads: RemovedHeads) -> bool:
    """Whether the given heads of a full model put nothing into its output, as ``dense_state`` restores them."""
    anatomy, size = ANATOMIES[family_of(model)], _head_size(model)
    for layer, numbers in zip(layers_of(model), heads, strict=True):
        rows = _head_rows(numbers, size)
        value = layer.get_submodule(anatomy.parts["value"]).state_dict()
        output = layer.get_submodule(anatomy.parts["attention_output"]).state_dict()
        for rows_of_heads in (value["weight"][rows], value["bias"][rows], output["weight"].T[rows]):
            if rows_of_heads.any():
                return False
    return True


def _head_rows(heads: Sequence[int], head_size: int) -> Tensor:
    """Numbers of the projection rows that belong to the heads; shape (heads * head_size,)."""
    starts = torch.tensor(heads, dtype=torch.long).unsqueeze(1) * head_size
    return (starts + torch.arange(head_size)).flatten()


def _heads_in_full(model: nn.Module) -> int:
    return int(field_of(model, "n_heads"))


def _head_size(model: nn.Module) -> int:
    return int(field_of(model, "hidden_size")) // _heads_in_full(model)


def _spread(tensor: Tensor, kept: Tensor, width: int, dim: int) -> Tensor:
    """The tensor with zeros between its slices along ``dim``, which becomes ``width`` long."""
    shape = list(tensor.shape)
    shape[dim] = width
    return torch.zeros(shape, dtype=tensor.dtype).index_copy_(dim, kept, tensor)


def _replace(layer: nn.Module, path: str, rows: Tensor | None = None, columns: Tensor | None = None) -> None:
    """Puts a linear layer with some rows or columns of the present one in its place."""
    old = cast("nn.Linear", layer.get_submodule(path))
    weight, bias = old.weight.detach(), old.bias.detach()
    if rows is not None:
        weight, bias = weight[rows.to(weight.device)], bias[rows.to(bias.device)]
    if columns is not None:
        weight = weight[:, columns.to(weight.device)]
    new = nn.Linear(weight.shape[1], weight.shape[0], device="meta", dtype=weight.dtype)
    new.to_empty(device=weight.device)
    with torch.no_grad():
        new.weight.copy_(weight)
        new.bias.copy_(bias)
    layer.set_submodule(path, new.train(old.training))
