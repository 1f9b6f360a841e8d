"""A home with an open database, an experiment in it, and a runner on a machine without processes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from engine.experiment import ExperimentSpec
from engine.launch import submit
from engine.runner import Runner
from engine.settings import Home, RunnerSettings
from engine.spec_files import parse_spec
from storage.experiments import ExperimentRow, get_experiment
from storage.store import Store
from storage.trials import TrialRow, get_trial, list_trials
from tests.engine.fake_executor import FakeExecutor, fake_runner
from tests.engine.sample_spec import SAMPLE


@pytest.fixture
def sample_spec() -> ExperimentSpec:
    """Three trials of the sample specification; nothing in it exists on disk."""
    return parse_spec(SAMPLE).changed(budget={"trials": 3})


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.make()
    return home


@pytest.fixture
def store(home: Home) -> Iterator[Store]:
    with Store.open(home.database) as opened:
        yield opened


@dataclass
class Lab:
    """A submitted experiment called sample, its runner, and the machine it runs on."""

    store: Store
    home: Home
    machine: FakeExecutor
    runner: Runner

    @property
    def row(self) -> ExperimentRow:
        return get_experiment(self.store, "sample")

    def trial(self, number: int) -> TrialRow:
        return get_trial(self.store, "sample", number)

    def states(self) -> list[str]:
        return [trial.state for trial in list_trials(self.store, self.row.experiment_id)]

    def path(self, number: int) -> Path:
        return self.home.path / self.trial(number).folder

    def finish(self, number: int, **metrics: float) -> None:
        self.machine.finish(self.path(number), **metrics)

    def tick(self, passes: int = 1) -> None:
        for _ in range(passes):
            self.runner.tick()

    def students_running(self) -> None:
        """Up to where the teacher is done and every slot has a student."""
        self.tick()
        self.finish(0)
        self.tick()


@pytest.fixture
def lab(store: Store, home: Home, sample_spec: ExperimentSpec) -> Iterator[Lab]:
    submit(store, home, sample_spec)
    machine = FakeExecutor()
    settings = RunnerSettings(exit_seconds=0.0)
    yield Lab(store, home, machine, fake_runner(machine, store, home, settings))
    for path in list(machine.running):
        machine.end(path, None)
