"""An experiment at a glance."""

from __future__ import annotations

import json

from engine.controls import stop_experiment
from engine.overview import overview
from engine.summary import summary
from tests.engine.conftest import Lab


def test_before_anything_ran(lab: Lab) -> None:
    view = overview(lab.store, lab.row)
    assert (view.counts, view.budget, view.done, view.seconds_spent, view.seconds_left) == (
        {},
        3,
        0,
        0.0,
        None,
    )
    assert (view.claims, view.frontier, list(view.students), view.teacher.number) == ((), [], [], 0)
    assert (len(view.outcomes.frame), view.outcomes.growth.entered, view.is_whole) == (0, (), True)


def test_counts_frontier_and_claims(lab: Lab) -> None:
    lab.students_running()
    assert overview(lab.store, lab.row).claims == ()
    lab.finish(1, exact=60.0, num_parameters=2000.0)
    lab.tick()
    view = overview(lab.store, lab.row)
    assert view.counts == {"completed": 1, "running": 2}
    assert (view.done, [trial.number for trial in view.frontier]) == (1, [1])
    assert view.claims == ("No trial so far matches the baseline with fewer parameters.",)
    assert view.seconds_left is not None
    lab.finish(2, exact=62.0, num_parameters=1500.0)
    lab.finish(3, exact=64.0, num_parameters=2020.0)
    lab.tick()
    view = overview(lab.store, lab.row)
    assert view.experiment.state == "completed"
    assert (view.seconds_left, view.done) == (None, 3)
    assert [trial.number for trial in view.frontier] == [2, 3]
    smaller, better = view.claims
    assert smaller.startswith(
        "25 % fewer parameters within the error of the baseline, 90 % interval 0 to 25: "
        "trial 2, 1.5 k, exact 62.0 (+2.0, 90 %"
    )
    assert better.startswith("exact 64.0 (+4.0, 90 % interval +1.")
    assert view.measured.keys() == {0, 1, 2, 3}
    assert list(view.outcomes.frame["number"]) == [1, 2, 3]
    grown = view.outcomes.growth
    assert list(grown.volumes) == sorted(grown.volumes)
    assert (grown.entered, grown.replaced) == ((0, 1, 2), ((), (0,), ()))


def test_a_trial_below_the_threshold_is_not_claimed(lab: Lab) -> None:
    lab.students_running()
    lab.finish(1, exact=37.0, num_parameters=2000.0)
    lab.finish(2, exact=37.5, num_parameters=1000.0)
    lab.tick()
    view = overview(lab.store, lab.row)
    assert view.frontier == []
    assert view.claims == ("No trial so far matches the baseline with fewer parameters.",)


def test_a_failed_baseline_leaves_nothing_to_claim(lab: Lab) -> None:
    lab.students_running()
    lab.machine.fail(lab.path(1))
    lab.finish(2)
    lab.tick()
    assert overview(lab.store, lab.row).claims == ()


def test_time_spent_ends_with_the_experiment(lab: Lab) -> None:
    lab.tick()
    stop_experiment(lab.store, "sample")
    started, ended = lab.trial(0).started_at, lab.row.finished_at
    assert started is not None
    assert ended is not None
    assert overview(lab.store, lab.row).seconds_spent == (ended - started).total_seconds()


def test_the_summary_is_json(lab: Lab) -> None:
    lab.students_running()
    lab.finish(1, exact=60.0)
    lab.tick()
    found = summary(overview(lab.store, lab.row))
    assert json.loads(json.dumps(found)) == found
    assert (found["name"], found["state"], found["budget"], found["done"]) == ("sample", "running", 3, 1)
    assert (found["objectives"], found["frontier"]) == (["exact", "num_parameters"], [1])
    assert found["teacher"]["role"] == "teacher"
    assert [trial["state"] for trial in found["trials"]] == ["completed", "running", "running"]
    assert found["trials"][0]["metrics"]["exact"] == 60.0
    assert found["trials"][1]["metrics"] == {}
