"""A server without its runner's loop: a store with made-up experiments behind the pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.services import Endpoint, Services, provide
from engine.events import Checkpoint, Evaluation, Failed, Finished, Progress, Started, Step
from engine.experiment import ExperimentSpec
from engine.frontier import frontier
from engine.launch import submit
from engine.lifecycle import ExperimentState, TrialState, experiment_sources
from engine.runner import Runner
from engine.settings import Home
from engine.spec_files import parse_spec, preset_text
from engine.trial_folder import TrialFolder, event_writer
from storage.experiments import ExperimentRow, move_experiment
from storage.ingest import ingest
from storage.store import Store
from storage.suggestions import SuggestionRow
from storage.trials import NewTrial, TrialRow, add_trials, list_trials, move_trial, set_frontier

ENTRY = Path(__file__).resolve().parents[2] / "dashboard" / "main.py"
SCORES = {1: (80.0, 411_000.0), 2: (80.5, 336_000.0), 3: (74.0, 337_000.0), 4: (20.0, 150_000.0)}
"""Exact match and parameters of the completed students; the fourth is below the threshold."""


@pytest.fixture
def present(tmp_path: Path) -> Iterator[Services]:
    """Services of a server with an empty home."""
    home = Home(tmp_path / "home")
    home.make()
    with Store.open(home.database) as store:
        services = Services(home, store, Runner(store, home), Endpoint("127.0.0.1", 8501))
        provide(services)
        try:
            yield services
        finally:
            provide(None)


@pytest.fixture
def demo(present: Services) -> ExperimentRow:
    """A running experiment: teacher, baseline, three more completed students, one failed, running, queued, stopped."""
    experiment = submit(present.store, present.home, parse_spec(preset_text("demo")))
    spec = ExperimentSpec.model_validate(experiment.spec)
    new = [NewTrial("baseline", spec.baseline_configuration(), 2, SuggestionRow("baseline"))]
    for number in range(2, 9):
        parameters = {"n_layers": 1, "n_heads": number % 4 + 1, "alpha": 0.1 * number, "temperature": 2.0}
        parameters["learning_rate"] = 1e-4 * number
        predicted = {"exact": [75.0, 3.0], "num_parameters": [300_000.0, 1.0]}
        suggestion = SuggestionRow("nehvi", 0.3, predicted, 0.8, "quasi-random, because of *nothing*")
        new.append(NewTrial("student", parameters, number, suggestion))
    add_trials(present.store, experiment.experiment_id, new, state=TrialState.QUEUED)
    move_experiment(
        present.store,
        experiment.experiment_id,
        ExperimentState.RUNNING,
        allowed_from=experiment_sources(ExperimentState.RUNNING),
    )
    for trial in list_trials(present.store, experiment.experiment_id):
        _run(present, trial)
    values = {number: {"exact": pair[0], "num_parameters": pair[1]} for number, pair in SCORES.items()}
    set_frontier(present.store, experiment.experiment_id, frontier(spec.metrics, values))
    return experiment


def _run(present: Services, trial: TrialRow) -> None:
    """Let a trial come to the end that its number stands for."""
    if trial.number == 7:
        return
    move_trial(
        present.store,
        trial.trial_id,
        TrialState.RUNNING,
        allowed_from=[TrialState.QUEUED],
        started=True,
        new_attempt=True,
    )
    folder = TrialFolder(present.home.path / trial.folder)
    folder.path.mkdir(parents=True)
    with event_writer(folder.events, 1) as writer:
        writer.write(Started(1, "here", "cpu", 1))
        writer.write(Step(2, 0.5, 1.5, 2.0, 1.0, 1e-3, 300.0))
        writer.write(Step(4, 1.0, 1.0, 1.4, 0.6, 5e-4, 300.0))
        writer.write(Evaluation(4, _metrics(trial.number), {"exact": 1.8}))
        writer.write(Checkpoint(4))
        writer.write(Progress(0.4, "training, step 4 of 10"))
        if trial.number == 5:
            writer.write(Failed("the loss is not finite", "Traceback: DivergenceError"))
        elif trial.number <= 4:
            writer.write(Finished(_metrics(trial.number), {"exact": 1.8}))
    ingest(present.store, trial.trial_id, folder.events)
    ends = {5: (TrialState.FAILED, "the loss is not finite", "Traceback: DivergenceError")}
    ends[8] = (TrialState.STOPPED, "stopped by a person", "")
    state, reason, error = ends.get(trial.number, (TrialState.COMPLETED, None, None))
    if trial.number != 6:
        move_trial(
            present.store,
            trial.trial_id,
            state,
            allowed_from=[TrialState.RUNNING],
            reason=reason,
            error=error,
            finished=True,
        )
    if trial.number == 2:
        folder.model.mkdir()
        (folder.model / "config.json").write_text("{}", encoding="utf-8")


def _metrics(number: int) -> dict[str, float]:
    exact, parameters = SCORES.get(number, (79.0, 411_000.0))
    answering = (0.0, 100.0) if number == 4 else (75.0, 85.0)
    return {
        "exact": exact,
        "f1": exact + 1,
        "HasAns_exact": answering[0],
        "NoAns_exact": answering[1],
        "num_parameters": parameters,
        "latency_ms": 1.234567,
        "flops": 1e8,
    }


@pytest.fixture
def visit() -> Callable[..., AppTest]:
    """Opens a page: ``visit("trial", id="demo/2")``."""

    def visited(page: str = "experiments", **query: str) -> AppTest:
        at = AppTest.from_file(str(ENTRY), default_timeout=60).run()
        if page != "experiments":
            at.switch_page(f"app_pages/{page}.py")
            for key, value in query.items():
                at.query_params[key] = value
            at.run()
        assert not at.exception, at.exception
        return at

    return visited
