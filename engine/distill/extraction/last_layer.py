"""The last layer as a distribution over the vocabulary: what a candidate minimises, and its distance in the end."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.distill.losses.masked_lm_losses import masked_lm_soft_loss
from engine.distill.losses.masked_lm_model import encode, head_logits
from engine.distill.losses.masking import Vocabulary, mask_rows
from engine.distill.measuring.inference import MAX_TOKENS
from engine.distill.training.batches import Batch, by_length, make_batch
from engine.distill.training.precision import Precision, autocast
from engine.extraction.requirements import LastLayer
from engine.tasks.token_rows import TokenRows

SEED, DRAW = 0, 0
"""One draw of tokens for all candidates: they learn, and are measured on, the same tokens of the same rows."""

PLACES_AT_ONCE = 256
"""Tokens whose distributions are held at a time while the error is measured."""


@dataclass(frozen=True, slots=True)
class Sight:
    """How models are looked at.

    Attributes:
        last_layer: what turns last hidden states into logits: "head", the masked-LM head, with the chosen tokens
            hidden; or "embedding", the product with every word's input embedding, with the chosen tokens seen, since a
            model without such a head may never have met the mask.
        vocabulary: of the tokenizer, see ``read_vocabulary``.
        probability: share of the tokens that is chosen.
        temperature: softens both distributions.
    """

    last_layer: LastLayer
    vocabulary: Vocabulary
    probability: float = 0.15
    temperature: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """Rows, and the maximum point's last hidden states at their chosen tokens.

    Attributes:
        rows: the rows.
        states: shape (chosen tokens, width), row by row.
        offsets: shape (rows + 1,); row ``r`` has the states from ``offsets[r]`` to before ``offsets[r + 1]``.
    """

    rows: TokenRows
    states: NDArray[np.float16]
    offsets: NDArray[np.int64]

    def at(self, rows: NDArray[np.int64], device: torch.device) -> Tensor:
        """States of some rows in their order, in fp32, shape (tokens, width)."""
        parts = [self.states[self.offsets[row] : self.offsets[row + 1]] for row in rows]
        return torch.from_numpy(np.concatenate(parts)).to(device).float()


@dataclass(frozen=True, slots=True)
class Distance:
    """How far a candidate's last layer is from the maximum point's, in nats, means over the chosen tokens.

    Attributes:
        cross_entropy: between the two.
        divergence: that less the maximum point's entropy.
        standard_error: of either, from the spread between rows; NaN of a single row.
    """

    cross_entropy: float
    divergence: float
    standard_error: float


def last_states(
    model: Any,  # noqa: ANN401 - transformers is untyped
    rows: TokenRows,
    sight: Sight,
    precision: Precision,
    report: Callable[[float], None] | None = None,
) -> Told:
    """The model's last hidden states at the chosen tokens of rows.

    Args:
        model: the maximum point, on its device; put into evaluation mode.
        rows: the rows.
        sight: which tokens, and whether they are hidden.
        precision: arithmetic of the forward pass.
        report: called now and then with the share done, from 0 to 1.
    """
    model.eval()
    device = next(model.parameters()).device
    by_row: dict[int, NDArray[np.float16]] = {}
    with torch.inference_mode():
        for chosen in by_length(rows, len(rows), MAX_TOKENS):
            states, owners = _states(model, rows, chosen, sight, device, precision)
            found = states.to(torch.float16).cpu().numpy()
            by_row |= {int(row): found[owners == number] for number, row in enumerate(chosen)}
            if report is not None:
                report(len(by_row) / len(rows))
    parts = [by_row[row] for row in range(len(rows))]
    offsets = np.concatenate([[0], np.cumsum([len(part) for part in parts])]).astype(np.int64)
    return Told(rows, np.concatenate(parts), offsets)


def last_layer_objective(
    told: Told,
    maximum: Any,  # noqa: ANN401
    sight: Sight,
    precision: Precision,
) -> Callable[[Any, Batch, int], Mapping[str, Tensor]]:
    """What candidates minimise: the divergence from the maximum point, whose gradient is the cross-entropy's.

    Args:
        told: what the maximum point said of the training rows; batches are of these rows.
        maximum: the maximum point on the batches' device, for its last layer.
        sight: as ``told`` was made with.
        precision: arithmetic of the forward pass; losses are computed in fp32.
    """

    def objective(model: Any, batch: Batch, step: int) -> Mapping[str, Tensor]:  # noqa: ANN401, ARG001 - the shape of an Objective
        device = batch.mask.device
        states, _ = _states(model, told.rows, batch.rows, sight, device, precision)
        with torch.no_grad(), autocast(device, precision):
            target = logits(maximum, told.at(batch.rows, device), sight.last_layer)
        with autocast(device, precision):
            own = logits(model, states, sight.last_layer)
        loss = masked_lm_soft_loss(own, target, sight.temperature)
        return {"total": loss, "soft": loss}

    return objective


def distance(model: Any, told: Told, maximum: Any, sight: Sight, precision: Precision) -> Distance:  # noqa: ANN401
    """How far a candidate is from the maximum point on rows; it is left in the mode it was in.

    Args:
        model: the candidate on its device.
        told: what the maximum point said of the rows.
        maximum: the maximum point on the same device, for its last layer.
        sight: as ``told`` was made with.
        precision: arithmetic of the forward pass; distributions are computed in fp32.
    """
    device = next(model.parameters()).device
    training = model.training
    model.eval()
    crossed, entropies, owners = [], [], []
    try:
        with torch.inference_mode():
            for chosen in by_length(told.rows, len(told.rows), MAX_TOKENS):
                own, owner = _states(model, told.rows, chosen, sight, device, precision)
                other = told.at(chosen, device)
                owners.append(chosen[owner])
                for start in range(0, len(own), PLACES_AT_ONCE):
                    piece = slice(start, start + PLACES_AT_ONCE)
                    with autocast(device, precision):
                        pair = [
                            logits(maximum, other[piece], sight.last_layer),
                            logits(model, own[piece], sight.last_layer),
                        ]
                    target, found = ((said.float() / sight.temperature).log_softmax(-1) for said in pair)
                    crossed.append(-(target.exp() * found).sum(-1).cpu().numpy())
                    entropies.append(-(target.exp() * target).sum(-1).cpu().numpy())
    finally:
        model.train(training)
    return _distance(np.concatenate(crossed), np.concatenate(entropies), np.concatenate(owners))


def logits(model: Any, states: Tensor, last_layer: LastLayer) -> Tensor:  # noqa: ANN401
    """Logits over the vocabulary that a model makes of last hidden states, shape (tokens, vocabulary)."""
    if last_layer == "head":
        return head_logits(model, states)
    words: Tensor = model.get_input_embeddings().weight
    return states @ words.T


def _states(
    model: Any,  # noqa: ANN401
    rows: TokenRows,
    chosen: NDArray[np.int64],
    sight: Sight,
    device: torch.device,
    precision: Precision,
) -> tuple[Tensor, NDArray[np.int64]]:
    """Last hidden states at the chosen tokens of some rows, and which of these rows each belongs to, by number."""
    masked = mask_rows(rows, chosen, sight.vocabulary, seed=SEED, draw=DRAW, probability=sight.probability)
    inputs = make_batch(rows, chosen, device).inputs
    if sight.last_layer == "head":
        inputs["input_ids"] = torch.from_numpy(masked.input_ids).to(device)
    with autocast(device, precision):
        last = encode(model, inputs).last_hidden_state
    states = last.flatten(0, 1).index_select(0, torch.from_numpy(masked.places).to(device))
    return states, masked.places // masked.input_ids.shape[1]


def _distance(
    crossed: NDArray[np.float32], entropies: NDArray[np.float32], owners: NDArray[np.int64]
) -> Distance:
    """Means over tokens; the standard error treats rows as drawn and their tokens as given."""
    mean = float(crossed.mean(dtype=np.float64))
    rows, counts = np.unique(owners, return_counts=True)
    excess = np.array([(crossed[owners == row] - mean).sum(dtype=np.float64) for row in rows])
    spread = math.sqrt(float((excess**2).sum()) * len(rows) / max(1, len(rows) - 1)) / counts.sum()
    divergence = float((crossed - entropies).mean(dtype=np.float64))
    return Distance(mean, max(0.0, divergence), spread if len(rows) > 1 else math.nan)
