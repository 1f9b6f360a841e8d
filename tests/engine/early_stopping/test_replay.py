"""Replays of complete experiments: order of time, what is saved, what is lost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.early_stopping.replay import Recording, replay
from engine.spec_sections import EarlyStoppingSection
from tests.engine.early_stopping.made_curves import METRICS, THIRDS, completed, curve

SETTINGS = EarlyStoppingSection(stop_below=0.1, resume_above=0.3, min_curves=5)


def recording(made: object, start: float, **changes: object) -> Recording:
    """A trial that took 30 s and evaluated after 10, 20 and 29."""
    return Recording(made, (start + 10, start + 20, start + 29), start + 30, **changes)  # type: ignore[arg-type]


def one_after_the_other() -> list[Recording]:
    """Six trials, then a hopeless one and one that joins the frontier."""
    later = [
        curve(7, [25.0, 34.0, 44.0], 5.5e7, 44.0),
        curve(8, [45.0, 55.0, 66.0], 5.5e7, 66.0),
    ]
    return [recording(made, 100.0 * made.number) for made in [*completed(), *later]]


def test_what_is_stopped_is_saved_and_the_frontier_stays() -> None:
    found = replay(METRICS, SETTINGS, THIRDS, one_after_the_other())
    assert (found.trials, found.resumed, found.lost, found.volume_lost) == (8, 0, (), 0.0)
    assert [(look.curve.number, look.share) for look in found.stopped] == [(7, pytest.approx(1 / 3))]
    assert found.share_saved == pytest.approx(2 / 3 / 8)
    # Forecasts of exact: of trial 6 after its two evaluations, of 7 after its first, of 8 after its two.
    assert found.forecasts == 5


def test_operations_weigh_what_is_saved() -> None:
    items = [replace(item, work=100.0 if item.curve.number == 7 else 10.0) for item in one_after_the_other()]
    assert replay(METRICS, SETTINGS, THIRDS, items).share_saved == pytest.approx(100 * 2 / 3 / 170)


def test_a_spared_trial_runs_to_its_end() -> None:
    items = [replace(item, spared=item.curve.number == 7) for item in one_after_the_other()]
    assert replay(METRICS, SETTINGS, THIRDS, items).stopped == ()


def test_a_frontier_trial_stopped_by_mistake_is_told_with_the_hypervolume_lost() -> None:
    late = curve(8, [20.0, 25.0, 66.0], 5.5e7, 66.0)
    items = [*one_after_the_other()[:6], recording(late, 800.0)]
    found = replay(METRICS, SETTINGS, THIRDS, items)
    assert found.lost == (8,)
    # Points above the threshold of 30, times 10 M parameters below 65 M: 145.5 with trial 8, 139 without.
    assert found.volume_lost == pytest.approx(6.5 / 145.5)
    assert found.within < 1


def test_only_what_was_known_at_the_time_counts() -> None:
    # All trials run side by side: when the hopeless one is evaluated, no other has completed.
    items = [recording(item.curve, 0.0) for item in one_after_the_other()]
    assert replay(METRICS, SETTINGS, THIRDS, items).stopped == ()


def test_a_resumed_trial_ends_and_counts() -> None:
    # Trial 7 is stopped first; trials 10 to 12 turn out to gain far more after the same start.
    stopped = curve(7, [31.0, 36.0, 71.0], 5.5e7, 71.0)
    late = [
        curve(10 + i, [start, start + 5, start + 40], 6e7, start + 40)
        for i, start in enumerate((29.0, 30.0, 32.0))
    ]
    items = [*one_after_the_other()[:6], recording(stopped, 700.0)]
    items += [recording(made, 800.0 + 100 * i, spared=True) for i, made in enumerate(late)]
    found = replay(METRICS, SETTINGS, THIRDS, items)
    assert found.resumed == 1
    assert (found.stopped, found.lost, found.volume_lost, found.share_saved) == ((), (), 0.0, 0.0)


def test_nothing_to_replay() -> None:
    found = replay(METRICS, SETTINGS, THIRDS, [])
    assert (found.trials, found.stopped, found.share_saved, found.volume_lost) == (0, (), 0.0, 0.0)
