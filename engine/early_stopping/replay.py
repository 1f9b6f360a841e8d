"""Replays: what early stopping would have done to an experiment whose trials all ran to their end."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field

from engine.early_stopping.chances import Frontier
from engine.early_stopping.curves import Curve
from engine.early_stopping.decision import Outlook, outlook, review
from engine.early_stopping.forecast import Forecaster
from engine.early_stopping.savings import Work, savings
from engine.frontier import frontier, hypervolume, reference_point
from engine.metrics import Metric
from engine.spec_sections import EarlyStoppingSection


@dataclass(frozen=True, slots=True)
class Recording:
    """A trial that ran to its end.

    Attributes:
        curve: all of its evaluations and its final metrics.
        times: when each evaluation was made, in seconds.
        ended: when it completed, in seconds.
        work: operations of its training; None where they are not known.
        spared: whether it is never stopped, as the baseline.
    """

    curve: Curve
    times: tuple[float, ...]
    ended: float
    work: float | None = None
    spared: bool = False


@dataclass(frozen=True, slots=True)
class Replay:
    """What early stopping would have done.

    Attributes:
        trials: trials replayed.
        stopped: the last stop of each trial that stays stopped in the end, in order of numbers.
        resumed: how often a stopped trial went on.
        share_saved: share of all training that was not done, 0 to 1.
        lost: trials on the frontier of the whole experiment that were stopped for good.
        volume_lost: share of the whole experiment's hypervolume that is missing in the end, 0 to 1.
        forecasts: how many forecasts of a learned metric were made on the way.
        within: share of them whose final value was no better than their best case; 1 - ``stop_below`` is expected,
            or more where several metrics share the doubt.
    """

    trials: int
    stopped: tuple[Outlook, ...]
    resumed: int
    share_saved: float
    lost: tuple[int, ...]
    volume_lost: float
    forecasts: int
    within: float


def replay(
    metrics: Sequence[Metric],
    settings: EarlyStoppingSection,
    shares: Sequence[float],
    recordings: Sequence[Recording],
) -> Replay:
    """Replay the decisions in the order of time.

    The trials start when they did; a slot that a stop would have freed is not used, and the strategy suggests what it
    did. A trial that is resumed goes on at once, from where it was stopped.

    Args:
        metrics: every metric of the experiment with its role.
        settings: when to stop and resume.
        shares: shares of a training after which it is evaluated, the last one 1.
        recordings: trials with that many evaluations.
    """
    played = _Player(
        tuple(metrics), settings, tuple(shares), {item.curve.number: item for item in recordings}
    )
    played.run()
    whole = {item.curve.number: item.curve.final or {} for item in recordings}
    left = {number: whole[number] for number in played.completed}
    volume = hypervolume(metrics, whole, reference_point(metrics, whole)) if whole else 0.0
    reached = hypervolume(metrics, left, reference_point(metrics, whole)) if left else 0.0
    works = [
        Work(
            shares[played.points[number] - 1] if number in played.stopped else 1.0,
            item.work,
            None,
            number in played.stopped,
        )
        for number, item in played.recordings.items()
    ]
    found = savings(works)
    return Replay(
        trials=len(recordings),
        stopped=tuple(played.stopped[number] for number in sorted(played.stopped)),
        resumed=played.resumed,
        share_saved=0.0 if found is None else found.share,
        lost=tuple(sorted(frontier(metrics, whole) & played.stopped.keys())),
        volume_lost=1 - reached / volume if volume else 0.0,
        forecasts=len(played.hits),
        within=sum(played.hits) / len(played.hits) if played.hits else 1.0,
    )


@dataclass(slots=True)
class _Player:
    """The experiment as it would have gone, event by event."""

    metrics: tuple[Metric, ...]
    settings: EarlyStoppingSection
    shares: tuple[float, ...]
    recordings: dict[int, Recording]
    points: dict[int, int] = field(default_factory=dict)
    completed: list[int] = field(default_factory=list)
    stopped: dict[int, Outlook] = field(default_factory=dict)
    stopped_at: dict[int, float] = field(default_factory=dict)
    resumed: int = 0
    hits: list[bool] = field(default_factory=list)
    coming: list[tuple[float, int, int]] = field(default_factory=list)

    def run(self) -> None:
        """Go through all events: the evaluations 1, 2, ... of each trial, then its end as one number more."""
        for number, item in self.recordings.items():
            for place, time in enumerate((*item.times, item.ended), start=1):
                heapq.heappush(self.coming, (time, number, place))
        while self.coming:
            time, number, place = heapq.heappop(self.coming)
            if number in self.stopped:
                continue
            if place > len(self.shares):
                self.completed.append(number)
                del self.points[number]
            else:
                self.points[number] = place
                self._check(number)
            self._decide(time, ended=place > len(self.shares))

    def _curve(self, number: int) -> Curve:
        return self.recordings[number].curve.upto(self.points[number])

    def _check(self, number: int) -> None:
        """Hold the forecast of a trial against what came of it."""
        done = [self.recordings[other].curve for other in self.completed]
        front = Frontier.of(self.metrics, {curve.number: curve.final or {} for curve in done})
        forecaster = Forecaster(self.metrics, done, self.settings.min_curves)
        look = outlook(front, self.settings, self.shares, forecaster, self._curve(number))
        if look is None:
            return
        final = self.recordings[number].curve.final or {}
        self.hits += [
            metric.sign * (final[metric.name] - look.best[metric.name]) <= 0
            for metric in self.metrics
            if metric.name in look.forecasts and look.forecasts[metric.name].scale > 0
        ]

    def _decide(self, time: float, *, ended: bool) -> None:
        found = review(
            self.metrics,
            self.settings,
            self.shares,
            completed=[self.recordings[number].curve for number in self.completed],
            running=[
                self._curve(number)
                for number in self.points
                if number not in self.stopped and not self.recordings[number].spared
            ],
            # The outlook of a stopped trial changes with the completed ones alone.
            stopped=[self._curve(number) for number in self.stopped] if ended else [],
        )
        for look in found.stop:
            self.stopped[look.curve.number] = look
            self.stopped_at[look.curve.number] = time
        for look in found.resume:
            self._resume(look.curve.number, time)

    def _resume(self, number: int, time: float) -> None:
        del self.stopped[number]
        self.resumed += 1
        item = self.recordings[number]
        delay = time - self.stopped_at[number]
        for place, planned in enumerate((*item.times, item.ended), start=1):
            if place > self.points[number]:
                heapq.heappush(self.coming, (planned + delay, number, place))
