"""The server is killed while trials run: they are adopted or resumed, none is run twice, no event is lost."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.experiment import ExperimentSpec
from engine.spec_files import to_toml
from engine.trial_folder import TrialFolder
from tests.server import Server, signal_trials, start_server, wait_until


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A home whose trials are ended when the test ends, whatever happened."""
    yield tmp_path / "home"
    signal_trials(tmp_path / "home", signal.SIGKILL)


@pytest.fixture
def long_spec(tiny_spec: ExperimentSpec) -> ExperimentSpec:
    """Two trials at once that take several seconds each, with a checkpoint about every second."""
    fixed = tiny_spec.fixed | {"epochs": 40.0}
    training = tiny_spec.training.model_dump() | {"checkpoint_seconds": 0.5, "evaluations": 4}
    return tiny_spec.changed(fixed=fixed, training=training, budget={"trials": 3, "parallel": 2})


def launch_and_wait_for_two(server: Server, spec: ExperimentSpec) -> list[TrialFolder]:
    name = server.access.submit(to_toml(spec))
    folders = [TrialFolder(server.home.path / "experiments" / name / f"{number:04d}") for number in (1, 2)]
    wait_until(lambda: all(any(e["kind"] == "checkpoint" for e in events(folder)) for folder in folders))
    return folders


def events(folder: TrialFolder) -> list[dict[str, Any]]:
    if not folder.events.exists():
        return []
    return [json.loads(line) for line in folder.events.read_text().split("\n")[:-1]]


def finish(server: Server) -> list[dict[str, Any]]:
    """Wait for the experiment's end; gives its trials."""
    wait_until(lambda: server.access.summary("tiny")["state"] == "completed")
    trials: list[dict[str, Any]] = server.access.summary("tiny")["trials"]
    return trials


def check_nothing_lost_or_doubled(server: Server, folders: list[TrialFolder]) -> None:
    for number, folder in enumerate(folders, start=1):
        written = events(folder)
        assert [event["seq"] for event in written] == list(range(1, len(written) + 1))
        query = (
            "SELECT seq, attempt, kind FROM events JOIN trials USING (trial_id) "
            f"WHERE number = {number} ORDER BY seq"
        )
        stored = json.loads(server.access.sql(query, "json"))
        assert [(e["seq"], e["attempt"], e["kind"]) for e in stored] == [
            (e["seq"], e["attempt"], e["kind"]) for e in written
        ]
        starts = [event["attempt"] for event in written if event["kind"] == "started"]
        assert len(starts) == len(set(starts))
        assert sum(event["kind"] == "finished" for event in written) == 1


def test_running_trials_outlive_a_killed_server_and_are_adopted(
    home: Path, long_spec: ExperimentSpec
) -> None:
    server = start_server(home)
    folders = launch_and_wait_for_two(server, long_spec)
    holders = [folder.holder() for folder in folders]
    server.kill()
    assert [folder.holder() for folder in folders] == holders, "trials must go on without the server"
    # Held still, so that they cannot end before the next server is up.
    signal_trials(home, signal.SIGSTOP)

    server = start_server(home)
    try:
        trials = server.access.summary("tiny")["trials"][:2]
        assert [(trial["state"], trial["attempts"]) for trial in trials] == [("running", 1), ("running", 1)]
        assert [folder.holder() for folder in folders] == holders
        signal_trials(home, signal.SIGCONT)
        trials = finish(server)
        assert [trial["state"] for trial in trials] == ["completed"] * 3
        assert [trial["attempts"] for trial in trials] == [1, 1, 1]
        check_nothing_lost_or_doubled(server, folders)
    finally:
        assert server.stop() in (0, -signal.SIGTERM)


def test_trials_that_died_with_the_server_resume_from_their_checkpoints(
    home: Path, long_spec: ExperimentSpec
) -> None:
    server = start_server(home)
    folders = launch_and_wait_for_two(server, long_spec)
    server.kill()
    signal_trials(home, signal.SIGKILL)
    wait_until(lambda: all(folder.holder() is None for folder in folders))
    resumed_from = [max(e["step"] for e in events(folder) if e["kind"] == "checkpoint") for folder in folders]

    server = start_server(home)
    try:
        trials = finish(server)
        assert [trial["state"] for trial in trials] == ["completed"] * 3
        assert [trial["attempts"] for trial in trials] == [2, 2, 1]
        check_nothing_lost_or_doubled(server, folders)
        for folder, step in zip(folders, resumed_from, strict=True):
            second = [e["step"] for e in events(folder) if e["attempt"] == 2 and e["kind"] == "step"]
            assert min(second) > step, "the second attempt must not repeat what the checkpoint holds"
    finally:
        server.stop()


def test_events_written_while_no_server_ran_are_read_after_the_restart(
    home: Path, long_spec: ExperimentSpec
) -> None:
    server = start_server(home)
    folders = launch_and_wait_for_two(server, long_spec)
    server.kill()
    wait_until(lambda: all(folder.holder() is None for folder in folders))
    assert all(events(folder)[-1]["kind"] == "finished" for folder in folders)

    server = start_server(home)
    try:
        trials = finish(server)
        assert [trial["attempts"] for trial in trials] == [1, 1, 1]
        check_nothing_lost_or_doubled(server, folders)
    finally:
        server.stop()
