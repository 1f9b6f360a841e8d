"""What pre-training minimises: masked LM, and what a teacher that sees the same masked input says of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.distill.losses.masked_lm_losses import masked_lm_loss, masked_lm_soft_loss
from engine.distill.losses.masked_lm_model import check_masked_lm, encode, vocabulary_logits
from engine.distill.losses.masked_lm_weights import MaskedLMWeights
from engine.distill.losses.masking import MaskedRows, Vocabulary, mask_rows
from engine.distill.losses.matching import MatchWeights, States, matches, show_attention
from engine.distill.training.batches import Batch
from engine.distill.training.precision import Precision, autocast
from engine.errors import SettingError
from engine.tasks.token_rows import TokenRows


@dataclass(frozen=True, slots=True)
class MaskedLMData:
    """What is hidden from the models.

    Attributes:
        rows: the training rows.
        vocabulary: of the tokenizer, see ``read_vocabulary``.
        seed: of the masks.
        probability: share of the tokens that is hidden.
    """

    rows: TokenRows
    vocabulary: Vocabulary
    seed: int
    probability: float = 0.15

    def masked(self, chosen: NDArray[np.int64], step: int) -> MaskedRows:
        """The chosen rows as the models see them at a step."""
        return mask_rows(
            self.rows, chosen, self.vocabulary, seed=self.seed, draw=step, probability=self.probability
        )


@dataclass(frozen=True, slots=True)
class _Setup:
    """The arguments of ``masked_lm_objective``; there is no teacher where none is needed."""

    data: MaskedLMData
    weights: MaskedLMWeights
    compared: MatchWeights
    precision: Precision
    teacher: Any | None
    layers: Sequence[int] | None
    units: Tensor | None


class _Said(NamedTuple):
    """What a model says of a masked batch: its inner states, and logits of the chosen tokens."""

    states: States
    logits: Tensor | None


def masked_lm_objective(
    data: MaskedLMData,
    weights: MaskedLMWeights,
    precision: Precision,
    teacher: Any | None = None,  # noqa: ANN401 - transformers is untyped
    *,
    layers: Sequence[int] | None = None,
    units: Tensor | None = None,
) -> Callable[[Any, Batch, int], Mapping[str, Tensor]]:
    """Losses of a model on a batch at an optimiser step; the masks are drawn anew in each.

    ``total`` is the weighted sum of the others, all scalars: ``hard`` (the hidden words), and where their weights
    are above 0 ``soft``, ``cosine``, ``hidden`` and ``attention``. The teacher runs in every step, in the student's
    precision, since no cache could hold what it says of every mask.

    Args:
        data: the rows and how they are masked; batches are of these rows.
        weights: see ``METHODS``.
        precision: arithmetic of the forward passes; losses are computed in fp32.
        teacher: a masked-LM model on the batches' device; put into evaluation mode, and with ``alpha_attention``
            above 0 into eager attention.
        layers: the teacher layer behind each student layer; None spreads them evenly (``matched_layers``).
        units: the teacher's units behind the student's, where their widths differ (``cosine_loss``).

    Raises:
        SettingError: A weight asks for a teacher and there is none, or a weight is negative.
        ModelError: The teacher has no masked-LM head.
    """
    _check(weights, teacher)
    compared = MatchWeights(weights.alpha_cos, weights.alpha_hidden, weights.alpha_attention)
    guide = teacher if weights.need_teacher else None
    if guide is not None:
        check_masked_lm(guide)
        guide.eval()
    return partial(_losses, _Setup(data, weights, compared, precision, guide, layers, units))


def _losses(setup: _Setup, model: Any, batch: Batch, step: int) -> Mapping[str, Tensor]:  # noqa: ANN401
    device, weights = batch.mask.device, setup.weights
    masked = setup.data.masked(batch.rows, step)
    inputs = {**batch.inputs, "input_ids": _moved(masked.input_ids, device)}
    everywhere = weights.soft_everywhere
    places = _moved(_attended(masked) if everywhere else masked.places, device)
    own = _ask(setup, model, inputs, places)
    assert own.logits is not None
    words = own.logits
    if everywhere:
        hidden = np.searchsorted(_attended(masked), masked.places)
        words = words.index_select(0, _moved(hidden, device))
    hard = masked_lm_loss(words, _moved(masked.labels, device))
    losses, total = {"hard": hard}, weights.alpha_mlm * hard
    if setup.teacher is not None:
        # Not inference mode: its tensors cannot be kept for the student's backward pass.
        with torch.no_grad():
            told = _ask(setup, setup.teacher, inputs, places if weights.alpha_ce > 0 else None)
        parts = matches(own.states, told.states, batch.mask, setup.compared, setup.layers, setup.units)
        if told.logits is not None:
            soft = masked_lm_soft_loss(own.logits, told.logits, weights.temperature)
            parts = {"soft": (weights.alpha_ce, soft), **parts}
        for name, (weight, loss) in parts.items():
            losses[name] = loss
            total = total + weight * loss
    return {"total": total, **losses}


def _check(weights: MaskedLMWeights, teacher: Any | None) -> None:  # noqa: ANN401
    for name in ("alpha_ce", "alpha_mlm", "alpha_cos", "alpha_hidden", "alpha_attention"):
        if not getattr(weights, name) >= 0:
            raise SettingError(f"{name} is {getattr(weights, name)}; it must be 0 or more")
    if not (weights.need_teacher or weights.alpha_mlm > 0):
        raise SettingError("every weight of pre-training is 0; set alpha_mlm or alpha_ce above 0")
    if weights.need_teacher and teacher is None:
        raise SettingError(
            "these weights of pre-training compare with a teacher but there is none; give one, or use the method mlm"
        )


def _attended(masked: MaskedRows) -> NDArray[np.int64]:
    """Places of all tokens that are not padding."""
    return np.flatnonzero(np.arange(masked.input_ids.shape[1]) < masked.lengths[:, None])


def _moved(values: NDArray[np.int64], device: torch.device) -> Tensor:
    """Numbers found on the host, sent without waiting for the device."""
    return torch.from_numpy(values).to(device, non_blocking=True)


def _ask(setup: _Setup, model: Any, inputs: dict[str, Tensor], places: Tensor | None) -> _Said:  # noqa: ANN401
    """Run a model; without places its head is left out."""
    compared = setup.compared
    if compared.attention > 0:
        show_attention(model)
    with autocast(inputs["input_ids"].device, setup.precision):
        encoded = encode(model, inputs, states=compared.hidden > 0, attention=compared.attention > 0)
        last = encoded.last_hidden_state
        logits = None if places is None else vocabulary_logits(model, last, places)
    return _Said(States(last, (encoded.hidden_states or ())[1:], encoded.attentions or ()), logits)
