"""Replacement of words by what a masked language model guesses in their place, many texts at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from engine.agora.draws import Draw
from engine.agora.words import cased_like, content_places, split


class Masked(NamedTuple):
    """A text with one word hidden: what stands before and behind it."""

    before: str
    behind: str


class Guess(NamedTuple):
    """A word for the hidden place, with its probability."""

    word: str
    probability: float


Fill = Callable[[Sequence[Masked]], list[list[Guess]]]
"""Guesses for each text, the likeliest first; see ``engine.agora.masked_lm.load_fill``."""


def fill_words(
    texts: Sequence[str], draws: Sequence[Draw], counts: Sequence[int], fill: Fill, candidates: int
) -> list[str | None]:
    """Each text with some of its content words replaced one after the other, so that each guess sees the last.

    Args:
        texts: the texts.
        draws: one for each text.
        counts: how many words of each are replaced, at most.
        fill: the model.
        candidates: of how many guesses, other than the word itself, one is drawn by its probability.

    Returns:
        None for a text in which nothing could be replaced.
    """
    pieces = [split(text) for text in texts]
    orders = []
    for parts, draw, count in zip(pieces, draws, counts, strict=True):
        places = content_places(parts)
        orders.append([places[number] for number in draw.sample(len(places), count)])
    changed = [False] * len(texts)
    for turn in range(max(map(len, orders), default=0)):
        asked = [number for number, places in enumerate(orders) if turn < len(places)]
        guesses = fill([_masked(pieces[number], orders[number][turn]) for number in asked])
        for number, found in zip(asked, guesses, strict=True):
            place = orders[number][turn]
            word = pieces[number][place]
            others = [guess for guess in found if guess.word.casefold() != word.casefold()][:candidates]
            others = [guess for guess in others if guess.probability > 0]
            if others:
                chosen = draws[number].order([guess.probability for guess in others])[0]
                pieces[number][place] = cased_like(word, others[chosen].word)
                changed[number] = True
    return ["".join(parts) if done else None for parts, done in zip(pieces, changed, strict=True)]


def _masked(pieces: Sequence[str], place: int) -> Masked:
    return Masked("".join(pieces[:place]), "".join(pieces[place + 1 :]))
