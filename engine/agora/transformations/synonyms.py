"""Replacement of words by synonyms or antonyms, from a table or from a model's embeddings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from pydantic import Field

from engine.agora.draws import Draw
from engine.agora.transformations.interface import OneString, Resources, StringSettings, neighbours_for
from engine.agora.transformations.registry import register
from engine.agora.transformations.tables import read_table
from engine.agora.words import content_places, exchanged, share_of, split

Lookup = Callable[[str], Sequence[str]]
"""What may take a word's place; nothing for a word that is not known."""


def replace_words(text: str, draw: Draw, rate: float, lookup: Lookup) -> str | None:
    """With a share of the content words replaced, as far as something may take their place."""
    pieces = split(text)
    places = content_places(pieces)
    wanted = share_of(len(places), rate)
    words: dict[int, str] = {}
    for number in draw.order([1.0] * len(places)):
        if len(words) == wanted:
            break
        place = places[number]
        if others := lookup(pieces[place]):
            words[place] = draw.choice(others)
    return exchanged(pieces, words) if words else None


def table_lookup(path: str, senses: int) -> Lookup:
    """A lookup in a file.

    Raises:
        SettingError: The file cannot be used.
    """
    table = read_table(path, senses)
    return lambda word: table.get(word.casefold(), ())


@register("synonyms")
class Synonyms(StringSettings):
    """Replaces content words by others that mean about the same."""

    rate: float = Field(default=0.15, gt=0, le=1, description="Share of the content words, at least one.")
    table: str | None = Field(
        default=None,
        description="File of synonyms, 'word<TAB>other|other' in each line or JSON; without one, words whose vectors "
        "in the teacher's embedding are near.",
    )
    senses: int = Field(
        default=2, ge=0, description="Senses of a word taken from a table that ranks them; 0 takes all."
    )
    neighbours: int = Field(default=8, ge=1, description="Without a table: nearest words to draw from.")
    least_cosine: float = Field(
        default=0.4, ge=-1, le=1, description="Without a table: words less near than this are left out."
    )

    @property
    def needs_neighbours(self) -> bool:
        """Whether it draws from a model's embeddings."""
        return self.table is None

    def change(self, resources: Resources) -> OneString:
        """The change of one string."""
        if self.table is not None:
            return partial(replace_words, rate=self.rate, lookup=table_lookup(self.table, self.senses))
        near = neighbours_for(self.name, resources).near
        return partial(
            replace_words, rate=self.rate, lookup=lambda word: near(word, self.neighbours, self.least_cosine)
        )


@register("antonyms")
class Antonyms(StringSettings):
    """Replaces one content word by its opposite, which often turns the label over."""

    table: str = Field(description="File of antonyms, 'word<TAB>other|other' in each line or JSON.")
    rate: float = Field(
        default=0.01,
        gt=0,
        le=1,
        description="Share of the content words, at least one; the default means one.",
    )

    def change(self, resources: Resources) -> OneString:  # noqa: ARG002
        """The change of one string."""
        return partial(replace_words, rate=self.rate, lookup=table_lookup(self.table, 0))
