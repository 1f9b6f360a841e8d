"""A server without its runner's loop: a store with made-up experiments behind the pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.services import Endpoint, Services, provide
from engine.events import Checkpoint, Evaluation, Failed, Finished, Progress, Started, Step
from engine.experiment import ExperimentSpec
from engine.frontier import frontier
from engine.launch import submit
from engine.lifecycle import ExperimentState, TrialState, experiment_sources
from engine.parameters import Configuration
from engine.runner import Runner
from engine.settings import Home
from engine.spec_files import parse_spec, preset_text
from engine.trial_folder import TrialFolder, event_writer
from storage.experiments import ExperimentRow, get_experiment, move_experiment
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
            services.whatif.close()
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


def _started(present: Services, trial: TrialRow) -> TrialFolder:
    """Move a queued trial to running and make its folder."""
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
    return folder


def _run(present: Services, trial: TrialRow) -> None:
    """Let a trial come to the end that its number stands for."""
    if trial.number == 7:
        return
    folder = _started(present, trial)
    with event_writer(folder.events, 1) as writer:
        writer.write(Started(1, "here", "cpu", 1))
        writer.write(Step(2, 0.5, 1.5, 2.0, 1.0, learning_rate=1e-3, examples_per_second=300.0))
        writer.write(Step(4, 1.0, 1.0, 1.4, 0.6, learning_rate=5e-4, examples_per_second=300.0))
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
        "collapsed": float(number == 4),
        "num_parameters": parameters,
        "latency_ms": 1.234567,
        "flops": 1e8,
    }


@pytest.fixture
def paraphrases(present: Services) -> ExperimentRow:
    """A completed MRPC experiment whose teacher has no head; the second student has collapsed, the third is sparse."""
    text = """name = "paraphrases"
[task]
name = "mrpc"
dataset = "nyu-mll/glue"
[teacher]
model = "google-bert/bert-base-uncased"
trained = false
[training]
int8 = true
[strategy]
name = "grid"
[budget]
trials = 20
[fixed]
alpha = 0.0
[baseline]
schedule = "linear"
[parameters.schedule]
type = "categorical"
values = ["linear", "noam", "constant"]
[[metrics]]
name = "f1"
direction = "maximize"
threshold = 10.0
[[metrics]]
name = "num_parameters"
direction = "minimize"
"""
    common = {"num_parameters": 4e6, "nonzero_parameters": 3.99e6, "latency_ms": 2.5, "collapsed": 0.0}
    sizes = {"num_parameters": 8e6, "nonzero_parameters": 8e6, "latency_ms": 5.0}
    int8 = {"int8_f1": 80.5, "int8_mb": 1.5, "int8_latency_ms": 1.0}
    return _completed(
        present,
        text,
        [
            ({}, sizes),
            ({"schedule": "linear"}, common | int8 | {"f1": 81.0, "accuracy": 70.0}),
            ({"schedule": "noam"}, common | {"f1": 0.0, "accuracy": 33.0, "collapsed": 1.0}),
            ({"schedule": "constant"}, common | {"f1": 79.0, "accuracy": 69.0, "nonzero_parameters": 3e6}),
        ],
        {"soft_loss": None, "hard_loss": 1.0},
    )


@pytest.fixture
def pretraining(present: Services) -> ExperimentRow:
    """A completed pre-training, three ways."""
    accuracies = {"mlm": 20.0, "distilbert": 24.0, "bort": 22.0}
    trials: list[tuple[Configuration, dict[str, float]]] = [
        ({}, {"mlm_accuracy": 60.0, "num_parameters": 8e6})
    ]
    for method, accuracy in accuracies.items():
        cost = 1e12 if method == "mlm" else 3e12
        scores = {"mlm_accuracy": accuracy, "mlm_loss": 4.5, "perplexity": 90.0, "collapsed": 0.0}
        trials.append(({"method": method}, scores | {"train_flops": cost, "train_tokens": 1e6}))
    losses = {"soft_loss": 2.0, "hard_loss": 5.0, "cosine_loss": 0.25}
    return _completed(present, preset_text("pretrain"), trials, losses)


@pytest.fixture
def tuned(present: Services) -> ExperimentRow:
    """A completed fine-tuning: a teacher without a head, and the one training."""
    sizes = {"num_parameters": 8e6}
    trials: list[tuple[Configuration, dict[str, float]]] = [({}, sizes), ({}, sizes | {"accuracy": 70.25})]
    return _completed(present, preset_text("fine-tune"), trials, {"hard_loss": 1.0})


def _completed(
    present: Services,
    text: str,
    trials: Sequence[tuple[Configuration, dict[str, float]]],
    losses: dict[str, float | None],
) -> ExperimentRow:
    """An experiment all of whose trials have completed, the teacher's first, each after two evaluations."""
    store = present.store
    experiment = submit(store, present.home, parse_spec(text))
    spec = ExperimentSpec.model_validate(experiment.spec)
    new = [
        NewTrial("student" if number else "baseline", parameters, number, SuggestionRow("grid"))
        for number, (parameters, _) in enumerate(trials[1:])
    ]
    add_trials(store, experiment.experiment_id, new, state=TrialState.QUEUED)
    for trial, (_, metrics) in zip(list_trials(store, experiment.experiment_id), trials, strict=True):
        folder = _started(present, trial)
        with event_writer(folder.events, 1) as writer:
            if trial.number:
                writer.write(Step(4, 1.0, 1.0, **losses))
                for step, share in ((2, 0.5), (4, 1.0)):
                    found = {name: share * value for name, value in metrics.items()}
                    writer.write(Evaluation(step, found))
            writer.write(Finished(metrics))
        ingest(store, trial.trial_id, folder.events)
        move_trial(
            store, trial.trial_id, TrialState.COMPLETED, allowed_from=[TrialState.RUNNING], finished=True
        )
    values = {number: metrics for number, (_, metrics) in enumerate(trials) if number}
    set_frontier(store, experiment.experiment_id, frontier(spec.metrics, values))
    for state in (ExperimentState.RUNNING, ExperimentState.COMPLETED):
        move_experiment(store, experiment.experiment_id, state, allowed_from=experiment_sources(state))
    return get_experiment(store, experiment.name)


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
