"""Words, names, numbers and contexts of the training data, which transformations take from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from engine.agora.texts import Text
from engine.agora.words import FUNCTION_WORDS, is_number, is_word, split

POOL_TEXTS = 20_000
"""Examples that pools are made of; more would make them larger and no better."""

_SENTENCE_MARKS = frozenset(".!?:;\"'`(\u201c\u201d\u2018\u2019")


@dataclass(frozen=True, slots=True)
class Pools:
    """What was found in the texts.

    Attributes:
        words: Every content word as often as it occurs, so that draws are by frequency.
        names: Distinct names of people, places and things.
        numbers: Distinct numbers by their shape, such as 0000 and 0.0.
        contexts: Distinct contexts that answers are looked for in.
    """

    words: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    numbers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    contexts: tuple[str, ...] = ()


def make_pools(texts: Iterable[Text]) -> Pools:
    """Pools of the first ``POOL_TEXTS`` texts; draw them beforehand if their order means something."""
    words: list[str] = []
    names: dict[str, None] = {}
    numbers: dict[str, dict[str, None]] = {}
    contexts: dict[str, None] = {}
    for text, _ in zip(texts, range(POOL_TEXTS), strict=False):
        for string in (text.first, text.second or ""):
            pieces = split(string)
            for piece in pieces:
                if is_number(piece):
                    numbers.setdefault(shape(piece), {})[piece] = None
                elif is_word(piece) and len(piece) > 2 and piece.casefold() not in FUNCTION_WORDS:
                    words.append(piece)
            for first, last in name_spans(pieces):
                names["".join(pieces[first : last + 1])] = None
        if text.answers is not None and text.second:
            contexts[text.second] = None
    return Pools(
        tuple(words),
        tuple(names),
        {form: tuple(found) for form, found in numbers.items()},
        tuple(contexts),
    )


def shape(number: str) -> str:
    """A number with 0 for each digit: numbers of one shape, such as years, can stand for each other."""
    return re.sub(r"\d", "0", number)


def name_spans(pieces: Sequence[str]) -> list[tuple[int, int]]:
    """First and last piece of each name: a run of capitalised words that does not begin a sentence.

    A run that begins a sentence counts without its first word, whose capital says nothing.
    """
    spans: list[tuple[int, int]] = []
    begins = True
    last_word = -2
    for place, piece in enumerate(pieces):
        if piece.isspace():
            continue
        if _capitalised(piece) and not begins:
            if spans and spans[-1][1] == last_word and pieces[last_word + 1 : place] == [" "]:
                spans[-1] = (spans[-1][0], place)
            else:
                spans.append((place, place))
        last_word = place
        begins = piece in _SENTENCE_MARKS
    return spans


def _capitalised(piece: str) -> bool:
    return piece[0].isupper() and len(piece) > 1 and piece.casefold() not in FUNCTION_WORDS
