"""The loop as a function of its record: what is finished says what is next, so that it continues after any stop.

Round ``r`` trains one student per set still in, on the data as given and all that the rounds before it added. Its best
student's mistakes make what round ``r + 1`` trains on besides.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from engine.agora.pruning import Reading, dropped, ranking
from engine.errors import StateError

EndReason = Literal["last_set", "rounds", "converged", "budget", "no_mistakes", "nothing_added", "all_failed"]

END_WORDS: Mapping[EndReason, str] = {
    "last_set": "the last hyperparameter set was dropped",
    "rounds": "all rounds have run",
    "converged": "the best accuracy no longer improved",
    "budget": "the budget of trainings is spent",
    "no_mistakes": "the best student made no mistakes",
    "nothing_added": "no generated example was kept, so that the next round would be the same again; more samples, a "
    "lower min_confidence or another balance would add some",
    "all_failed": "every student of the round failed",
}
"""Reasons of an end in words."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run was asked to do.

    Attributes:
        sets: Ids of the hyperparameter sets, at least one.
        pruning: How sets are dropped; None keeps all, for a rerun over the convergent set.
        rounds: Most rounds, at least 1.
        trainings: The budget, in students trained over all rounds, at least 1.
        patience: Rounds in a row without improvement after which it has converged; 0 never.
        min_improvement: What the best accuracy has to rise by in so many rounds, more than this.
        accuracy_step: Accuracies that round to the same multiple of it rank the same; 0 takes them as they are.
        replays: Rounds that may be repeated, without dropping a set, when they did not improve on the best.
    """

    sets: tuple[str, ...]
    pruning: Reading | None
    rounds: int
    trainings: int
    patience: int = 0
    min_improvement: float = 0.0
    accuracy_step: float = 0.0
    replays: int = 0


class Made(NamedTuple):
    """That the next round's data are made: of how many mistakes, and how many examples they add."""

    mistakes: int
    added: int


@dataclass(frozen=True, slots=True)
class RoundRecord:
    """What is finished of one round.

    Attributes:
        accuracies: Of the students that are done, by set; None for one that failed. Larger is better.
        made: Of the data for the round after it; None until they are there.
    """

    accuracies: Mapping[str, float | None]
    made: Made | None = None


class Student(NamedTuple):
    """A trained student: its round from 0, its set, and its accuracy."""

    round: int
    set: str
    accuracy: float


class Train(NamedTuple):
    """Train a student with each of these sets on the data of the round; others of the round are done."""

    round: int
    sets: tuple[str, ...]


class Make(NamedTuple):
    """Make the data of this round from the mistakes of a student of the round before."""

    round: int
    student: Student


class End(NamedTuple):
    """Nothing is left to do."""

    reason: EndReason
    words: str


Step = Train | Make | End


class _Begun(NamedTuple):
    """A round that has begun: its sets, those not done yet, those left after it, and trainings spent by its end."""

    number: int
    sets: tuple[str, ...]
    waiting: tuple[str, ...]
    left: tuple[str, ...]
    spent: int


def next_step(plan: Plan, record: Sequence[RoundRecord]) -> Step:
    """What is next. Asked again with the same record it says the same.

    Args:
        plan: what the run was asked to do.
        record: what is finished, round by round; may be empty.

    Raises:
        StateError: The record has students that the plan would not have trained.
    """
    for begun in _begun(plan, record):
        if begun.waiting:
            return Train(begun.number, begun.waiting)
        so_far = record[: begun.number + 1]
        if reason := _end(plan, so_far, begun.left, begun.spent):
            return End(reason, END_WORDS[reason])
        if so_far[-1].made is None:
            student = best_of_round(so_far, begun.number)
            assert student is not None, "a round without students has ended"
            return Make(begun.number + 1, student)
    raise AssertionError("a round that is not in the record has something left to train")


def most_trainings(plan: Plan) -> int:
    """Students that are trained at most: every round drops one set, replays come first, or the budget ends it."""
    alive, total = len(plan.sets), 0
    for number in range(plan.rounds):
        total += alive
        if plan.pruning is not None and not 1 <= number <= plan.replays:
            alive -= 1
        if total >= plan.trainings or not alive:
            break
    return min(total, plan.trainings)


def sets_by_round(plan: Plan, record: Sequence[RoundRecord]) -> list[tuple[str, ...]]:
    """Sets of each round that has begun or could begin: what is trained in it, done or not."""
    return [begun.sets for begun in _begun(plan, record)]


