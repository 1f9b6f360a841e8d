"""Which trials are stopped, which go on, and what is said of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.early_stopping.curves import Curve
from engine.early_stopping.decision import Review, review
from engine.early_stopping.words import resuming, stopping
from engine.metrics import Metric
from engine.spec_sections import EarlyStoppingSection
from tests.engine.early_stopping.made_curves import METRICS, THIRDS, completed, curve

SETTINGS = EarlyStoppingSection(stop_below=0.1, resume_above=0.3, min_curves=5, min_share=0.0)


def look(
    *, running: list[Curve] | None = None, stopped: list[Curve] | None = None, done: list[Curve] | None = None
) -> Review:
    return review(
        METRICS,
        SETTINGS,
        THIRDS,
        completed=completed() if done is None else done,
        running=running or [],
        stopped=stopped or [],
    )


def numbers(looks: tuple[object, ...]) -> list[int]:
    return [item.curve.number for item in looks]  # type: ignore[attr-defined]


def test_a_trial_that_will_be_dominated_is_stopped_and_the_reason_says_by_whom() -> None:
    found = look(running=[curve(7, [31.0], 5.5e7), curve(8, [39.0], 1.5e7)])
    assert numbers(found.stop) == [7]
    (stop,) = found.stop
    assert stop.chance < 0.001
    reason = stopping(stop, METRICS, SETTINGS.stop_below)
    assert reason.startswith("will not reach the frontier: at 33 % of training exact is 31 and will be 52")
    assert "at best (90 % bound from 6 completed trials)" in reason
    assert reason.endswith("has exact 53.5, num_parameters 20 M against 55 M")


def test_a_trial_smaller_than_all_others_is_stopped_for_the_threshold_alone() -> None:
    tiny, hopeless = curve(7, [20.0], 1e6), curve(8, [2.0], 1e6)
    found = look(running=[tiny, hopeless])
    assert numbers(found.stop) == [8]
    reason = stopping(found.stop[0], METRICS, SETTINGS.stop_below)
    assert reason.startswith("will not meet a threshold: at 33 % of training exact is 2 and will be ")
    assert reason.endswith("; the threshold of exact is 30")


def test_a_collapse_is_called_so() -> None:
    fallen = replace(curve(7, [5.0], 9e7), points=({"exact": 5.0, "collapsed": 1.0},))
    (stop,) = look(running=[fallen]).stop
    assert "it gives everything the same answer; at 33 % of training" in stopping(stop, METRICS, 0.1)


def test_a_metric_measured_at_the_end_alone_is_told_as_expected() -> None:
    metrics = (METRICS[0], Metric(name="latency_ms", direction="minimize"))
    done = [
        replace(one, final={"exact": one.final["exact"], "latency_ms": 5.0 + one.number})
        for one in completed() * 2
        if one.final
    ]
    found = review(metrics, SETTINGS, THIRDS, completed=done, running=[curve(7, [31.0], 9e7)], stopped=[])
    reason = stopping(found.stop[0], metrics, 0.1)
    assert "latency_ms can be expected to be 14 ms at best" in reason
    assert reason.endswith("has exact 53.5, latency_ms 7 ms")


def test_the_last_evaluation_and_too_early_ones_stop_nothing() -> None:
    assert look(running=[curve(7, [31.0, 32.0, 33.0], 5.5e7), curve(8, [], 5.5e7)]) == Review()
    late = SETTINGS.model_copy(update={"min_share": 0.5})
    running = [curve(7, [31.0], 5.5e7), curve(8, [31.0, 32.0], 5.5e7)]
    found = review(METRICS, late, THIRDS, completed=completed(), running=running, stopped=[])
    assert numbers(found.stop) == [8]


def test_few_curves_stop_nothing() -> None:
    assert look(running=[curve(7, [0.0], 9e7)], done=completed()[:4]) == Review()


def test_a_stopped_trial_goes_on_when_others_turn_out_to_gain_more() -> None:
    stopped = [curve(7, [31.0], 5.5e7)]
    assert numbers(look(stopped=stopped).keep) == [7]
    late = [
        curve(10 + i, [start, start + 5, start + 40], 6e7, start + 40)
        for i, start in enumerate((20.0, 25.0, 28.0))
    ]
    found = look(stopped=stopped, done=[*completed(), *late])
    assert numbers(found.resume) == [7]
    told = resuming(found.resume[0], 0.3)
    assert told.startswith("as the completed trials stand now, its chance of reaching the frontier is ")
    assert told.endswith(" %, above 30 %")


def test_a_stopped_trial_goes_on_when_the_frontier_that_barred_it_is_gone() -> None:
    stopped = [curve(7, [33.0], 1.5e7)]
    better = curve(20, [60.0, 70.0, 80.0], 1.2e7, 80.0)
    assert numbers(look(stopped=stopped, done=[*completed(), better]).keep) == [7]
    assert numbers(look(stopped=stopped).resume) == [7]


def test_between_the_two_limits_nothing_changes() -> None:
    for exact in range(300, 420):
        trial = curve(7, [exact / 10], 5.5e7)
        found = look(running=[trial], stopped=[trial])
        assert not (found.stop and found.resume)
        if not found.stop and not found.resume:
            chance = found.keep[0].chance
            assert SETTINGS.stop_below <= chance <= SETTINGS.resume_above
            return
    pytest.fail("no score lies between the limits")


def test_a_single_objective_needs_no_cost() -> None:
    metrics = (Metric(name="exact", direction="maximize"),)
    found = review(
        metrics,
        SETTINGS,
        THIRDS,
        completed=completed(),
        running=[curve(7, [30.0]), curve(8, [41.0])],
        stopped=[],
    )
    assert numbers(found.stop) == [7]
    assert stopping(found.stop[0], metrics, 0.1).endswith("; trial 6 has exact 60")
