"""Exact sizes of models by formula: parameters, operations, megabytes; no model is built."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from engine.errors import SettingError
from engine.tasks.interface import Head

Family = Literal["bert", "distilbert", "roberta"]
FAMILIES: tuple[Family, ...] = get_args(Family)
HEADS: tuple[Head, ...] = get_args(Head)

SPAN_OUTPUTS = 2
"""Outputs of the question answering head per token: one start logit and one end logit."""

FP32_BYTES = 4

POSITIVE = (
    "n_layers",
    "hidden_size",
    "intermediate_size",
    "heads_in_full",
    "vocab_size",
    "max_positions",
    "labels",
)


@dataclass(frozen=True, slots=True)
class Architecture:
    """Shape of a model with the same number of attention heads in every layer.

    Args:
        family: "bert", "distilbert" or "roberta".
        n_layers: Transformer layers, at least 1.
        n_heads: Attention heads left in each layer, 1 to ``heads_in_full``.
        hidden_size: Width of the hidden states; a multiple of ``heads_in_full``.
        intermediate_size: Width of the feed-forward block.
        heads_in_full: Heads of each layer before pruning. Pruning keeps a head's width,
            ``hidden_size / heads_in_full``.
        vocab_size: Rows of the word embedding.
        max_positions: Tokens the longest input may have.
        type_vocab_size: Rows of the token-type embedding; DistilBERT has none, so 0 there.
        head: What sits on top of the encoder.
        labels: Outputs of the head: 2 for "span", the number of classes (1 for regression) for "sequence";
            without meaning for "masked_lm", whose outputs are the vocabulary.
        position_offset: Rows of the position embedding before the first that a token can have. RoBERTa counts
            positions from the padding token's id + 1; 0 for the other families.

    Raises:
        SettingError: A field is out of its range.
    """

    family: Family
    n_layers: int
    n_heads: int
    hidden_size: int
    intermediate_size: int
    heads_in_full: int
    vocab_size: int
    max_positions: int
    type_vocab_size: int = 0
    head: Head = "span"
    labels: int = SPAN_OUTPUTS
    position_offset: int = 0

    def __post_init__(self) -> None:
        if self.family not in FAMILIES:
            raise SettingError(f"family is {self.family!r}; use one of: {', '.join(FAMILIES)}")
        if self.head not in HEADS:
            raise SettingError(f"head is {self.head!r}; use one of: {', '.join(HEADS)}")
        for name in POSITIVE:
            if getattr(self, name) < 1:
                raise SettingError(f"{name} is {getattr(self, name)}; it must be at least 1")
        if not 1 <= self.n_heads <= self.heads_in_full:
            raise SettingError(f"n_heads is {self.n_heads}; it must be from 1 to {self.heads_in_full}")
        if self.hidden_size % self.heads_in_full:
            raise SettingError(
                f"hidden_size is {self.hidden_size}; it must be a multiple of heads_in_full ({self.heads_in_full})"
            )
        self._check_family()

    def _check_family(self) -> None:
        if (self.type_vocab_size > 0) != (self.family != "distilbert"):
            raise SettingError(
                f"type_vocab_size is {self.type_vocab_size}; it must be 0 for distilbert and at least 1 for others"
            )
        if (self.position_offset > 0) != (self.family == "roberta"):
            raise SettingError(
                f"position_offset is {self.position_offset}; it must be the padding token's id + 1 for roberta "
                "and 0 for others"
            )
        if self.head == "span" and self.labels != SPAN_OUTPUTS:
            raise SettingError(f"labels is {self.labels}; a span head has {SPAN_OUTPUTS}")

    @property
    def head_width(self) -> int:
        """Width of one attention head."""
        return self.hidden_size // self.heads_in_full

    @property
    def attention_width(self) -> int:
        """Width of the concatenated heads that are left."""
        return self.n_heads * self.head_width


def encoder_parameters(arch: Architecture) -> int:
    """Parameters of the transformer layers alone, without embeddings and head.

    A linear layer from m to n has n(m + 1) parameters. With hidden width H, feed-forward width I and
    A = n_heads * H / heads_in_full, one layer holds

    * query, key and value, each H to A: 3A(H + 1)
    * attention output, A to H: H(A + 1)
    * feed-forward, H to I and I to H: I(H + 1) + H(I + 1)
    * two layer norms, a weight and a bias each: 4H
    """
    hidden, inner, attention = arch.hidden_size, arch.intermediate_size, arch.attention_width
    projections = 3 * attention * (hidden + 1) + hidden * (attention + 1)
    feed_forward = inner * (hidden + 1) + hidden * (inner + 1)
    return arch.n_layers * (projections + feed_forward + 4 * hidden)


def head_parameters(arch: Architecture) -> int:
    """Parameters of what sits on top of the encoder, the same in all families.

    * "span", a linear layer from H to 2: 2(H + 1)
    * "sequence" with C labels, a dense layer and a classifier: H(H + 1) + C(H + 1). BERT's dense layer is its pooler.
    * "masked_lm", a dense layer, its norm, and one bias per word: H(H + 1) + 2H + V. The output weights are the
      word embedding's and are counted there.
    """
    hidden = arch.hidden_size
    dense = hidden * (hidden + 1)
    if arch.head == "span":
        return SPAN_OUTPUTS * (hidden + 1)
    if arch.head == "sequence":
        return dense + arch.labels * (hidden + 1)
    return dense + 2 * hidden + arch.vocab_size


def num_parameters(arch: Architecture) -> int:
    """Parameters of the whole model, as ``sum(p.numel())`` over the built model.

    To ``encoder_parameters`` and ``head_parameters`` come the embedding tables for words, positions and (not in
    DistilBERT) token types, (V + P + T)H, and their layer norm, 2H. P includes RoBERTa's offset rows. For
    question answering with DistilBERT at width 768 this is 23,837,186 + n_layers (7,087,872 - 196,800 (12 - n_heads)).
    """
    rows = arch.vocab_size + arch.max_positions + arch.position_offset + arch.type_vocab_size
    return rows * arch.hidden_size + 2 * arch.hidden_size + encoder_parameters(arch) + head_parameters(arch)


def flops(arch: Architecture, length: int) -> int:
    """Floating-point operations of one forward pass over one sequence, a multiply-add counted as two.

    Matrix products only, as PyTorch's ``FlopCounterMode`` counts them. For s tokens a linear layer from m to
    n costs 2smn; the scores and the weighted sum of attention cost 2 s^2 A each. The head costs 4sH ("span"),
    2H^2 + 2HC for the first token alone ("sequence"), or s(2H^2 + 2HV) ("masked_lm").
    Embedding look-ups, biases, norms, softmax and activations are left out: below one per cent at BERT's widths.

    Args:
        arch: The model's shape.
        length: Tokens in the sequence, 1 to ``max_positions``.

    Raises:
        SettingError: The length is out of its range.
    """
    if not 1 <= length <= arch.max_positions:
        raise SettingError(f"length is {length}; it must be from 1 to {arch.max_positions} (max_positions)")
    hidden, inner, attention = arch.hidden_size, arch.intermediate_size, arch.attention_width
    linear = 2 * length * (4 * hidden * attention + 2 * hidden * inner)
    attended = 4 * length * length * attention
    return arch.n_layers * (linear + attended) + head_flops(arch, length)


def head_flops(arch: Architecture, length: int) -> int:
    """Operations of the head in one forward pass, part of ``flops``."""
    hidden = arch.hidden_size
    if arch.head == "span":
        return 2 * length * hidden * SPAN_OUTPUTS
    if arch.head == "sequence":
        return 2 * hidden * (hidden + arch.labels)
    return 2 * length * hidden * (hidden + arch.vocab_size)


def model_mb(arch: Architecture) -> float:
    """Size of the weights in fp32, in megabytes of 10^6 bytes."""
    return num_parameters(arch) * FP32_BYTES / 1e6
