"""Extractions in the database: the runner stores the sorted space, and what was found of it is told."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest

from engine.errors import SettingError, StateError, UnknownNameError
from engine.extracting import find, text_after
from engine.extraction.finding import sentences
from engine.launch import submit
from engine.overview import overview
from engine.runner import Runner
from engine.settings import Home, RunnerSettings
from engine.spec_files import parse_spec, read_spec
from engine.strategies import registry
from engine.strategies.interface import SearchProblem, Suggestion
from storage.experiments import get_experiment
from storage.extraction import found_candidates
from storage.store import Store
from storage.trials import get_trial, list_trials
from tests.engine.fake_executor import FakeExecutor, InstantDesk
from tests.engine.stored_extraction import BEST, MEASURED, ROBERTA_LARGE, store_extraction


def test_what_is_found_of_a_stored_extraction(store: Store, home: Home) -> None:
    row = store_extraction(store, home)
    found = find(store, overview(store, row))
    assert found is not None
    assert (len(found.space), len(found.ranking)) == (300, MEASURED)
    assert found.best.trial == BEST
    assert found.best.number == 4 * (BEST - 1)
    assert len(found.contenders) == 300 - MEASURED
    assert "\u27e9 has the largest W" in sentences(found)[0]


def test_nothing_is_found_before_the_first_candidate(store: Store, home: Home) -> None:
    row = store_extraction(store, home, measured=0)
    assert find(store, overview(store, row)) is None
    with pytest.raises(StateError, match="no candidate of bort"):
        text_after(store, "bort", "pretrain")


def test_the_specification_that_follows(store: Store, home: Home) -> None:
    row = store_extraction(store, home)
    assert text_after(store, "bort", "") == row.spec_toml
    best = get_trial(store, "bort", BEST).parameters
    new = parse_spec(text_after(store, "bort", "pretrain"))
    assert new.name == "bort-pretrain"
    assert best.items() <= new.fixed.items()
    assert best.items() <= parse_spec(text_after(store, "bort", "search")).baseline.items()
    with pytest.raises(UnknownNameError, match="pretrain or search"):
        text_after(store, "bort", "nothing")
    submit(store, home, read_spec("demo"))
    with pytest.raises((SettingError, StateError)):
        text_after(store, "demo", "pretrain")


@pytest.fixture
def machine() -> FakeExecutor:
    return FakeExecutor()


class ExtractingDesk(InstantDesk):
    """Suggests candidates at once, in this process."""

    def take(self, experiment_id: int, problem: SearchProblem) -> Suggestion | None:
        made = registry.suggest("extract", problem, self._seen(experiment_id), 1)
        return made[0] if made else None


@pytest.fixture
def runner(machine: FakeExecutor, store: Store, home: Home) -> Runner:
    submit(store, home, read_spec("bort", {"extract.interval": 60, "budget.trials": 6}))
    settings = RunnerSettings(exit_seconds=0.0)
    return Runner(store, home, settings, executor=machine, desk=ExtractingDesk(store, settings))


def run_to_end(runner: Runner, machine: FakeExecutor, store: Store, home: Home, **metrics: float) -> None:
    for _ in range(40):
        runner.tick()
        for path in list(machine.running):
            if path.name == "0000":
                text = json.dumps(asdict(ROBERTA_LARGE))
                (path / "architecture.json").write_text(text, encoding="utf-8")
            machine.finish(path, **metrics)
        if get_experiment(store, "bort").state != "running" and len(list_trials(store, 1)) > 1:
            return


def test_the_runner_trains_the_partition_and_ends(
    runner: Runner, machine: FakeExecutor, store: Store, home: Home
) -> None:
    run_to_end(
        runner, machine, store, home, w=1.0, surrogate_error=2.0, lemma_parameters=1.0, lemma_operations=1.0
    )
    assert get_experiment(store, "bort").state == "completed"
    students = [trial for trial in list_trials(store, 1) if trial.role != "teacher"]
    assert {trial.role for trial in students} == {"student"}
    rows = found_candidates(store, "bort")
    assert len(rows) == 300
    trained = [row for row in rows if row.candidate.chosen]
    assert [row.candidate.place for row in trained] == [0, 60, 120, 180, 240, 299]
    assert sorted(row.trial for row in trained) == [trial.number for trial in students] == list(range(1, 7))
    assert {row.w for row in trained} == {1.0}
    assert not any(row.trial for row in rows if not row.candidate.chosen)


def test_an_extraction_whose_sizes_stay_unknown_fails_by_name(
    runner: Runner, machine: FakeExecutor, store: Store
) -> None:
    runner.tick()
    machine.finish(next(iter(machine.running)))
    for _ in range(4):
        runner.tick()
    ended = get_experiment(store, "bort")
    assert ended.state == "failed"
    assert "not known" in str(ended.reason)
