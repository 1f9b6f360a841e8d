"""Short ways to generated examples for the tests of this folder."""

from __future__ import annotations

from engine.agora.examples import Generated, Mistake, Verdict, generated_id
from engine.agora.texts import Label, Text


def mistake(parent: str, first: str, label: Label = 0, second: str | None = None) -> Mistake:
    return Mistake(parent, Text(first, second), label)


def generated(
    number: int, first: str, label: Label | None = None, confidence: float | None = 0.9, parent: Label = 0
) -> Generated:
    """The ``number``-th example of a mistake "the parent text"."""
    return Generated(
        generated_id(1, "p", number),
        1,
        "deletion",
        mistake("p", "the parent text", parent),
        Text(first),
        None if label is None else Verdict(label, confidence),
    )