def dropped_by_round(plan: Plan, record: Sequence[RoundRecord]) -> list[tuple[str, ...] | None]:
    """Sets that were dropped after each round of the record; None where it is not complete."""
    begun = [*_begun(plan, record)][: len(record)]
    return [
        None if item.waiting else tuple(name for name in item.sets if name not in item.left) for item in begun
    ]


def _begun(plan: Plan, record: Sequence[RoundRecord]) -> Iterator[_Begun]:
    """The rounds of the record, and the one after it as long as sets and budget are left."""
    alive, spent = plan.sets, 0
    for number in range(len(record) + 1):
        if not alive or spent >= plan.trainings:
            return
        # With less budget than sets, those that were best so far are trained once more, and then it ends.
        sets = _affordable(plan, record[:number], alive, spent)
        done = record[number].accuracies if number < len(record) else {}
        if strange := set(done) - set(sets):
            raise StateError(
                f"round {number} has students of sets it should not train: {', '.join(sorted(strange))}"
            )
        spent += len(sets)
        waiting = tuple(name for name in sets if name not in done)
        left = () if waiting else _left(plan, record[: number + 1], sets)
        yield _Begun(number, sets, waiting, left, spent)
        if waiting:
            return
        alive = left


def best_of_round(record: Sequence[RoundRecord], number: int) -> Student | None:
    """The best student of a round, of equal ones the first; None where none is finished."""
    students = [
        Student(number, name, value) for name, value in record[number].accuracies.items() if value is not None
    ]
    return max(students, key=lambda student: student.accuracy, default=None)


def best_ever(record: Sequence[RoundRecord]) -> Student | None:
    """The best student of all rounds, of equal ones the earliest; None where none is finished."""
    found = [student for number in range(len(record)) if (student := best_of_round(record, number))]
    return max(found, key=lambda student: student.accuracy, default=None)


def convergent_set(plan: Plan, record: Sequence[RoundRecord]) -> str | None:
    """The convergent hyperparameter set: the best-ranked of those in the last round that is complete.

    Where the loop ran to its last set, it is that set. None while no round is complete.
    """
    complete = [begun for begun in _begun(plan, record) if not begun.waiting]
    if not complete:
        return None
    last = complete[-1]
    return ranking(_histories(record[: last.number + 1], last.sets), plan.accuracy_step)[-1]


def _affordable(
    plan: Plan, finished: Sequence[RoundRecord], alive: tuple[str, ...], spent: int
) -> tuple[str, ...]:
    budget = plan.trainings - spent
    if budget >= len(alive):
        return alive
    if not finished:
        return alive[:budget]
    best = ranking(_histories(finished, alive), plan.accuracy_step)[-budget:]
    return tuple(name for name in alive if name in best)


def _left(plan: Plan, record: Sequence[RoundRecord], sets: tuple[str, ...]) -> tuple[str, ...]:
    """Sets still in after the last round of the record, which trained these."""
    if plan.pruning is None:
        return tuple(name for name in sets if record[-1].accuracies[name] is not None)
    if _replayed(plan, record):
        return sets
    gone = dropped(_histories(record, sets), plan.pruning, plan.accuracy_step)
    return tuple(name for name in sets if name not in gone)


def _replayed(plan: Plan, record: Sequence[RoundRecord]) -> bool:
    """Whether the last round is repeated: it did not improve, and repetitions are left."""
    stalled = [number for number in range(1, len(record)) if not _improved(record, number)]
    return bool(stalled) and stalled[-1] == len(record) - 1 and len(stalled) <= plan.replays


def _improved(record: Sequence[RoundRecord], number: int) -> bool:
    before, now = best_ever(record[:number]), best_of_round(record, number)
    return now is not None and (before is None or now.accuracy > before.accuracy)


def _end(plan: Plan, record: Sequence[RoundRecord], left: tuple[str, ...], spent: int) -> EndReason | None:
    number = len(record) - 1
    made = record[number].made
    if best_of_round(record, number) is None:
        return "all_failed"
    if not left:
        return "last_set"
    if len(record) >= plan.rounds:
        return "rounds"
    if _converged(plan, record):
        return "converged"
    if spent >= plan.trainings:
        return "budget"
    if made is not None and made.mistakes == 0:
        return "no_mistakes"
    if made is not None and made.added == 0:
        return "nothing_added"
    return None


def _converged(plan: Plan, record: Sequence[RoundRecord]) -> bool:
    if not plan.patience or len(record) <= plan.patience:
        return False
    before, now = best_ever(record[: -plan.patience]), best_ever(record)
    return before is not None and now is not None and now.accuracy - before.accuracy <= plan.min_improvement


def _histories(record: Sequence[RoundRecord], names: Sequence[str]) -> dict[str, list[float | None]]:
    return {name: [done.accuracies[name] for done in record] for name in names}
