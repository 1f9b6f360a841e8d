"""Confirming a trial: its model measured on all evaluation examples, stored beside the sample's scores."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from engine.access import refresh_trial
from engine.confirming import confirm_trial
from engine.errors import SettingError, StateError, UnknownNameError
from engine.experiment import ExperimentSpec
from engine.launch import submit
from engine.lifecycle import TrialState
from engine.settings import Home
from engine.trial_folder import TrialFolder, TrialSpec, event_writer, take_lock
from storage.store import Store
from storage.trials import NewTrial, add_trials, metrics_of

SAMPLE = 10


def trained(home: Home, spec: ExperimentSpec) -> TrialFolder:
    """The folder of a completed trial 1 of an experiment, run in this process."""
    from engine.distill.trial import student_trial

    folder = TrialFolder(home.path / "experiments" / spec.name / "0001")
    facts = {
        "experiment": spec,
        "name": spec.name,
        "number": 1,
        "role": "baseline",
        "parameters": spec.baseline_configuration(),
        "seed": 1,
        "cache": home.cache,
    }
    folder.write_spec(TrialSpec.model_validate(facts))
    with event_writer(folder.events, attempt=1) as writer:
        for event in student_trial(folder.read_spec(), folder):
            writer.write(event)
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def sampled(tiny_spec: ExperimentSpec) -> ExperimentSpec:
    """The tiny experiment, its trials measured on a small sample."""
    return tiny_spec.changed(task=tiny_spec.task.model_dump() | {"eval_samples": SAMPLE})


def test_scores_on_everything_are_stored_beside_those_of_the_sample(
    home: Home, sampled: ExperimentSpec
) -> None:
    folder = trained(home, sampled)
    shares: list[float] = []
    event = confirm_trial(home, sampled.name, 1, shares.append)
    assert event.metrics["full_total"] > SAMPLE
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0)
    lines = [json.loads(line) for line in folder.events.read_text().splitlines()]
    assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))
    assert [line["kind"] for line in lines[-2:]] == ["finished", "confirmed"]
    home.make()
    with Store.open(home.database) as store:
        experiment = submit(store, Home(home.path / "elsewhere"), sampled)
        new = NewTrial("baseline", sampled.baseline_configuration(), 1)
        trial = add_trials(store, experiment.experiment_id, [new], state=TrialState.COMPLETED)[0]
        assert trial.folder == f"experiments/{sampled.name}/0001"
        refresh_trial(store, home, sampled.name, 1)
        found = metrics_of(store, experiment.experiment_id)[1]
    assert found["full_exact"] == (event.metrics["full_exact"], event.standard_errors["full_exact"])
    assert found["total"][0] == SAMPLE
    assert found["full_total"][0] == event.metrics["full_total"]
    assert found["full_exact"][1] < found["exact"][1]


def test_the_whole_part_measured_again_gives_what_the_trial_measured(
    home: Home, tiny_spec: ExperimentSpec
) -> None:
    """A sample as large as the part is the part, so every score must come out the same."""
    whole = tiny_spec.changed(task=tiny_spec.task.model_dump() | {"eval_samples": 10_000})
    folder = trained(home, whole)
    finished = json.loads(folder.events.read_text().splitlines()[-1])
    event = confirm_trial(home, whole.name, 1)
    for name, value in event.metrics.items():
        assert value == pytest.approx(finished["metrics"][name.removeprefix("full_")]), name


def test_what_cannot_be_confirmed_is_told(
    home: Home, sampled: ExperimentSpec, tiny_spec: ExperimentSpec
) -> None:
    with pytest.raises(UnknownNameError, match="no trial tiny/1"):
        confirm_trial(home, "tiny", 1)
    folder = trained(home, sampled)
    lock = take_lock(folder)
    assert lock is not None
    with pytest.raises(StateError, match="is running"):
        confirm_trial(home, sampled.name, 1)
    os.close(lock)
    spec = folder.read_spec()
    folder.write_spec(spec.model_copy(update={"experiment": tiny_spec}))
    with pytest.raises(SettingError, match="all evaluation examples already"):
        confirm_trial(home, sampled.name, 1)
