"""Builds a student from its teacher: chosen layers copied, heads pruned, missing layers newly initialised."""

from __future__ import annotations

import random
from typing import Any, Literal, cast, get_args

import torch
from torch import Tensor, nn
from transformers.initialization import no_init_weights
from transformers.models.bert.configuration_bert import BertConfig
from transformers.models.bert.modeling_bert import BertForQuestionAnswering
from transformers.models.distilbert.configuration_distilbert import DistilBertConfig
from transformers.models.distilbert.modeling_distilbert import DistilBertForQuestionAnswering

from engine.distill.anatomy import ANATOMIES, config_of, embeddings_of, family_of, field_of, layers_of
from engine.distill.architecture import FAMILIES, Family
from engine.distill.head_dropout import install_head_dropout
from engine.distill.pruning import choose_heads, prune_heads, removed_heads
from engine.errors import ModelError, SettingError

LayerRule = Literal["every_other", "first", "last", "random"]
LAYER_RULES: tuple[LayerRule, ...] = get_args(LayerRule)

QUESTION_TOKENS = 15
QUESTION_SPREAD = 2.0
"""Where the question ends and the passage begins, in tokens: typical position and spread (see ``fold_token_types``)."""

TOKEN_TYPES = 2
LAYER_NORM_EPS = 1e-12
"""BERT's default. transformers' DistilBERT cannot have another, so a DistilBERT student follows no other teacher's."""


def choose_layers(rule: LayerRule, teacher_layers: int, n_layers: int, seed: int = 0) -> tuple[int, ...]:
    """Numbers of the teacher's layers that become the student's first layers, ascending.

    "every_other" spreads them evenly from the first to the last, which gives DistilBERT's published
    0, 2, 4, 7, 9, 11 for 6 of 12; a single layer is the first one. Where the student has more layers than the
    teacher, every layer is copied and the student's last ones are new.

    Raises:
        SettingError: The rule is unknown, or a number of layers is below 1.
    """
    if rule not in LAYER_RULES:
        raise SettingError(f"layers_from is {rule!r}; use one of: {', '.join(LAYER_RULES)}")
    if n_layers < 1:
        raise SettingError(f"n_layers is {n_layers}; it must be at least 1")
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


def build_student(
    teacher: nn.Module,
    *,
    n_layers: int,
    n_heads: int,
    family: Family | None = None,
    layers_from: LayerRule = "every_other",
    pruning_seed: int = 1,
    dropout: float = 0.1,
    attention_dropout: float = 0.1,
    qa_dropout: float = 0.1,
    initializer_range: float = 0.02,
    seed: int = 42,
    hidden_size: int | None = None,
    intermediate_size: int | None = None,
) -> nn.Module:
    """A student in fp32 and training mode, on the teacher's device; the same arguments give the same bits.

    Embeddings, the chosen layers and the head are copied: a student of the teacher's depth and family with all
    heads answers as the teacher does. Torch's global random state is neither read nor changed.

    Args:
        teacher: A BERT or DistilBERT question answering model with all its heads; it is not changed.
        n_layers: The student's layers, at least 1; those beyond the teacher's are new and on top.
        n_heads: Heads left in each layer, 1 to the teacher's; the rest is pruned at random (``choose_heads``).
        family: The student's family; None means the teacher's.
        layers_from: Which of the teacher's layers are copied (``choose_layers``).
        pruning_seed: Draws the heads to remove.
        dropout: Dropout of embeddings and hidden states in training, 0 to 1.
        attention_dropout: Dropout of attention weights in training, 0 to 1.
        qa_dropout: Dropout before the question answering head in training, 0 to 1.
        initializer_range: Standard deviation of new weights, at least 0 (new biases are 0, norms 1).
        seed: Draws new weights and, with ``layers_from="random"``, the layers.
        hidden_size: None or the teacher's; other widths are not supported.
        intermediate_size: None or the teacher's; other widths are not supported.

    Raises:
        SettingError: A setting is out of its range.
        ModelError: The teacher is of another family, or pruned.
    """
    rates = {"dropout": dropout, "attention_dropout": attention_dropout, "qa_dropout": qa_dropout}
    _check_rates(rates, initializer_range)
    _check_teacher(teacher, hidden_size=hidden_size, intermediate_size=intermediate_size)
    chosen = choose_layers(layers_from, len(layers_of(teacher)), n_layers, seed)
    student = _empty_student(teacher, family or family_of(teacher), n_layers, rates, initializer_range)
    with torch.no_grad():
        _fill_embeddings_and_head(student, teacher)
        _fill_layers(student, teacher, chosen, initializer_range, seed)
    prune_heads(student, choose_heads(n_layers, field_of(teacher, "n_heads"), n_heads, pruning_seed))
    return student.to(next(teacher.parameters()).device).train()


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


