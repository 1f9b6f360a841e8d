"""Words that are near each other in a model's embedding matrix, which need no file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import ModelError

_CONTINUES = "##"
_BEGINS = ("Ġ", "▁")
"""Marks of tokenizers: in front of a piece that goes on a word, and of one that begins a word."""


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Whole words with their directions.

    Attributes:
        words: In lower case, each once.
        directions: Their vectors at length 1, shape (words, width).
    """

    words: tuple[str, ...]
    directions: NDArray[np.float32]
    _places: dict[str, int] = field(init=False, repr=False, compare=False)
    _found: dict[tuple[str, int, float], tuple[str, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_places", {word: place for place, word in enumerate(self.words)})
        object.__setattr__(self, "_found", {})

    def near(self, word: str, count: int, least: float) -> tuple[str, ...]:
        """Up to ``count`` other words whose cosine is at least ``least``, the nearest first."""
        asked = (word.casefold(), count, least)
        if asked not in self._found:
            self._found[asked] = self._search(*asked)
        return self._found[asked]

    def _search(self, word: str, count: int, least: float) -> tuple[str, ...]:
        place = self._places.get(word)
        if place is None:
            return ()
        cosines = self.directions @ self.directions[place]
        cosines[place] = -np.inf
        # Sorting thirty thousand words for the nearest eight would take most of the time.
        nearest = np.sort(np.argpartition(-cosines, min(count, len(cosines)) - 1)[:count])
        best = nearest[np.argsort(-cosines[nearest], kind="stable")]
        return tuple(self.words[number] for number in best if cosines[number] >= least)


def make_neighbours(vectors: NDArray[Any], tokens: Sequence[str]) -> Neighbours:
    """Neighbours by the rows of an embedding matrix, of those tokens that are whole words.

    Args:
        vectors: shape (tokens, width).
        tokens: the vocabulary in the order of the rows, as the tokenizer has it.

    Raises:
        ModelError: The two do not fit, or no token is a whole word.
    """
    if vectors.ndim != 2 or len(vectors) < len(tokens):
        raise ModelError(f"embeddings of shape {vectors.shape} do not belong to {len(tokens)} tokens")
    rows: dict[str, int] = {}
    for row, word in whole_words(tokens).items():
        # Of a word and its capitalised form the one in lower case counts.
        if word.islower() or word.casefold() not in rows:
            rows[word.casefold()] = row
    if not rows:
        raise ModelError(
            "no token of the model's vocabulary is a whole word, so it has no neighbours; give a table instead"
        )
    chosen = vectors[list(rows.values())].astype(np.float32)
    lengths = np.linalg.norm(chosen, axis=1, keepdims=True)
    return Neighbours(tuple(rows), chosen / np.maximum(lengths, np.finfo(np.float32).tiny))


def whole_words(tokens: Sequence[str]) -> dict[int, str]:
    """The tokens that are words of two letters or more by themselves, by their number.

    Vocabularies mark either the pieces that go on a word (``##ing``) or those that begin one (``Ġthe``, ``▁the``).
    In those with Ġ other letters than ASCII are bytes in disguise and left out.
    """
    begins = next((mark for mark in _BEGINS if any(token.startswith(mark) for token in tokens)), "")
    found: dict[int, str] = {}
    for number, token in enumerate(tokens):
        if not token.startswith(begins) or token.startswith(_CONTINUES):
            continue
        word = token.removeprefix(begins)
        if len(word) > 1 and word.isalpha() and (begins != _BEGINS[0] or word.isascii()):
            found[number] = word
    return found
