"""Puts a negation into a text or takes one out."""

from __future__ import annotations

from collections.abc import Sequence

from engine.agora.draws import Draw
from engine.agora.transformations.interface import OneString, Resources, StringSettings
from engine.agora.transformations.registry import register
from engine.agora.words import cased_like, exchanged, is_word, split, without, word_places

AUXILIARIES = frozenset(
    "am are can could did do does had has have is may might must shall should was were will would".split()
)
"""Verbs that "not" may follow."""

NEGATIONS = frozenset("not n't n\u2019t never".split())
"""Words whose removal turns the sense over."""

AFFIRMED = {
    "cannot": "can",
    "can't": "can",
    "won't": "will",
    "shan't": "shall",
    "ain't": "is",
    "without": "with",
    "nobody": "somebody",
    "nothing": "something",
    "nowhere": "somewhere",
    "none": "some",
    "no": "some",
}
"""Words with a negation in them, and those without."""

_CONTRACTED = ("n't", "n\u2019t")


def negate(text: str, draw: Draw) -> str | None:
    """With one negation more or less, drawn among all places where that is possible; None where there is none.

    "not" is put behind an auxiliary verb that does not begin the text and is not negated already. Taken away are "not",
    "n't" and "never", also as a part of a word; words such as "without" become their opposites.
    """
    pieces = split(text)
    places = word_places(pieces)
    changes = [
        changed
        for number, place in enumerate(places)
        if (changed := _changed(pieces, places, number, place)) is not None
    ]
    return draw.choice(changes) if changes else None


def _changed(pieces: Sequence[str], places: Sequence[int], number: int, place: int) -> str | None:
    word = pieces[place].casefold()
    if word in NEGATIONS:
        return without(pieces, {place}) or None
    if (plain := _affirmed(word)) is not None:
        return exchanged(pieces, {place: plain})
    follows = pieces[places[number + 1]].casefold() if number + 1 < len(places) else ""
    if word in AUXILIARIES and number > 0 and follows not in NEGATIONS:
        return "".join([*pieces[: place + 1], " ", cased_like(pieces[place], "not"), *pieces[place + 1 :]])
    return None


def _affirmed(word: str) -> str | None:
    plain = AFFIRMED.get(word.replace("\u2019", "'"))
    if plain is None and word.endswith(_CONTRACTED) and is_word(word):
        return word[: -len(_CONTRACTED[0])] or None
    return plain


@register("negation")
class Negation(StringSettings):
    """Puts a "not" in, or takes a negation out."""

    def change(self, resources: Resources) -> OneString:  # noqa: ARG002
        """The change of one string."""
        return negate
