"""Balances labels by discarding generated examples, as Bort's fine-tuning does; which ones go is drawn by seed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from engine.agora.examples import Generated
from engine.agora.filters import Left, Sifted
from engine.agora.texts import Label, stratum
from engine.tasks.drawing import rank

BalanceRule = Literal["added", "whole", "none"]
"""What is to have as much of every label: what a round adds, the whole training set, or nothing."""


def count_labels(labels: Iterable[Label]) -> Counter[int]:
    """How many examples there are of each label, values rounded and answers counted as there or not."""
    return Counter(map(stratum, labels))


def balance(
    examples: Sequence[Generated],
    rule: BalanceRule,
    seed: int,
    before: Mapping[int, int],
    classes: Sequence[int] | None,
) -> Sifted:
    """Discards generated examples until labels are balanced; examples of the task itself all stay.

    With "added" what is kept has equally many of every label, so nothing is kept where a class is missing. With
    "whole" the training set is brought to one level as far as the new examples reach: up to the most that every label
    can have, and the gap between its most and least frequent label never grows.

    Args:
        examples: labelled ones.
        rule: what is balanced.
        seed: draws which of too many are kept.
        before: training examples of each label so far, by ``count_labels``, with earlier rounds' generated ones.
        classes: numbers of all classes; None for a regression, in which only values that occur are balanced, since
            rare ones would leave nothing.
    """
    if rule == "none" or not examples:
        return Sifted(tuple(examples), ())
    members: dict[int, list[Generated]] = {label: [] for label in classes or ()}
    for item in examples:
        assert item.teacher is not None, f"{item.id} has no label yet"
        members.setdefault(stratum(item.teacher.label), []).append(item)
    already = (
        dict.fromkeys(members, 0) if rule == "added" else {label: before.get(label, 0) for label in members}
    )
    level = min(already[label] + len(items) for label, items in members.items())
    kept: set[str] = set()
    for label, items in members.items():
        drawn = sorted(items, key=lambda item: rank(item.id, seed))
        kept.update(item.id for item in drawn[: max(0, level - already[label])])
    return Sifted(
        tuple(item for item in examples if item.id in kept),
        tuple(Left(item, "balance") for item in examples if item.id not in kept),
    )
