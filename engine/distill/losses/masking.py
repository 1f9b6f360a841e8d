"""Dynamic masking for pre-training: which tokens are hidden, drawn anew in each pass, the same for the same seed.

A token's fate depends on the seed, the draw, its row and its place in it alone: not on the batch the row is in, on
padding, on the number of processes or pieces a batch is split into, nor on what was drawn before. So an interrupted
training that goes on masks as one that was never stopped.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.errors import ModelError, SettingError
from engine.tasks.token_rows import TokenRows

MASKED, RANDOM = 0.8, 0.1
"""Shares of the chosen tokens that become the mask and another word; the rest stays as it is (BERT, section 3.1)."""


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """What masking knows of the words.

    Attributes:
        mask_id: the mask token.
        ordinary: ids that are no special tokens, ascending; the only ones that are hidden or put in place of others.
        weights: float64, shape (ids,); how likely each id is chosen, in proportion; 0 for special tokens.
    """

    mask_id: int
    ordinary: NDArray[np.int64]
    weights: NDArray[np.float64]


class MaskedRows(NamedTuple):
    """Rows with hidden tokens, padded.

    Attributes:
        input_ids: int64, shape (rows, length), what the model sees.
        lengths: int64, shape (rows,), tokens of each row.
        places: int64, shape (masks,), ascending; places of the tokens to predict in ``input_ids.ravel()``.
        labels: int64, shape (masks,), what stood there.
    """

    input_ids: NDArray[np.int64]
    lengths: NDArray[np.int64]
    places: NDArray[np.int64]
    labels: NDArray[np.int64]


def read_vocabulary(rows: TokenRows, smoothing: float = 0.0) -> Vocabulary:
    """Vocabulary of the tokenizer the rows were encoded with, and how often its words occur in them.

    Args:
        rows: rows of a corpus, see ``encode_passages``.
        smoothing: 0 chooses among the tokens of a row evenly; s above 0 in proportion to ``max(count, 1) ** -s``, so
            that rare words are hidden more often (XLM and DistilBERT's script: 0.7).

    Raises:
        ModelError: The tokenizer has no mask token.
        SettingError: The smoothing is negative.
    """
    mask_id = rows.settings["mask_token_id"]
    if mask_id is None:
        raise ModelError("the teacher's tokenizer has no mask token; masked LM needs a BERT-like one")
    if not smoothing >= 0:
        raise SettingError(f"mask_smoothing is {smoothing}; it must be 0 or more")
    size = rows.settings["vocabulary"]
    counts = np.bincount(rows.input_ids, minlength=size)
    weights = np.maximum(counts, 1).astype(np.float64) ** -smoothing
    weights[rows.settings["special_ids"]] = 0.0
    return Vocabulary(mask_id, np.flatnonzero(weights[:size]), weights)


def mask_rows(
    rows: TokenRows,
    chosen: NDArray[np.int64],
    vocabulary: Vocabulary,
    *,
    seed: int,
    draw: int,
    probability: float,
) -> MaskedRows:
    """Gather rows, pad them to the longest of them, and hide tokens; see ``mask_batch``."""
    begins = rows.row_offsets[chosen]
    lengths = rows.row_offsets[chosen + 1] - begins
    columns = np.arange(int(lengths.max()))
    inside = columns < lengths[:, None]
    ids = np.where(inside, rows.input_ids[np.where(inside, begins[:, None] + columns, 0)], rows.pad_token_id)
    return mask_batch(
        ids.astype(np.int64), lengths, chosen, vocabulary, seed=seed, draw=draw, probability=probability
    )


def mask_batch(
    input_ids: NDArray[np.int64],
    lengths: NDArray[np.int64],
    numbers: NDArray[np.int64],
    vocabulary: Vocabulary,
    *,
    seed: int,
    draw: int,
    probability: float,
) -> MaskedRows:
    """Hide tokens of padded rows: of the chosen ones 80 % become the mask, 10 % a random word, 10 % stay.

    In each row ``probability`` of its ordinary tokens are chosen, rounded, but at least one; without replacement, in
    proportion to the weights (Efraimidis and Spirakis 2006: the smallest values of ``-log(u) / weight``).

    Args:
        input_ids: shape (rows, length).
        lengths: shape (rows,), tokens of each row; the rest is padding.
        numbers: shape (rows,), what tells rows apart in every batch: their number in the part.
        vocabulary: see ``read_vocabulary``.
        seed: of the training, 0 or more.
        draw: what makes the masks new, 0 or more: the step or the epoch; a fixed one fixes the masks.
        probability: share of the tokens to choose, above 0 and below 1.

    Raises:
        SettingError: The probability is out of its range.
    """
    if not 0 < probability < 1:
        raise SettingError(f"mask_probability is {probability}; it must be above 0 and below 1")
    length = input_ids.shape[1]
    columns = np.arange(length)
    weights = np.where(columns < lengths[:, None], vocabulary.weights[input_ids], 0.0)
    ordinary = (weights > 0).sum(axis=1)
    wanted = np.where(ordinary, np.maximum(np.rint(ordinary * probability), 1), 0)
    choice, fate, word = _uniform(seed, draw, numbers, columns)
    with np.errstate(divide="ignore"):
        order = np.where(weights > 0, -np.log1p(-choice) / weights, np.inf).argsort(axis=1, kind="stable")
    row, rank = np.nonzero(columns < wanted[:, None])
    places = np.sort(row * length + order[row, rank])
    flat = input_ids.ravel()
    labels = flat[places]
    fates = fate.ravel()[places]
    others = vocabulary.ordinary[(word.ravel()[places] * len(vocabulary.ordinary)).astype(np.int64)]
    seen = flat.copy()
    seen[places] = np.where(
        fates < MASKED, vocabulary.mask_id, np.where(fates < MASKED + RANDOM, others, labels)
    )
    return MaskedRows(seen.reshape(input_ids.shape), lengths, places, labels)


def _uniform(
    seed: int, draw: int, numbers: NDArray[np.int64], columns: NDArray[np.int64]
) -> tuple[NDArray[np.float64], ...]:
    """Three independent numbers in [0, 1) for every token, each of shape (rows, columns).

    A counter-based generator: keys from numpy's ``SeedSequence`` and the finaliser of SplitMix64 (Steele, Lea and
    Flood 2014) over row and column, so that any token's numbers can be had without those before it.
    """
    keys = np.random.SeedSequence([seed, draw]).generate_state(3, np.uint64)
    found = []
    for key in keys:
        of_row = _mixed(numbers.astype(np.uint64) + key)
        bits = _mixed(of_row[:, None] + columns.astype(np.uint64))
        found.append((bits >> np.uint64(11)).astype(np.float64) * 2.0**-53)
    return tuple(found)


def _mixed(state: NDArray[np.uint64]) -> NDArray[np.uint64]:
    state = (state + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state ^ (state >> np.uint64(31))
