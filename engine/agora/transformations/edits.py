"""Deletion, swap and insertion of words."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from pydantic import Field

from engine.agora.draws import Draw
from engine.agora.transformations.interface import OneString, Resources, StringSettings
from engine.agora.transformations.registry import register
from engine.agora.words import exchanged, share_of, split, without, word_places


def delete_words(text: str, draw: Draw, rate: float) -> str | None:
    """Without a share of the words, at least one of which goes and one stays."""
    pieces = split(text)
    places = word_places(pieces)
    if len(places) < 2:
        return None
    count = min(share_of(len(places), rate), len(places) - 1)
    return without(pieces, {places[number] for number in draw.sample(len(places), count)})


def swap_words(text: str, draw: Draw, rate: float, distance: int) -> str | None:
    """With some words exchanged with another that stands up to ``distance`` words behind them."""
    pieces = split(text)
    places = word_places(pieces)
    if len(places) < 2:
        return None
    for number in draw.sample(len(places) - 1, share_of(len(places) - 1, rate)):
        one = places[number]
        other = places[min(number + 1 + draw.below(distance), len(places) - 1)]
        pieces[one], pieces[other] = pieces[other], pieces[one]
    swapped = "".join(pieces)
    return None if swapped == text else swapped


def insert_words(text: str, draw: Draw, rate: float, words: Sequence[str]) -> str | None:
    """With words of a pool, each behind one of the text's own."""
    pieces = split(text)
    places = word_places(pieces)
    if not places or not words:
        return None
    chosen = draw.sample(len(places), share_of(len(places), rate))
    return exchanged(
        pieces, {places[number]: f"{pieces[places[number]]} {draw.choice(words)}" for number in chosen}
    )


@register("deletion")
class Deletion(StringSettings):
    """Removes words."""

    rate: float = Field(default=0.1, gt=0, lt=1, description="Share of the words that go, at least one.")

    def change(self, resources: Resources) -> OneString:  # noqa: ARG002
        """The change of one string."""
        return partial(delete_words, rate=self.rate)


@register("swap")
class Swap(StringSettings):
    """Exchanges words of the text with each other."""

    rate: float = Field(default=0.1, gt=0, le=1, description="Share of the words that move, at least one.")
    distance: int = Field(default=1, ge=1, description="Most words between the places of two that swap.")

    def change(self, resources: Resources) -> OneString:  # noqa: ARG002
        """The change of one string."""
        return partial(swap_words, rate=self.rate, distance=self.distance)


@register("insertion")
class Insertion(StringSettings):
    """Adds words of the training data, frequent ones more often."""

    rate: float = Field(default=0.1, gt=0, le=1, description="Added words for each word, at least one.")

    def change(self, resources: Resources) -> OneString:
        """The change of one string."""
        return partial(insert_words, rate=self.rate, words=resources.pools.words)
