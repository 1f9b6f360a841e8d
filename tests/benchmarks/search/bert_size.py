"""The number of parameters of a BERT with a span head, by formula."""

from __future__ import annotations

VOCABULARY = 30522
POSITIONS = 512
TYPES = 2


def parameter_count(layers: int, hidden: int, intermediate: int) -> int:
    """Parameters of BertForQuestionAnswering with an uncased English vocabulary.

    Embeddings with their norm, then for each layer four square projections, two of the feed-forward block and
    two norms, then the head with two outputs. The number of heads does not matter.
    """
    embeddings = (VOCABULARY + POSITIONS + TYPES) * hidden + 2 * hidden
    attention = 4 * (hidden * hidden + hidden)
    feed_forward = 2 * hidden * intermediate + intermediate + hidden
    return embeddings + layers * (attention + feed_forward + 4 * hidden) + 2 * hidden + 2
