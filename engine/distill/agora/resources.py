"""What transformations draw from, made of an experiment's training data and the models its settings name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.agora.masked_lm import load_fill
from engine.agora.section import AgoraSection
from engine.agora.texts import text_of
from engine.agora.transformations.interface import Resources
from engine.agora.transformations.neighbours import make_neighbours
from engine.agora.transformations.pools import make_pools
from engine.distill.training.precision import default_device
from engine.tasks.drawing import rank
from engine.tasks.sequence.records import Example


def make_resources(
    section: AgoraSection,
    training: Sequence[Example],
    teacher: Any,  # noqa: ANN401 - transformers is untyped
    tokenizer: Any,  # noqa: ANN401
    seed: int,
) -> Resources:
    """Pools of the training data, neighbours by the teacher's embeddings, and the masked language models asked for.

    Args:
        section: says what is needed.
        training: examples of the task itself.
        teacher: a loaded model.
        tokenizer: the teacher's.
        seed: draws which examples the pools are made of, where there are very many.
    """
    drawn = sorted(training, key=lambda item: rank(item.id, seed))
    neighbours = None
    if section.needs_neighbours:
        vectors = teacher.get_input_embeddings().weight.detach().float().cpu().numpy()
        tokens = tokenizer.convert_ids_to_tokens(range(min(len(tokenizer), len(vectors))))
        neighbours = make_neighbours(vectors, tokens)
    device = str(default_device())
    fills = {model: load_fill(model, device) for model in section.models}
    return Resources(make_pools(map(text_of, drawn)), neighbours, fills)
