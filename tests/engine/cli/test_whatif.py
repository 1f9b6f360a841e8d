"""``whatif`` on the command line: its text, its JSON, its errors, and the same answer with a server running."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable
from dataclasses import asdict
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from engine.cli.main import main
from engine.distill.students.architecture import Architecture
from engine.experiment import ExperimentSpec
from engine.launch import submit
from engine.lifecycle import ExperimentState, TrialState, experiment_sources
from engine.search_problems import search_problem
from engine.settings import Home
from engine.spec_files import parse_spec
from engine.strategies.sobol import legal_points
from engine.trial_folder import TrialFolder
from storage.experiments import get_experiment, move_experiment
from storage.store import Store
from storage.trials import NewTrial, add_trials, get_trial
from tests.engine.sample_spec import SAMPLE
from tests.server import start_server

Command = Callable[..., tuple[int, str, str]]
TEACHER = Architecture("bert", 4, 4, 128, 512, 4, 2000, 128, 2)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.make()
    return home


@pytest.fixture
def ask(home: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs ``bert-frontier whatif sample ARGUMENTS``; gives exit status, output and errors."""

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["bert-frontier", "whatif", *arguments, "--home", str(home.path)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        output = capsys.readouterr()
        return int(ended.value.code or 0), output.out, output.err

    return call


def store_experiment(home: Home, trials: int) -> None:
    """A completed experiment called sample with known sizes, straight into the database."""
    spec: ExperimentSpec = parse_spec(SAMPLE).changed(budget={"trials": max(trials, 1)})
    with Store.open(home.database) as store:
        row = submit(store, home, spec)
        folder = home.path / get_trial(store, "sample", 0).folder
        folder.mkdir(parents=True, exist_ok=True)
        TrialFolder(folder).architecture.write_text(json.dumps(asdict(TEACHER)))
        problem = search_problem(store, home, get_experiment(store, "sample"))
        assert problem.baseline is not None
        points = legal_points(problem.space, 1, 0, set(), problem.is_legal)
        configurations = [problem.baseline, *islice(points, trials - 1)][:trials]
        roles = ["baseline"] + ["student"] * (trials - 1)
        new = [NewTrial(role, one, 1) for role, one in zip(roles, configurations, strict=False)]
        added = add_trials(store, row.experiment_id, new)
        random = np.random.default_rng(0)
        with store.write() as connection:
            for trial, one in zip(added, configurations, strict=True):
                known = problem.known_values(one)
                assert known is not None
                rate = math.log10(float(one["learning_rate"])) + 3.2
                exact = 35 + 10 * float(one["n_layers"]) - 20 * rate**2 + random.normal()
                latency = float(one["n_layers"]) * 0.7 * math.exp(0.03 * random.normal())
                connection.execute(
                    "UPDATE trials SET state = ? WHERE trial_id = ?", [TrialState.COMPLETED, trial.trial_id]
                )
                connection.execute(
                    "INSERT INTO trial_metrics VALUES (?, 'exact', ?, 1.0), (?, 'num_parameters', ?, NULL), "
                    "(?, 'latency_ms', ?, NULL)",
                    [trial.trial_id, exact, trial.trial_id, known["num_parameters"], trial.trial_id, latency],
                )
        for state in (ExperimentState.RUNNING, ExperimentState.COMPLETED):
            move_experiment(store, row.experiment_id, state, allowed_from=experiment_sources(state))


def test_an_answer_as_text_and_as_json(home: Home, ask: Command) -> None:
    store_experiment(home, 14)
    question = ("sample", "--set", "n_layers=2..3", "--max", "latency_ms=2.5", "--min", "exact=40")
    status, text, _ = ask(*question)
    assert status == 0
    assert text.startswith(
        "sample, 14 completed trials: n_layers 2 to 3, latency_ms <= 2.5 ms, exact >= 40.0\n"
    )
    for part in (
        "Best exact to be counted on",
        "Most alike measured trials:",
        "Ship trial",
        "predicts exact",
    ):
        assert part in text
    status, output, _ = ask(*question, "--json")
    found = json.loads(output)
    assert status == 0
    assert found["best"]["parameters"]["n_layers"] in (2, 3)
    assert found["best"]["estimates"]["num_parameters"]["is_exact"]
    assert found["best"]["estimates"]["latency_ms"]["mean"] <= 2.5
    assert found["shipment"]["metrics"]["latency_ms"] <= 2.5
    assert f"Ship trial {found['shipment']['trial']}:" in text
    assert found["support"]["words"] in text


def test_few_trials_still_have_their_sizes(home: Home, ask: Command) -> None:
    store_experiment(home, 2)
    status, text, _ = ask("sample", "--set", "n_layers=2")
    assert status == 0
    assert "3 more completed trials of other configurations are needed" in text
    assert "Over what is left free, num_parameters is from" in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--set", "depth=3"],
            "depth is not searched, so it cannot be pinned; searched are n_layers (1 to 4)",
        ),
        (["--set", "n_layers=9"], "n_layers = 9 was not searched; it is 1 to 4"),
        (["--set", "n_layers"], "write NAME=VALUE or NAME=LOW..HIGH"),
        (
            ["--max", "speed=3"],
            "no trial reports the metric 'speed'; known are exact, num_parameters, latency_ms",
        ),
        (["--max", "exact=fast"], "write METRIC=NUMBER"),
    ],
)
def test_what_cannot_be_asked_is_explained(
    home: Home, ask: Command, arguments: list[str], message: str
) -> None:
    store_experiment(home, 1)
    status, output, errors = ask("sample", *arguments)
    assert status == 1
    assert not output
    assert message in errors


def test_an_unknown_experiment(home: Home, ask: Command) -> None:
    store_experiment(home, 1)
    status, _, errors = ask("sampel")
    assert status == 1
    assert "did you mean sample?" in errors


def test_a_server_that_owns_the_database_is_asked(home: Home, ask: Command) -> None:
    store_experiment(home, 6)
    question = ("sample", "--max", "num_parameters=1e6", "--json")
    alone = ask(*question)
    server = start_server(home.path)
    try:
        assert ask(*question) == alone
        status, _, errors = ask("sampel")
        assert status == 1
        assert "no experiment is called 'sampel'" in errors
    finally:
        server.stop()