def _check_rates(rates: dict[str, float], initializer_range: float) -> None:
    for name, rate in rates.items():
        if not 0 <= rate <= 1:
            raise SettingError(f"{name} is {rate}; it must be from 0 to 1")
    if not 0 <= initializer_range < float("inf"):
        raise SettingError(f"initializer_range is {initializer_range}; it must be a number of at least 0")


def _check_teacher(teacher: nn.Module, **widths: int | None) -> None:
    if any(removed_heads(teacher)):
        raise ModelError("the teacher's heads are pruned; a student can only be built from a full teacher")
    for name, width in widths.items():
        own = field_of(teacher, name)
        if width not in (None, own):
            raise SettingError(
                f"{name} is {width}; a student keeps the teacher's width, so leave it out or set it to {own}"
            )


def _empty_student(
    teacher: nn.Module, family: Family, n_layers: int, rates: dict[str, float], initializer_range: float
) -> nn.Module:
    """A model of the student's shape with all heads and undefined weights, on the CPU."""
    if family not in FAMILIES:
        raise SettingError(f"family is {family!r}; use one of: {', '.join(FAMILIES)}")
    old, names = config_of(teacher), ANATOMIES[family].fields
    settings: dict[str, Any] = {
        names[name]: field_of(teacher, name)
        for name in ("n_heads", "hidden_size", "intermediate_size", "activation")
    }
    settings |= {names["n_layers"]: n_layers, "qa_dropout": rates["qa_dropout"]}
    settings |= {names[name]: rates[name] for name in ("dropout", "attention_dropout")}
    settings |= {
        name: getattr(old, name) for name in ("vocab_size", "max_position_embeddings", "pad_token_id")
    }
    settings |= {"initializer_range": initializer_range, "dtype": "float32"}
    with no_init_weights():
        if family == "distilbert":
            return cast("nn.Module", DistilBertForQuestionAnswering(DistilBertConfig(**settings)))
        settings["layer_norm_eps"] = getattr(old, "layer_norm_eps", LAYER_NORM_EPS)
        settings["type_vocab_size"] = getattr(old, "type_vocab_size", TOKEN_TYPES)
        student = cast("nn.Module", BertForQuestionAnswering(BertConfig(**settings)))
    install_head_dropout(student)
    return student


def _fill_embeddings_and_head(student: nn.Module, teacher: nn.Module) -> None:
    """Copies both; token types are folded or left at zero where only one of the two has them."""
    student.get_submodule("qa_outputs").load_state_dict(teacher.get_submodule("qa_outputs").state_dict())
    target, source = cast("Any", embeddings_of(student)), cast("Any", embeddings_of(teacher))
    positions = source.position_embeddings.weight.float()
    if hasattr(source, "token_type_embeddings"):
        types = source.token_type_embeddings.weight.float()
        if hasattr(target, "token_type_embeddings"):
            target.token_type_embeddings.weight.copy_(types)
        else:
            positions = fold_token_types(positions, types)
    elif hasattr(target, "token_type_embeddings"):
        target.token_type_embeddings.weight.zero_()
    target.position_embeddings.weight.copy_(positions)
    target.word_embeddings.weight.copy_(source.word_embeddings.weight)
    target.LayerNorm.load_state_dict(source.LayerNorm.state_dict())


def _fill_layers(
    student: nn.Module, teacher: nn.Module, chosen: tuple[int, ...], initializer_range: float, seed: int
) -> None:
    """Copies the chosen layers and initialises the rest from a generator of its own."""
    generator = torch.Generator().manual_seed(seed)
    own, theirs = ANATOMIES[family_of(student)].parts, ANATOMIES[family_of(teacher)].parts
    sources = layers_of(teacher)
    for index, layer in enumerate(layers_of(student)):
        for name, path in own.items():
            part = layer.get_submodule(path)
            if index < len(chosen):
                source = sources[chosen[index]].get_submodule(theirs[name])
                part.load_state_dict(source.state_dict())
            elif isinstance(part, nn.Linear):
                part.weight.normal_(0.0, initializer_range, generator=generator)
                part.bias.zero_()
            else:
                cast("nn.LayerNorm", part).reset_parameters()
