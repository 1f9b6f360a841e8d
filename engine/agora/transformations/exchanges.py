"""Exchange of names and numbers with others of the same training data."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial

from pydantic import Field

from engine.agora.draws import Draw
from engine.agora.texts import Text
from engine.agora.transformations.interface import (
    Resources,
    Side,
    Transformation,
    TransformationSettings,
    each,
    sides_of,
    string_of,
)
from engine.agora.transformations.pools import name_spans, shape
from engine.agora.transformations.registry import register
from engine.agora.words import is_number, split

Find = Callable[[str], list[str]]
"""What of a text may be exchanged, in the order of the text."""

Others = Callable[[str], Sequence[str]]
"""What may take the place of something found."""


def numbers_in(text: str) -> list[str]:
    """The numbers of a text."""
    return [piece for piece in split(text) if is_number(piece)]


def names_in(text: str, known: Collection[str] = ()) -> list[str]:
    """The names of a text; a word that begins a sentence is one if it is known as such."""
    pieces = split(text)
    spans = name_spans(pieces)
    found = {first: "".join(pieces[first : last + 1]) for first, last in spans}
    inside = {place for first, last in spans for place in range(first, last + 1)}
    found.update(
        {place: piece for place, piece in enumerate(pieces) if place not in inside and piece in known}
    )
    return [found[place] for place in sorted(found)]


def exchange_one(
    text: Text, draw: Draw, find: Find, others: Others, side: Side, *, everywhere: bool
) -> Text | None:
    """One name or number of one side exchanged, wherever it stands on that side.

    Args:
        text: the example.
        draw: chooses.
        find: what may be exchanged.
        others: what may take its place.
        side: where to look; "both" looks on both.
        everywhere: whether the other text of a pair is changed too where it has the same.
    """
    sides = sides_of(text, side, draw)
    for name in sides:
        found = list(dict.fromkeys(find(string_of(text, name))))
        for number in draw.order([1.0] * len(found)):
            old = found[number]
            if choices := [other for other in others(old) if other != old]:
                new = draw.choice(choices)
                both = everywhere and text.second is not None and text.answers is None
                return replace(
                    text,
                    first=_put(text.first, old, new) if both or name == "first" else text.first,
                    second=_put(text.second or "", old, new) if both or name == "second" else text.second,
                )
    return None


def _put(text: str, old: str, new: str) -> str:
    """Every ``old`` exchanged where it stands as whole pieces."""
    pieces, wanted = split(text), split(old)
    put: list[str] = []
    place = 0
    while place < len(pieces):
        if pieces[place : place + len(wanted)] == wanted:
            put.append(new)
            place += len(wanted)
        else:
            put.append(pieces[place])
            place += 1
    return "".join(put)


class ExchangeSettings(TransformationSettings):
    """Settings that exchanges of names and of numbers have in common."""

    side: Side = Field(
        default="either",
        description="Where in a pair: either (drawn each time), first, second or both in turn.",
    )
    everywhere: bool = Field(
        default=False,
        description="Exchange it in the other text of a pair too where it stands there, which keeps most labels.",
    )

    def _exchange(self, find: Find, others: Others) -> Transformation:
        return each(
            partial(exchange_one, find=find, others=others, side=self.side, everywhere=self.everywhere)
        )


@register("names")
class Names(ExchangeSettings):
    """Exchanges a name with another one of the training data."""

    def build(self, resources: Resources) -> Transformation:
        """The transformation."""
        names = resources.pools.names
        return self._exchange(partial(names_in, known=frozenset(names)), lambda _: names)


@register("numbers")
class Numbers(ExchangeSettings):
    """Exchanges a number with another one of the training data that has as many digits."""

    def build(self, resources: Resources) -> Transformation:
        """The transformation."""
        numbers: Mapping[str, Sequence[str]] = resources.pools.numbers
        return self._exchange(numbers_in, lambda number: numbers.get(shape(number), ()))
