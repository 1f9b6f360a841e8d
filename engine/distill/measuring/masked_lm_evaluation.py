"""How well a masked-LM model finds hidden words: its answers under masks that are the same for every model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from engine.distill.losses.masked_lm_model import encode, vocabulary_logits
from engine.distill.losses.masking import MaskedRows, mask_rows, read_vocabulary
from engine.distill.measuring.inference import MAX_TOKENS
from engine.distill.training.batches import by_length, make_batch
from engine.distill.training.precision import Precision, autocast
from engine.tasks.interface import Outputs
from engine.tasks.token_rows import TokenRows

NAMES = ("row", "answer", "correct", "loss")
SEED, DRAW, PROBABILITY = 0, 0, 0.15
"""One draw of masks for all evaluations, however training masks, so that curves and models can be compared."""


def masked_predictions(
    model: Any,  # noqa: ANN401 - transformers is untyped
    rows: TokenRows,
    *,
    batch_size: int,
    precision: Precision,
    report: Callable[[float], None] | None = None,
) -> Outputs:
    """Which hidden words the model finds; it is left in the mode it was in.

    Args:
        model: a masked-LM model on its device.
        rows: the evaluation rows.
        batch_size: rows at a time, at most.
        precision: arithmetic of the forward pass; losses are computed in fp32.
        report: called now and then with the share done, from 0 to 1.

    Returns:
        For every hidden token, in the order of the rows: ``row`` (its number), ``answer`` (the likeliest word),
        ``correct`` (whether that is the hidden one) and ``loss`` (cross-entropy of the hidden one, in nats).
    """
    vocabulary = read_vocabulary(rows)
    training = model.training
    model.eval()
    found: list[tuple[NDArray[Any], ...]] = []
    done = 0
    try:
        with torch.inference_mode():
            for chosen in by_length(rows, batch_size, MAX_TOKENS):
                masked = mask_rows(rows, chosen, vocabulary, seed=SEED, draw=DRAW, probability=PROBABILITY)
                row = chosen[masked.places // masked.input_ids.shape[1]]
                found.append((row, *_answers(model, rows, chosen, masked, precision)))
                done += len(chosen)
                if report is not None:
                    report(done / len(rows))
    finally:
        model.train(training)
    columns = [np.concatenate(parts) for parts in zip(*found, strict=True)]
    order = np.argsort(columns[0], kind="stable")
    return {name: column[order] for name, column in zip(NAMES, columns, strict=True)}


def _answers(
    model: Any,  # noqa: ANN401
    rows: TokenRows,
    chosen: NDArray[np.int64],
    masked: MaskedRows,
    precision: Precision,
) -> tuple[NDArray[Any], ...]:
    """The likeliest word at each hidden one, whether it is right, and the cross-entropy."""
    device = next(model.parameters()).device
    inputs = make_batch(rows, chosen, device).inputs
    inputs["input_ids"] = torch.from_numpy(masked.input_ids).to(device)
    labels = torch.from_numpy(masked.labels).to(device)
    with autocast(device, precision):
        hidden = encode(model, inputs).last_hidden_state
        logits = vocabulary_logits(model, hidden, torch.from_numpy(masked.places).to(device))
    losses = functional.cross_entropy(logits.float(), labels, reduction="none")
    answers = logits.argmax(-1)
    return tuple(values.cpu().numpy() for values in (answers, answers == labels, losses))
