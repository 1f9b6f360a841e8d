"""What early stopping saved: the training that was not done, as a share of all and in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.metric_words import duration, percent


@dataclass(frozen=True, slots=True)
class Work:
    """The training of one student that has ended.

    Attributes:
        done: share of it that was done, 0 to 1.
        whole: operations of the whole training; None where they are not known.
        seconds: what the part that was done took; None where that is not known.
        stopped: whether early stopping ended it.
    """

    done: float
    whole: float | None
    seconds: float | None
    stopped: bool


@dataclass(frozen=True, slots=True)
class Savings:
    """What was saved.

    Attributes:
        stopped: trials that early stopping ended.
        trials: trials that have ended.
        share: share of these trials' training that was saved, 0 to 1.
        seconds: the time that would have taken; None where no trial tells how long training takes.
    """

    stopped: int
    trials: int
    share: float
    seconds: float | None

    @property
    def sentence(self) -> str:
        """In words, such as "Early stopping ended 9 of 30 trials and saved 41 % of training (about 35 min)."."""
        time = "" if self.seconds is None else f" (about {duration(self.seconds)})"
        return (
            f"Early stopping ended {self.stopped} of {self.trials} trials and saved {percent(self.share)} "
            f"of training{time}."
        )


def savings(works: Sequence[Work]) -> Savings | None:
    """What was saved over the students that have ended; None when none was stopped early.

    Trainings count by their operations; one whose operations are not known counts as the mean of the others. Time
    is what the saved operations would have taken at the mean speed of the trainings whose time is known.
    """
    stopped = sum(work.stopped for work in works)
    if not stopped:
        return None
    known = [work.whole for work in works if work.whole is not None]
    usual = sum(known) / len(known) if known else 1.0
    sizes = [usual if work.whole is None else work.whole for work in works]
    saved = sum(size * (1 - work.done) for size, work in zip(sizes, works, strict=True) if work.stopped)
    timed = [
        (size * work.done, work.seconds) for size, work in zip(sizes, works, strict=True) if work.seconds
    ]
    operations = sum(size for size, _ in timed)
    seconds = saved * sum(taken or 0.0 for _, taken in timed) / operations if operations else None
    return Savings(stopped, len(works), saved / sum(sizes), seconds)
