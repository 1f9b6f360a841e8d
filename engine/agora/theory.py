"""What the theory of Agora promises and asks for, as numbers to draw beside what was measured and words to report.

All of it is for a balanced binary task scored by accuracy, a representative evaluation set, and a first student no
better than chance. For other tasks and metrics the curves are drawn for comparison and promise nothing.
"""

from __future__ import annotations

import math
from typing import NamedTuple

TEACHER_BOUND = 2 / 3
"""Accuracy above which a teacher's labels are good enough for the convergence proof."""


def least_accuracy(iteration: int) -> float:
    """Accuracy from iteration k on, at least, when the start is random: ``1 - 2^-k``, 0 to 1.

    Args:
        iteration: k, from 1: the first round is 1, where it says 1/2, which is chance.
    """
    return 1 - 2.0**-iteration


def iterations_for(accuracy: float) -> int:
    """The first iteration for which ``least_accuracy`` is at least this.

    Args:
        accuracy: from 0 to below 1.
    """
    iteration = max(0, math.ceil(-math.log2(1 - accuracy) - 1e-9))
    return iteration if least_accuracy(iteration) >= accuracy else iteration + 1


def largest_improvement(sets: int) -> float:
    """Most times as accurate as trying every set once that the algorithm can be: ``2 (1 - 2^-|Theta|)``; at least 1.

    Args:
        sets: hyperparameter sets, at least 1.
    """
    return 2 * (1 - 2.0**-sets)


class TeacherCheck(NamedTuple):
    """A teacher against the bound.

    Attributes:
        accuracy: On the evaluation set, 0 to 1.
        error: Standard error of the accuracy.
        meets: Whether the accuracy is above the bound.
        sure: Whether it is so by more than two standard errors, or below it by as much.
        words: A sentence to report.
    """

    accuracy: float
    error: float
    meets: bool
    sure: bool
    words: str


def check_teacher(right: int, examples: int) -> TeacherCheck:
    """Compares a teacher's accuracy on the evaluation set with the bound of 2/3.

    Args:
        right: examples it gets right.
        examples: examples there are, at least 1.
    """
    accuracy = right / examples
    # By the bound itself, as a test of it would: an accuracy of 1 is no proof of an error of 0.
    error = math.sqrt(TEACHER_BOUND * (1 - TEACHER_BOUND) / examples)
    meets, sure = accuracy > TEACHER_BOUND, abs(accuracy - TEACHER_BOUND) > 2 * error
    said = "above" if meets else "not above"
    words = (
        f"The teacher gets {right:,} of {examples:,} evaluation examples right ({accuracy:.1%}), {said} the 2/3 that "
        f"the theory asks for"
    )
    if not sure:
        words += ", though too close to it to be sure with so few examples"
    elif not meets:
        words += ": its labels are too often wrong for the proof of convergence to hold"
    return TeacherCheck(accuracy, error, meets, sure, f"{words}.")
