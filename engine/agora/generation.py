"""Makes examples of mistakes with transformations, the same ones whatever order the mistakes come in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from engine.agora.draws import Draw
from engine.agora.examples import Generated, Mistake, generated_id
from engine.agora.texts import Text, text_key
from engine.agora.transformations.interface import Resources, Transformation, TransformationSettings
from engine.tasks.drawing import rank


class Change(NamedTuple):
    """A transformation that is ready to be used, with its name and how often it is tried against others."""

    name: str
    weight: float
    apply: Transformation


class Slot(NamedTuple):
    """Place of one example to be made: the mistake it is made of, and which of that mistake's examples it is."""

    mistake: Mistake
    number: int


def build_changes(settings: Sequence[TransformationSettings], resources: Resources) -> list[Change]:
    """The transformations of a specification.

    Raises:
        SettingError: One lacks what it needs.
    """
    return [Change(item.name, item.weight, item.build(resources)) for item in settings]


def generate(
    mistakes: Sequence[Mistake],
    changes: Sequence[Change],
    *,
    per_mistake: int,
    per_round: int,
    seed: int,
    round_number: int,
) -> list[Generated]:
    """Examples made of mistakes, without labels.

    Each example is made by one transformation, drawn by weight; where that is not applicable or changes nothing, the
    next one in a drawn order is tried, until one works or none is left. Under the limit of the round every mistake
    gets its first example before any gets a second. Each draw depends on seed, round, parent and place alone.

    Args:
        mistakes: with distinct parents.
        changes: at least one.
        per_mistake: examples of each mistake.
        per_round: examples of all mistakes together.
        seed: of the experiment.
        round_number: whose training data they are for, from 1.

    Returns:
        In an order that looks random and only depends on seed, round and parents.
    """
    slots = _slots(mistakes, per_mistake, per_round, seed, round_number)
    orders = [
        Draw(seed, round_number, slot.mistake.parent, slot.number).order(
            [change.weight for change in changes]
        )
        for slot in slots
    ]
    made: dict[int, Generated] = {}
    for attempt in range(len(changes)):
        for number, change in enumerate(changes):
            # All that come to this transformation now are given to it at once: a model is asked in batches.
            waiting = [
                place for place, order in enumerate(orders) if place not in made and order[attempt] == number
            ]
            new = _applied(change, number, [slots[place] for place in waiting], seed, round_number)
            for place, text in zip(waiting, new, strict=True):
                if text is not None:
                    made[place] = _made(slots[place], change, text, round_number)
    return [made[place] for place in sorted(made)]


def _slots(
    mistakes: Sequence[Mistake], per_mistake: int, per_round: int, seed: int, round_number: int
) -> list[Slot]:
    ordered = sorted(mistakes, key=lambda item: rank(f"{round_number}:{item.parent}", seed))
    return [Slot(item, number) for number in range(per_mistake) for item in ordered][:per_round]


def _applied(
    change: Change, number: int, slots: Sequence[Slot], seed: int, round_number: int
) -> list[Text | None]:
    """New texts; one that is the old text but for case and space counts as none."""
    if not slots:
        return []
    draws = [
        Draw(seed, round_number, slot.mistake.parent, slot.number, change.name, number) for slot in slots
    ]
    texts = [slot.mistake.text for slot in slots]
    return [
        None if new is None or text_key(new) == text_key(old) else new
        for old, new in zip(texts, change.apply(texts, draws), strict=True)
    ]


def _made(slot: Slot, change: Change, text: Text, round_number: int) -> Generated:
    name = generated_id(round_number, slot.mistake.parent, slot.number)
    return Generated(name, round_number, change.name, slot.mistake, text)
