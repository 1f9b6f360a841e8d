"""Fills an empty student with its teacher's weights as a plan says, and with new ones where nothing is behind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import torch
from torch import Tensor, nn

from engine.distill.students.anatomy import ANATOMIES, embeddings_of, family_of, head_parts, layers_of
from engine.distill.students.plan import LayerPlan, StudentPlan

QUESTION_TOKENS = 15
QUESTION_SPREAD = 2.0
"""Where the question ends and the passage begins, in tokens: typical position and spread (see ``fold_token_types``)."""

TOKEN_TYPES = 2

DRAWN_PARTS = ("query", "value", "feed_forward_in")
"""Parts whose new rows are random. Their counterparts (keys, output columns) are zero, so that new units and heads
change nothing at first and yet receive gradients."""


def fill_student(student: nn.Module, teacher: nn.Module, plan: StudentPlan, initializer_range: float) -> None:
    """Gives a full student on the CPU all its weights; new ones come from one generator seeded by the plan.

    Args:
        student: The student with all heads and undefined weights.
        teacher: Where the plan's parts are taken from.
        plan: Made for this teacher.
        initializer_range: Standard deviation of new weights; new biases are 0, norms 1.
    """
    generator = torch.Generator().manual_seed(plan.shape.seed)
    hidden = list(plan.hidden_units)
    with torch.no_grad():
        if plan.shape.initialise == "random":
            _draw_embeddings(student, initializer_range, generator)
            _draw_head(student, initializer_range, generator)
        else:
            _copy_embeddings(student, teacher, hidden)
            _copy_head(student, teacher, hidden)
        for layer, layer_plan in zip(layers_of(student), plan.layers, strict=True):
            parts = {
                name: layer.get_submodule(path) for name, path in ANATOMIES[family_of(student)].parts.items()
            }
            if layer_plan.copied:
                _copy_layer(parts, teacher, layer_plan, hidden, initializer_range, generator)
            else:
                for part in parts.values():
                    _draw(part, initializer_range, generator)


def fold_token_types(positions: Tensor, token_types: Tensor) -> Tensor:
    """Position embeddings that carry the token-type embeddings a DistilBERT lacks.

    A position p receives the mixture of question type (0) and passage type (1) that a question answering input
    has there on average: the share of the passage rises as a sigmoid of (p - 15) / 2.

    Args:
        positions: Position embeddings, shape (positions, width).
        token_types: Token-type embeddings, shape (types, width).
    """
    # A constant fold loses more, whether into words or positions: the sum is the same. Full-depth DistilBERT copies
    # of a 6-layer MiniLM fine-tuned for SQuAD 2.0 had its best start and its best end on this share of questions (300
    # of dev / 300 of train): all type 0 57 / 76 %, all type 1 68 / 82 %, their mean 69 / 85 %, a step at token 14
    # 93 / 94 %, this sigmoid 93 / 95 % with the smallest divergence from the teacher's logits. Their questions have
    # 14 tokens on average. Dropping the types altogether leaves 11 % (dev).
    if token_types.shape[0] < TOKEN_TYPES:
        return positions + token_types[0]
    place = torch.arange(positions.shape[0], device=positions.device, dtype=positions.dtype).unsqueeze(1)
    passage = torch.sigmoid((place - QUESTION_TOKENS) / QUESTION_SPREAD)
    return positions + (1 - passage) * token_types[0] + passage * token_types[1]


def _copy_embeddings(student: nn.Module, teacher: nn.Module, hidden: list[int]) -> None:
    """Copies the kept columns; token types are folded or left at zero where only one of the two has them."""
    target, source = cast("Any", embeddings_of(student)), cast("Any", embeddings_of(teacher))
    positions = source.position_embeddings.weight.float()
    if hasattr(source, "token_type_embeddings"):
        types = source.token_type_embeddings.weight.float()
        if hasattr(target, "token_type_embeddings"):
            target.token_type_embeddings.weight.copy_(types[:, hidden])
        else:
            positions = fold_token_types(positions, types)
    elif hasattr(target, "token_type_embeddings"):
        target.token_type_embeddings.weight.zero_()
    target.position_embeddings.weight.copy_(positions[:, hidden])
    target.word_embeddings.weight.copy_(source.word_embeddings.weight[:, hidden])
    _copy_norm(target.LayerNorm, source.LayerNorm, hidden)


def _copy_head(student: nn.Module, teacher: nn.Module, hidden: list[int]) -> None:
    """Copies the head's kept rows and columns.

    Between BERT and DistilBERT the dense layer of a sequence head is copied too, though the one puts tanh behind it
    and the other ReLU: the classifier starts from the same directions but does not give the same logits.
    """
    sources = head_parts(teacher)
    for name, part in head_parts(student).items():
        if isinstance(part, nn.LayerNorm):
            _copy_norm(part, sources[name], hidden)
        else:
            linear = cast("nn.Linear", part)
            rows = range(linear.out_features) if name == "output" else hidden
            _copy_linear(linear, cast("nn.Linear", sources[name]), rows, hidden)


def _copy_layer(
    parts: dict[str, nn.Module],
    teacher: nn.Module,
    plan: LayerPlan,
    hidden: list[int],
    initializer_range: float,
    generator: torch.Generator,
) -> None:
    paths, source = ANATOMIES[family_of(teacher)].parts, layers_of(teacher)[cast("int", plan.source)]
    places = {
        "query": (plan.query_rows, hidden),
        "key": (plan.query_rows, hidden),
        "value": (plan.value_rows, hidden),
        "attention_output": (hidden, plan.value_rows),
        "feed_forward_in": (plan.units, hidden),
        "feed_forward_out": (hidden, plan.units),
    }
    for name, part in parts.items():
        old = source.get_submodule(paths[name])
        if name not in places:
            _copy_norm(part, old, hidden)
            continue
        rows, columns = places[name]
        linear = cast("nn.Linear", part)
        _copy_linear(linear, cast("nn.Linear", old), rows, columns)
        new = torch.tensor(rows) < 0
        if name in DRAWN_PARTS and new.any():
            drawn = torch.empty(int(new.sum()), linear.in_features)
            linear.weight[new] = drawn.normal_(0.0, initializer_range, generator=generator)
    _keep_score_scale(cast("nn.Linear", parts["query"]), len(plan.heads), teacher)


def _keep_score_scale(query: nn.Linear, n_heads: int, teacher: nn.Module) -> None:
    """Undoes that attention divides its scores by the root of a head width that is not the teacher's."""
    config = cast("Any", teacher).config
    factor = (query.out_features / n_heads) / (config.hidden_size / config.num_attention_heads)
    if factor != 1:
        query.weight.mul_(factor**0.5)
        query.bias.mul_(factor**0.5)


