"""The making of a round's data in its two halves: before the teacher is asked, and after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from engine.agora.balance import balance
from engine.agora.examples import Generated, Mistake, Verdict
from engine.agora.filters import Left, Sifted, after_labels, before_labels
from engine.agora.generation import Change, generate
from engine.agora.section import AgoraSection


class Added(NamedTuple):
    """What a round adds to the training data, and what was left out on the way.

    Attributes:
        kept: Labelled examples to add, in a fixed order.
        left: All others that were made, with the reason; those left out after the teacher was asked carry its label.
    """

    kept: tuple[Generated, ...]
    left: tuple[Left, ...]

    @property
    def reasons(self) -> Counter[str]:
        """How many were left out for each reason."""
        return Counter(str(item.reason) for item in self.left)


def propose(
    mistakes: Sequence[Mistake],
    changes: Sequence[Change],
    section: AgoraSection,
    *,
    evaluation: Collection[str],
    training: Collection[str],
    seed: int,
    round_number: int,
) -> Sifted:
    """New examples of the best student's mistakes, for the teacher to label.

    Args:
        mistakes: of the best student of the round before, in any order.
        changes: ``generation.build_changes`` of the section's transformations.
        section: limits and filters.
        evaluation: ``texts.text_keys`` of the evaluation data; none of these comes through.
        training: ``texts.text_keys`` of the training data so far.
        seed: of the experiment.
        round_number: whose training data they are for, from 1.
    """
    made = generate(
        mistakes,
        changes,
        per_mistake=section.samples_per_mistake,
        per_round=section.samples_per_round,
        seed=seed,
        round_number=round_number,
    )
    return before_labels(made, evaluation, training, section.filters)


def accept(
    proposed: Sifted,
    verdicts: Sequence[Verdict],
    section: AgoraSection,
    *,
    before: Mapping[int, int],
    classes: Sequence[int] | None,
    seed: int,
) -> Added:
    """What of the labelled examples is added to the training data.

    Args:
        proposed: what ``propose`` gave.
        verdicts: the teacher's, one for each of ``proposed.kept``.
        section: filters and the rule of balance.
        before: training examples of each label so far, see ``balance.count_labels``.
        classes: numbers of all classes ((0, 1) for question answering: without and with an answer); None for a
            regression.
        seed: of the experiment.
    """
    labelled = [replace(item, teacher=verdict) for item, verdict in zip(proposed.kept, verdicts, strict=True)]
    sure = after_labels(labelled, section.filters)
    balanced = balance(sure.kept, section.balance, seed, before, classes)
    return Added(balanced.kept, (*proposed.left, *sure.left, *balanced.left))
