"""The masked language model as a transformation of examples, with its settings."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from pydantic import Field

from engine.agora.draws import Draw
from engine.agora.texts import Text
from engine.agora.transformations.interface import (
    Resources,
    Side,
    Transformation,
    TransformationSettings,
    sides_of,
    string_of,
    with_string,
)
from engine.agora.transformations.masked import Fill, fill_words
from engine.agora.transformations.registry import register
from engine.agora.words import content_places, share_of, split
from engine.errors import SettingError


def replace_by_guesses(
    texts: Sequence[Text],
    draws: Sequence[Draw],
    fill: Fill,
    rate: float,
    candidates: int,
    side: Side,
) -> list[Text | None]:
    """Examples with a share of the content words of a side replaced by guesses; all are asked together.

    Of a pair with "either" one side is drawn; the other is not tried.
    """
    sides = [sides_of(text, side, draw) for text, draw in zip(texts, draws, strict=True)]
    sides = [names if side == "both" else names[:1] for names in sides]
    asked = [(number, name) for number, names in enumerate(sides) for name in names]
    strings = [string_of(texts[number], name) for number, name in asked]
    counts = [share_of(len(content_places(split(string))), rate) for string in strings]
    filled = fill_words(strings, [draws[number] for number, _ in asked], counts, fill, candidates)
    changed: list[Text | None] = list(texts)
    for (number, name), string in zip(asked, filled, strict=True):
        text = changed[number]
        changed[number] = None if text is None or string is None else with_string(text, name, string)
    return changed


@register("masked_lm")
class MaskedReplacement(TransformationSettings):
    """Replaces words by what a masked language model guesses in their place."""

    model: str = Field(description="A folder or hub name of a model with a masked language model head.")
    rate: float = Field(default=0.15, gt=0, le=1, description="Share of the content words, at least one.")
    candidates: int = Field(
        default=10, ge=1, le=100, description="Likeliest guesses, of which one is drawn by its probability."
    )
    side: Side = Field(
        default="either", description="Which text of a pair: either (drawn each time), first, second or both."
    )

    @property
    def needs_model(self) -> str | None:
        """The model it asks."""
        return self.model

    def build(self, resources: Resources) -> Transformation:
        """The transformation.

        Raises:
            SettingError: The model is not among the resources.
        """
        fill = resources.fills.get(self.model)
        if fill is None:
            raise SettingError(f"transformation {self.name!r}: the model {self.model} has not been loaded")
        return partial(
            replace_by_guesses, fill=fill, rate=self.rate, candidates=self.candidates, side=self.side
        )