def _copy_linear(target: nn.Linear, source: nn.Linear, rows: Sequence[int], columns: Sequence[int]) -> None:
    """Copies rows and columns by number; those that are NEW become zero."""
    row, column = torch.tensor(rows), torch.tensor(columns)
    weight = source.weight.detach().float().cpu()[row.clamp(min=0)][:, column.clamp(min=0)]
    weight[row < 0] = 0
    weight[:, column < 0] = 0
    bias = source.bias.detach().float().cpu()[row.clamp(min=0)]
    bias[row < 0] = 0
    target.weight.copy_(weight)
    target.bias.copy_(bias)


def _copy_norm(target: nn.Module, source: nn.Module, hidden: list[int]) -> None:
    new, old = cast("nn.LayerNorm", target), cast("nn.LayerNorm", source)
    new.weight.copy_(old.weight[hidden])
    new.bias.copy_(old.bias[hidden])


def _draw_embeddings(student: nn.Module, initializer_range: float, generator: torch.Generator) -> None:
    """As transformers does: Normal weights, the padding token's row zero."""
    for table in embeddings_of(student).children():
        if isinstance(table, nn.Embedding):
            table.weight.normal_(0.0, initializer_range, generator=generator)
            if table.padding_idx is not None:
                table.weight[table.padding_idx].zero_()
        elif isinstance(table, nn.LayerNorm):
            table.reset_parameters()


def _draw_head(student: nn.Module, initializer_range: float, generator: torch.Generator) -> None:
    words = cast("Any", embeddings_of(student)).word_embeddings.weight
    for part in head_parts(student).values():
        if isinstance(part, nn.Linear) and part.weight is words:
            part.bias.zero_()
        else:
            _draw(part, initializer_range, generator)


def _draw(part: nn.Module, initializer_range: float, generator: torch.Generator) -> None:
    if isinstance(part, nn.Linear):
        part.weight.normal_(0.0, initializer_range, generator=generator)
        part.bias.zero_()
    else:
        cast("nn.LayerNorm", part).reset_parameters()
