"""Crops: a part of a text by words or by sentences."""

from __future__ import annotations

import math
from functools import partial

from pydantic import Field

from engine.agora.draws import Draw
from engine.agora.transformations.interface import OneString, Resources, StringSettings
from engine.agora.transformations.registry import register
from engine.agora.words import sentences, split, word_places


def crop_span(text: str, draw: Draw, keep: float) -> str | None:
    """Some words in a row, with what stands between them: at least a share of all, and not all."""
    pieces = split(text)
    places = word_places(pieces)
    run = drawn_run(len(places), keep, draw)
    return None if run is None else "".join(pieces[places[run[0]] : places[run[1] - 1] + 1])


def crop_sentences(text: str, draw: Draw, keep: float) -> str | None:
    """Some sentences in a row: at least a share of all, and not all."""
    spans = sentences(text)
    run = drawn_run(len(spans), keep, draw)
    return None if run is None else text[spans[run[0]][0] : spans[run[1] - 1][1]].strip()


def drawn_run(count: int, keep: float, draw: Draw) -> tuple[int, int] | None:
    """First place and the one behind the last of a run that is at least a share of ``count`` things, and not all."""
    least = max(1, math.ceil(keep * count - 1e-9))
    if least > count - 1:
        return None
    length = least + draw.below(count - least)
    start = draw.below(count - length + 1)
    return start, start + length


@register("span_crop")
class SpanCrop(StringSettings):
    """Keeps some words in a row."""

    keep: float = Field(default=0.6, ge=0, lt=1, description="Least share of the words that stay.")

    def change(self, resources: Resources) -> OneString:  # noqa: ARG002
        """The change of one string."""
        return partial(crop_span, keep=self.keep)


@register("sentence_crop")
class SentenceCrop(StringSettings):
    """Keeps some sentences in a row."""

    keep: float = Field(default=0.5, ge=0, lt=1, description="Least share of the sentences that stay.")

    def change(self, resources: Resources) -> OneString:  # noqa: ARG002
        """The change of one string."""
        return partial(crop_sentences, keep=self.keep)
