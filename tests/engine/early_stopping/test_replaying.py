"""A stored experiment is replayed: from its rows, on the command line, with other settings."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from engine.cli.early_stopping import early_stopping, replay_text
from engine.early_stopping.replaying import replay_experiment
from engine.errors import SettingError, UnknownNameError
from engine.launch import submit
from engine.settings import Home, RunnerSettings
from engine.spec_files import parse_spec
from storage.store import Store
from tests.engine.conftest import Lab
from tests.engine.fake_executor import FakeExecutor, fake_runner
from tests.engine.sample_spec import SAMPLE

SCORES = [
    (32.0, 42.0, 52.0),
    (34.0, 43.5, 53.0),
    (36.0, 46.5, 57.0),
    (38.0, 48.0, 58.5),
    (40.0, 50.0, 59.5),
    (20.0, 29.0, 40.0),
    (45.0, 54.0, 65.0),
]
"""Three evaluations of each student, one student after the other; the sixth is hopeless, the seventh the best."""


@pytest.fixture
def finished(home: Home) -> Home:
    """A home with an experiment whose students all ran to their end."""
    spec = parse_spec(SAMPLE).changed(
        strategy={"name": "sobol"},
        budget={"trials": len(SCORES), "parallel": 1},
        early_stopping={"enabled": False},
    )
    with Store.open(home.database) as store:
        submit(store, home, spec)
        machine = FakeExecutor()
        lab = Lab(store, home, machine, fake_runner(machine, store, home, RunnerSettings(exit_seconds=0.0)))
        lab.students_running()
        for number, scores in enumerate(SCORES, start=1):
            for place, exact in enumerate(scores, start=1):
                machine.evaluate(lab.path(number), place / 3, exact=exact)
            lab.finish(number, exact=scores[-1])
            lab.tick()
        assert lab.row.state == "completed"
    return home


def test_a_replay_tells_what_would_have_been_stopped(finished: Home) -> None:
    with Store.open(finished.database) as store:
        found = replay_experiment(store, finished, "sample", {})
        none = replay_experiment(store, finished, "sample", {"min_curves": "6"})
    assert (found["trials"], found["left_out"], found["resumed"]) == (7, 0, 0)
    (stopped,) = found["stopped"]
    assert (stopped["number"], stopped["share"], stopped["metrics"]["exact"]) == (
        6,
        pytest.approx(1 / 3),
        40.0,
    )
    assert found["share_saved"] == pytest.approx(2 / 3 / 7)
    assert (found["lost"], found["volume_lost"]) == ([], 0.0)
    assert none["stopped"] == []
    assert json.loads(json.dumps(found)) == found


def test_the_command_prints_it(finished: Home) -> None:
    shown = CliRunner().invoke(early_stopping, ["sample", "--home", str(finished.path)])
    assert shown.exit_code == 0, shown.output
    lines = shown.output.splitlines()
    assert lines[0] == (
        "sample: early stopping replayed over 7 complete trials; "
        "stop_below 0.1, resume_above 0.3, min_curves 5, min_share 0"
    )
    assert lines[1].split()[:3] == ["trial", "stopped", "at"]
    assert (lines[2].split()[:3], lines[2].split()[-3:]) == (["6", "33", "%"], ["40", "1", "k"])
    assert "1 of 7 trials stopped for good, 0 resumed on the way: 9.5 % of training saved" in lines
    assert "frontier trials stopped: none; hypervolume lost: 0 %" in lines
    assert lines[-1].endswith("(90 % expected)")
    as_json = CliRunner().invoke(
        early_stopping, ["sample", "--min-curves", "6", "--json", "--home", str(finished.path)]
    )
    assert json.loads(as_json.output)["stopped"] == []


def test_trials_without_an_end_are_left_out(finished: Home) -> None:
    with Store.open(finished.database) as store:
        with store.write() as connection:
            connection.execute("UPDATE trials SET state = 'stopped' WHERE number = 7")
        found = replay_experiment(store, finished, "sample", {})
    assert (found["trials"], found["left_out"]) == (6, 1)
    assert "6 complete trials (1 others are left out)" in replay_text(found)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"stop_below": 2.0}, "early_stopping.stop_below: Input should be less than 1"),
        ({"stop_below": 0.5}, "early_stopping: resume_above 0.3 must be above stop_below 0.5"),
        ({"patience": 3.0}, "early_stopping.patience: Extra inputs are not permitted"),
    ],
)
def test_impossible_settings_are_refused(finished: Home, changes: dict[str, float], message: str) -> None:
    with Store.open(finished.database) as store, pytest.raises(SettingError, match=message):
        replay_experiment(store, finished, "sample", changes)


def test_an_experiment_without_curves_is_refused(home: Home) -> None:
    with Store.open(home.database) as store:
        submit(store, home, parse_spec(SAMPLE))
        with pytest.raises(SettingError, match="sample has no complete trial with several evaluations"):
            replay_experiment(store, home, "sample", {})
        with pytest.raises(UnknownNameError):
            replay_experiment(store, home, "simple", {})
