"""Samples questions and splits them by paragraph, by hashes: a seed picks the same questions everywhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from engine.errors import DatasetError, SettingError
from engine.tasks.drawing import rank
from engine.tasks.squad.records import Question


def sample(questions: Sequence[Question], n: int, seed: int) -> list[Question]:
    """Draw ``n`` questions without replacement, keeping the share of answerable ones to within one question.

    Each question's rank is a hash of its id and the seed. So the choice does not depend on the order
    of the input, and a larger sample (nearly always) contains the smaller one of the same seed.

    Args:
        questions: The questions to draw from; ids are unique.
        n: How many; 0, or at least ``len(questions)``, means all.
        seed: Any whole number.

    Returns:
        The chosen questions in the order of the source.

    Raises:
        SettingError: ``n`` is negative.
    """
    if n < 0:
        raise SettingError(f"the sample size is {n}; give 0 for all questions or a positive number")
    if n == 0 or n >= len(questions):
        return list(questions)
    answerable = [item for item in questions if item.answerable]
    unanswerable = [item for item in questions if not item.answerable]
    from_answerable = round(n * len(answerable) / len(questions))
    chosen = _first(answerable, from_answerable, seed) | _first(unanswerable, n - from_answerable, seed)
    return [item for item in questions if item.id in chosen]


def split_by_paragraph(
    questions: Sequence[Question], fraction: float, seed: int
) -> tuple[list[Question], list[Question]]:
    """Split into (train, evaluation) so that no paragraph has questions on both sides.

    Paragraphs with the same text up to white space count as one. They are taken for the evaluation side
    in the order of a hash of text and seed, until the number of questions is as near to the aim as it
    gets; the aim is missed by at most half the largest paragraph, or by more only where a side would
    otherwise be empty.

    Args:
        questions: The questions to split.
        fraction: Share of the questions on the evaluation side, in [0, 1].
        seed: Any whole number.

    Raises:
        SettingError: ``fraction`` is outside [0, 1].
        DatasetError: Both sides should get questions but there is only one paragraph.
    """
    if not 0 <= fraction <= 1:
        raise SettingError(f"the evaluation fraction is {fraction}; give a number between 0 and 1")
    sizes = Counter(paragraph_key(item) for item in questions)
    aim = fraction * len(questions)
    order = sorted(sizes, key=lambda text: rank(text, seed))
    count = _paragraphs_needed([sizes[text] for text in order], aim)
    if 0 < fraction < 1 and questions:
        if len(order) < 2:
            raise DatasetError(
                f"all {len(questions)} questions share one paragraph, so no part can be held back; "
                "give a dataset with at least two paragraphs"
            )
        count = min(max(count, 1), len(order) - 1)
    held = set(order[:count])
    train = [item for item in questions if paragraph_key(item) not in held]
    evaluation = [item for item in questions if paragraph_key(item) in held]
    return train, evaluation


def _paragraphs_needed(sizes: Sequence[int], aim: float) -> int:
    """Return the length of the prefix of ``sizes`` whose sum is nearest to ``aim``."""
    best, best_distance, total = 0, aim, 0
    for number, size in enumerate(sizes, start=1):
        total += size
        if abs(total - aim) < best_distance:
            best, best_distance = number, abs(total - aim)
    return best


def _first(questions: Sequence[Question], n: int, seed: int) -> set[str]:
    ranked = sorted((item.id for item in questions), key=lambda identifier: rank(identifier, seed))
    return set(ranked[:n])


def paragraph_key(item: Question) -> str:
    """What makes two paragraphs the same: their text, whatever its white space."""
    return " ".join(item.context.split())
