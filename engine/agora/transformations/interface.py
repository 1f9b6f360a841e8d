"""What a transformation is, what it may draw from besides the text, and its settings as TOML gives them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from pydantic import Field

from engine.agora.draws import Draw
from engine.agora.texts import Text
from engine.agora.transformations.masked import Fill
from engine.agora.transformations.neighbours import Neighbours
from engine.agora.transformations.pools import Pools
from engine.errors import SettingError
from engine.spec_sections import Section

OneText = Callable[[Text, Draw], Text | None]
"""A transformation of one example; None where it is not applicable."""

OneString = Callable[[str, Draw], str | None]
"""A change of one string; None where it is not applicable."""

Transformation = Callable[[Sequence[Text], Sequence[Draw]], list[Text | None]]
"""A transformation of many examples at once, one result each: models are asked in batches. See ``each``."""

OneSide = Literal["first", "second"]

Side = Literal["either", "first", "second", "both"]
"""Which text of a pair is changed. Of a single text and of a question with its context it is always the first."""


@dataclass(frozen=True, slots=True)
class Resources:
    """What transformations draw from besides the text. All of it is of the training data, never of the evaluation data.

    Attributes:
        pools: Words, names, numbers and contexts of the training data.
        neighbours: Words that are near each other by a model's embeddings; None where there is no model.
        fills: Guesses of hidden words, by the name of the model in the settings.
    """

    pools: Pools = field(default_factory=Pools)
    neighbours: Neighbours | None = None
    fills: Mapping[str, Fill] = field(default_factory=dict)


class TransformationSettings(Section, ABC):
    """One entry of ``[[agora.transformations]]``."""

    name: str = Field(description="Which transformation.")
    weight: float = Field(default=1.0, gt=0, description="How often it is tried, against the others.")

    @property
    def needs_neighbours(self) -> bool:
        """Whether it draws from a model's embeddings."""
        return False

    @property
    def needs_model(self) -> str | None:
        """The model it asks for hidden words."""
        return None

    @abstractmethod
    def build(self, resources: Resources) -> Transformation:
        """The transformation.

        Raises:
            SettingError: Something it needs is not among the resources, or a file cannot be read.
        """


class StringSettings(TransformationSettings):
    """Settings of a transformation that changes a string and knows nothing of pairs."""

    side: Side = Field(
        default="either", description="Which text of a pair: either (drawn each time), first, second or both."
    )

    @abstractmethod
    def change(self, resources: Resources) -> OneString:
        """The change of one string."""

    def build(self, resources: Resources) -> Transformation:
        """The change, on the side of the settings."""
        return each(on_side(self.change(resources), self.side))


def each(change: OneText) -> Transformation:
    """The transformation that takes one example after the other."""
    return lambda texts, draws: [change(text, draw) for text, draw in zip(texts, draws, strict=True)]


def on_side(change: OneString, side: Side) -> OneText:
    """A change of strings as one of examples.

    With "either" the other text is taken where the drawn one cannot be changed; with "both" both have to be.
    """

    def changed(text: Text, draw: Draw) -> Text | None:
        new = text
        for name in sides_of(text, side, draw):
            string = change(string_of(text, name), draw)
            if string and side != "both":
                return with_string(text, name, string)
            if not string and side == "both":
                return None
            if string:
                new = with_string(new, name, string)
        return new if side == "both" else None

    return changed


def sides_of(text: Text, side: Side, draw: Draw) -> tuple[OneSide, ...]:
    """The texts to change, in the order to try them in."""
    if text.second is None or text.answers is not None:
        return ("first",)
    if side == "first" or side == "second":
        return (side,)
    if side == "either" and draw.below(2):
        return ("second", "first")
    return ("first", "second")


def string_of(text: Text, side: OneSide) -> str:
    """One of the texts."""
    return text.first if side == "first" else text.second or ""


def with_string(text: Text, side: OneSide, string: str) -> Text:
    """The example with another string as one of its texts."""
    return replace(text, first=string) if side == "first" else replace(text, second=string)


def neighbours_for(name: str, resources: Resources) -> Neighbours:
    """The neighbours among the resources.

    Raises:
        SettingError: There are none.
    """
    if resources.neighbours is None:
        raise SettingError(
            f"transformation {name!r} has no table and there is no model whose embeddings could take its place; "
            "set its table to the path of a file"
        )
    return resources.neighbours
