"""Bort's lemmas: parameters and operations of a BERT encoder as functions of depth, heads and the two widths.

"Optimal Subarchitecture Extraction for BERT" (arXiv 2010.10499) needs both numbers as polynomials of <D, A, H, I> for
its search; Lemmas 1 and 2 say that they exist and that the number of heads A drops out. What is here is derived from
the layers themselves; the strategy ``extract`` sorts and weighs architectures by it.
``engine.distill.students.architecture`` counts what is built, heads and pruning included.

**Which Bort?** The paper's figures and the released model disagree on which of 768 and 1024 is the hidden width. The
published totals and the 39 M of embeddings fit H = 768, I = 1024 only; the first version of the released code's text
said the same. The released configuration has H = 1024, I = 768 (76.16 M with a pooler), and so has the model on the
Hugging Face hub. Tables 1 and 2 are reproduced with H = 768. The sizes of Bort (56.14 M) and of the two runners-up
(35.20 M) exceed Lemma 1 by 1028 H exactly; where that term comes from is not known. Published sizes of the BERT family
(14.5, 11.3, 29.1 and 110 M) include the two pre-training heads, which Lemma 1 leaves out.
"""

from __future__ import annotations

from engine.distill.students.architecture import Architecture
from engine.errors import SettingError

LEMMA_METRICS = ("lemma_parameters", "lemma_operations")
"""Metrics that ``lemma_sizes`` gives."""

ROBERTA_VOCABULARY = 50_265
POSITIONS = 512
GELU_OPERATIONS = 9
"""Operations of 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))): two products for x^3, its factor, a sum, the product
with the constant root, tanh as one, a sum, and the products with x and with 0.5."""


def lemma_parameters(
    depth: int,
    heads: int,
    hidden: int,
    inner: int,
    *,
    vocabulary: int = ROBERTA_VOCABULARY,
    positions: int = POSITIONS,
    token_types: int = 1,
) -> int:
    """Lemma 1: parameters of the encoder <D, A, H, I> with its embeddings and pooler.

    A linear layer from m to n has n(m + 1) parameters, a layer norm 2H.

    * Embeddings: a row of width H for each word, position and token type, and a norm: (V + P + T)H + 2H.
    * Attention: A heads of width H/A each for query, key and value; side by side they make a layer from H to H,
      whatever A is. With the output that is 4H(H + 1).
    * Feed-forward: H to I and back, I(H + 1) + H(I + 1) = 2HI + I + H.
    * Two norms per layer: 4H.
    * Pooler: H(H + 1).

    Together (V + P + T)H + 2H + D(4H^2 + 4H + 2HI + I + H + 4H) + H^2 + H: linear in D and I, of degree 2 in H, free
    of A.

    Args:
        depth: Layers D, at least 1.
        heads: Heads A; a divisor of H.
        hidden: Hidden width H.
        inner: Feed-forward width I.
        vocabulary: Words V; RoBERTa's by default.
        positions: Positions P.
        token_types: Token types T: 1 for Bort and RoBERTa, 2 for BERT.

    Raises:
        SettingError: A size is below 1, or H is not a multiple of A.
    """
    _check(depth, heads, hidden, inner)
    embeddings = (vocabulary + positions + token_types) * hidden + 2 * hidden
    layer = 4 * (hidden**2 + hidden) + 2 * hidden * inner + inner + hidden + 4 * hidden
    return embeddings + depth * layer + hidden**2 + hidden


def lemma_operations(depth: int, heads: int, hidden: int, inner: int, *, length: int) -> int:
    """Lemma 2: additions and multiplications of one forward pass of <D, A, H, I> over one sequence.

    A linear layer from m to n takes 2mn for each token: m products and m additions (the bias is the last one) for
    each output. Norms and dropouts count with the layer before them, look-ups and all activations but GeLU as nothing.

    * Query, key, value and output: 4 * 2H^2 for each token; feed-forward: 2 * 2HI.
    * Scores and weighted sum: each of A heads takes 2 s^2 H/A for either, so 2 * 2 s^2 H together, whatever A is.
    * GeLU on I units of each token: ``GELU_OPERATIONS`` each.
    * Pooler, on the first token alone: 2H^2.

    Together D(s(8H^2 + 4HI) + 4 s^2 H + 9sI) + 2H^2: of degree 2 in H and in s, free of A.

    Args:
        depth: Layers D, at least 1.
        heads: Heads A; a divisor of H.
        hidden: Hidden width H.
        inner: Feed-forward width I.
        length: Tokens s of the sequence, at least 1.

    Raises:
        SettingError: A size is below 1, or H is not a multiple of A.
    """
    _check(depth, heads, hidden, inner, length=length)
    linear = length * (4 * 2 * hidden**2 + 2 * 2 * hidden * inner)
    attended = 2 * 2 * length**2 * hidden
    return depth * (linear + attended + length * inner * GELU_OPERATIONS) + 2 * hidden**2


def lemma_sizes(arch: Architecture, length: int) -> dict[str, float]:
    """Both lemmas for an architecture: ``lemma_parameters``, and ``lemma_operations`` for ``length`` tokens.

    Unlike ``architecture.num_parameters`` and ``flops``, which count the model as it is built, these leave the head of
    the task out and count a pooler in every family, so that they tell of the encoder alone. Positions are all rows of
    the embedding, RoBERTa's offset included.

    Raises:
        SettingError: The length is below 1.
    """
    shape = (arch.n_layers, arch.n_heads, arch.hidden_size, arch.intermediate_size)
    parameters = lemma_parameters(
        *shape,
        vocabulary=arch.vocab_size,
        positions=arch.max_positions + arch.position_offset,
        token_types=arch.type_vocab_size,
    )
    operations = lemma_operations(*shape, length=length)
    return dict(zip(LEMMA_METRICS, (float(parameters), float(operations)), strict=True))


def _check(depth: int, heads: int, hidden: int, inner: int, length: int = 1) -> None:
    sizes = {"depth": depth, "heads": heads, "hidden": hidden, "inner": inner, "length": length}
    for name, size in sizes.items():
        if size < 1:
            raise SettingError(f"{name} is {size}; it must be at least 1")
    if hidden % heads:
        raise SettingError(f"hidden is {hidden}; it must be a multiple of heads ({heads})")
