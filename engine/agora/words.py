"""Splits a text into words and what stands between them, so that words can be changed and the rest left as it was."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping, Sequence

_PIECE = re.compile(r"(?:[^\W\d_]\.){2,}|\d+(?:[.,:]\d+)*\w*|\w+(?:['\u2019-]\w+)*|\s+|[^\w\s]")
_SENTENCE_GAP = re.compile(
    r"(?:(?<=\s[.!?])|(?<=[.!?])(?=\s+[\"'(\[]*[A-Z0-9])|(?<=[.!?][\"')\]])(?=\s+[\"'(\[]*[A-Z0-9]))\s+"
)
_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:[A-Z]|Mr|Mrs|Ms|Dr|Prof|St|Jr|Sr|Gen|Sen|Rep|Gov|No|vs|Inc|Corp|Co|Ltd|etc|[A-Z]\.[A-Z])\.$"
)

FUNCTION_WORDS = frozenset(
    """
    a about above after again against all am an and any are as at be because been before being below between both
    but by can could did do does doing down during each either else ever every few for from further had has have
    having he her here hers herself him himself his how however i if in into is it its itself just many may me might
    more most much must my myself neither never no nor not of off on once one only onto or other our ours ourselves
    out over own per same shall she should since so some such than that the their theirs them themselves then there
    these they this those though through thus to too under until up upon us very was we were what when where whether
    which while who whom whose why will with within without would yes yet you your yours yourself yourselves
    """.split()
)
"""English words that hold a sentence together; replacing them by what a dictionary offers wrecks it."""


def split(text: str) -> list[str]:
    """Words, white space and punctuation marks in order; joined they are the text again."""
    return _PIECE.findall(text)


def is_word(piece: str) -> bool:
    """Whether a piece is a word or number."""
    return piece[0].isalnum() or piece[0] == "_"


def is_number(piece: str) -> bool:
    """Whether a piece begins with a digit, as in 1987, 2.5 and 3rd."""
    return piece[0].isdecimal()


def word_places(pieces: Sequence[str]) -> list[int]:
    """Where among the pieces the words and numbers are."""
    return [place for place, piece in enumerate(pieces) if is_word(piece)]


def content_places(pieces: Sequence[str]) -> list[int]:
    """Where the words are that say something: no numbers, no function words, at least three letters."""
    return [
        place
        for place, piece in enumerate(pieces)
        if is_word(piece)
        and not is_number(piece)
        and len(piece) > 2
        and piece.casefold() not in FUNCTION_WORDS
    ]


def share_of(count: int, rate: float) -> int:
    """How many of ``count`` things a rate means, halves rounded up; at least one, at most all."""
    return min(count, max(1, math.floor(rate * count + 0.5)))


def exchanged(pieces: Sequence[str], words: Mapping[int, str]) -> str:
    """The text with other words in some places, each in the letter case of the one it replaces."""
    return "".join(
        cased_like(piece, words[place]) if place in words else piece for place, piece in enumerate(pieces)
    )


def without(pieces: Sequence[str], places: Collection[int]) -> str:
    """The text without some pieces, and without the white space that each leaves."""
    kept: list[str] = []
    for place, piece in enumerate(pieces):
        if place in places:
            if kept and kept[-1].isspace():
                kept.pop()
        else:
            kept.append(piece)
    return "".join(kept).strip()


def cased_like(model: str, word: str) -> str:
    """The word in capitals or with a capital where the model has them."""
    if len(model) > 1 and model.isupper():
        return word.upper()
    return word[:1].upper() + word[1:] if model[0].isupper() else word


def sentences(text: str) -> list[tuple[int, int]]:
    """Where sentences begin and end, in characters; together they are the whole text, white space included.

    A sentence ends at a full stop, question or exclamation mark before a capital or a number, or at one that has
    white space around it, as in texts split into tokens. A few frequent abbreviations end none.
    """
    starts = [0]
    for gap in _SENTENCE_GAP.finditer(text):
        if not _ABBREVIATION.search(text[starts[-1] : gap.start()]) and gap.end() < len(text):
            starts.append(gap.end())
    return list(zip(starts, [*starts[1:], len(text)], strict=True)) if text else []
