"""The command line: what it prints, how it fails, and its exit status."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from engine.cli.main import main
from engine.experiment import ExperimentSpec
from engine.launch import submit
from engine.lifecycle import ExperimentState, TrialState, experiment_sources
from engine.settings import Home
from engine.spec_files import preset_names, to_toml
from storage.experiments import move_experiment
from storage.store import Store
from storage.trials import NewTrial, add_trials, set_frontier
from tests.server import COMMAND, free_port, start_server

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def run_command(home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs ``bert-frontier ARGUMENTS`` on the test's home; gives exit status, output and errors."""

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["bert-frontier", *arguments])
        monkeypatch.setenv("BERT_FRONTIER_HOME", str(home))
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        output = capsys.readouterr()
        return int(ended.value.code or 0), output.out, output.err

    return call


@pytest.fixture
def finished(home: Path, tiny_spec: ExperimentSpec) -> None:
    """A completed experiment, written straight into the database: baseline, a frontier student, a failed one."""
    Home(home).make()
    with Store.open(Home(home).database) as store:
        row = submit(store, Home(home), tiny_spec)
        parameters = tiny_spec.baseline_configuration()
        roles = ["baseline", "student", "student"]
        trials = add_trials(store, row.experiment_id, [NewTrial(role, parameters, 1) for role in roles])
        with store.write() as connection:
            for trial, exact, size in zip(trials, (60.0, 61.5, None), (4000.0, 3000.0, None), strict=True):
                state = TrialState.FAILED if exact is None else TrialState.COMPLETED
                connection.execute(
                    "UPDATE trials SET state = ?, reason = ? WHERE trial_id = ?",
                    [state, "out of memory" if exact is None else None, trial.trial_id],
                )
                if exact is not None:
                    connection.execute(
                        "INSERT INTO trial_metrics VALUES (?, 'exact', ?, 1.0), (?, 'num_parameters', ?, NULL)",
                        [trial.trial_id, exact, trial.trial_id, size],
                    )
        set_frontier(store, row.experiment_id, [2])
        for state in (ExperimentState.RUNNING, ExperimentState.COMPLETED):
            move_experiment(store, row.experiment_id, state, allowed_from=experiment_sources(state))


@pytest.mark.usefixtures("finished")
class TestReading:
    def test_frontier_names_students_claims_and_failures(self, run_command: Command) -> None:
        status, output, _ = run_command("frontier", "tiny")
        assert status == 0
        assert "student 2 *" in output
        assert "61.5 ±1.0" in output
        assert "-25 %" in output
        assert "25 % fewer parameters within the error of the baseline" in output
        assert "student 3 failed: out of memory" in output

    def test_frontier_as_json(self, run_command: Command) -> None:
        _, output, _ = run_command("frontier", "tiny", "--json")
        found = json.loads(output)
        assert found["frontier"] == [2]
        assert found["trials"][1]["metrics"] == {"exact": 61.5, "num_parameters": 3000.0}

    def test_sql_in_every_format(self, run_command: Command) -> None:
        query = "SELECT trial, exact, num_parameters FROM tiny WHERE on_frontier"
        assert run_command("sql", query)[1].split() == [
            "trial",
            "exact",
            "num_parameters",
            "2",
            "61.5",
            "3000",
        ]
        rows = list(csv.DictReader(io.StringIO(run_command("sql", query, "--format", "csv")[1])))
        assert rows == [{"trial": "2", "exact": "61.5", "num_parameters": "3000"}]
        assert json.loads(run_command("sql", query, "--format", "json")[1]) == [
            {"trial": 2, "exact": 61.5, "num_parameters": 3000}
        ]

    def test_sql_as_parquet(self, home: Path, tmp_path: Path) -> None:
        target = tmp_path / "result.parquet"
        command = [*COMMAND, "sql", "SELECT 7 AS seven", "--format", "parquet"]
        with target.open("wb") as file:
            subprocess.run([*command, "--home", str(home)], stdout=file, check=True)
        assert pq.read_table(target).to_pylist() == [{"seven": 7}]

    def test_sql_that_writes_is_refused(self, run_command: Command) -> None:
        status, _, errors = run_command("sql", "DROP TABLE trials")
        assert status == 1
        assert "only read" in errors

    def test_an_unknown_experiment_names_those_like_it(self, run_command: Command) -> None:
        status, _, errors = run_command("frontier", "tiyn")
        assert status == 1
        assert "tiny" in errors

    def test_export_of_a_trial_without_a_model(self, run_command: Command, tmp_path: Path) -> None:
        for trial, message in (("tiny/9", "no trial tiny/9"), ("tiny", "experiment/number")):
            status, _, errors = run_command("export", trial, str(tmp_path / "out"))
            assert status == 1
            assert message in errors
        assert not (tmp_path / "out").exists()


class TestRunning:
    def test_run_to_the_end_export_and_resume(
        self, run_command: Command, tiny_spec: ExperimentSpec, tmp_path: Path
    ) -> None:
        spec = tmp_path / "tiny.toml"
        spec.write_text(to_toml(tiny_spec))
        status, output, errors = run_command("run", str(spec), "--trials", "2", "--json")
        assert status == 0, errors
        found = json.loads(output)
        assert found["state"] == "completed"
        assert [trial["role"] for trial in found["trials"]] == ["baseline", "student"]
        assert found["teacher"]["metrics"]["exact"] >= 0

        assert run_command("export", "tiny/1", str(tmp_path / "model"))[0] == 0
        assert (tmp_path / "model" / "model.safetensors").is_file()
        assert run_command("export", "tiny/1", str(tmp_path / "model"))[0] == 1

        status, _, errors = run_command("resume", "tiny")
        assert status == 1
        assert "complete" in errors

    def test_an_experiment_whose_trials_all_fail_ends_with_status_3(
        self, run_command: Command, tiny_spec: ExperimentSpec, tmp_path: Path
    ) -> None:
        spec = tmp_path / "tiny.toml"
        spec.write_text(to_toml(tiny_spec))
        impossible = ["--set", "parameters.n_heads.low=30", "--set", "parameters.n_heads.high=40"]
        status, output, errors = run_command(
            "run", str(spec), "--trials", "1", *impossible, "--set", "baseline.n_heads=30"
        )
        assert status == 3
        assert "no trial of tiny was completed" in errors
        assert "n_heads is 30" in output

    def test_ctrl_c_pauses_and_resume_goes_on(
        self, home: Path, tiny_spec: ExperimentSpec, tmp_path: Path
    ) -> None:
        spec = tmp_path / "tiny.toml"
        long = tiny_spec.changed(fixed=tiny_spec.fixed | {"epochs": 40.0}, budget={"trials": 1})
        spec.write_text(to_toml(long))
        # A shell that starts the tests in the background makes them, and so the command, deaf to Ctrl-C.
        process = subprocess.Popen(
            [*COMMAND, "run", str(spec), "--home", str(home)],
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        events = home / "experiments" / "tiny" / "0001" / "events.jsonl"
        end = time.monotonic() + 100
        while not events.exists() or '"step"' not in events.read_text():
            assert time.monotonic() < end
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 130
        assert "bert-frontier resume tiny" in errors
        done = subprocess.run(
            [*COMMAND, "resume", "tiny", "--home", str(home), "--json"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["trials"][0]["attempts"] == 2


class TestWithAServer:
    def test_commands_go_to_the_server_that_owns_the_database(
        self, home: Path, run_command: Command, tiny_spec: ExperimentSpec, tmp_path: Path
    ) -> None:
        spec = tmp_path / "tiny.toml"
        spec.write_text(to_toml(tiny_spec.changed(budget={"trials": 1})))
        server = start_server(home)
        try:
            status, output, errors = run_command("run", str(spec))
            assert status == 0, errors
            assert f"submitted as tiny to {server.address}" in errors
            assert "1 of 1 trials" in output
            assert json.loads(run_command("frontier", "tiny", "--json")[1])["done"] == 1
            assert run_command("sql", "SELECT trial FROM tiny WHERE role = 'baseline'")[1].split() == [
                "trial",
                "1",
            ]
            assert run_command("export", "tiny/1", str(tmp_path / "model"))[0] == 0
            status, _, errors = run_command("up", "--no-browser")
            assert status == 1
            assert server.address in errors
            assert server.address in json.loads(run_command("doctor", "--json")[1])["database"]["text"]
        finally:
            assert server.stop() in (0, -signal.SIGTERM)
        assert run_command("sql", "SELECT 1 AS one")[0] == 0


class TestBadInput:
    @pytest.mark.parametrize(
        ("change", "expected"),
        [
            (["--trials", "0"], "budget.trials"),
            (["--set", "parameters.learning_rate.low=1"], "parameters.learning_rate"),
            (["--set", "nonsense"], "key=value"),
            (["--dataset", "no/such/file.json"], "no/such/file.json"),
            (["--dataset", __file__], "test_cli.py"),
        ],
    )
    def test_a_wrong_setting_is_named(self, run_command: Command, change: list[str], expected: str) -> None:
        status, output, errors = run_command("run", "demo", *change)
        assert status == 1
        assert not output
        assert expected in errors

    def test_a_teacher_without_weights(
        self, run_command: Command, tiny_dataset: Path, tmp_path: Path
    ) -> None:
        (tmp_path / "teacher").mkdir()
        (tmp_path / "teacher" / "config.json").write_text('{"model_type": "bert"}')
        status, _, errors = run_command(
            "run", "demo", "--dataset", str(tiny_dataset), "--teacher", str(tmp_path / "teacher")
        )
        assert status == 1
        assert "weights" in errors
        assert str(tmp_path / "teacher") in errors

    def test_a_malformed_file_names_its_line(self, run_command: Command, tmp_path: Path) -> None:
        spec = tmp_path / "bad.toml"
        spec.write_text("name = \n")
        status, _, errors = run_command("run", str(spec))
        assert status == 1
        assert "line 1" in errors

    def test_an_unknown_preset_lists_the_known(self, run_command: Command) -> None:
        status, _, errors = run_command("run", "dmeo")
        assert status == 1
        assert ", ".join(preset_names()) in errors

    def test_a_home_that_cannot_be_written(self, run_command: Command, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        status, _, errors = run_command("run", "demo", "--home", str(tmp_path / "file" / "home"))
        assert status == 1
        assert "--home DIR" in errors

    def test_a_port_in_use(self, run_command: Command) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            status, _, errors = run_command("up", "--no-browser", "--port", str(taken.getsockname()[1]))
        assert status == 1
        assert "--port" in errors

    def test_a_database_that_another_process_has_open(self, run_command: Command, home: Path) -> None:
        Home(home).make()
        with Store.open(Home(home).database):
            done = subprocess.run(
                [*COMMAND, "up", "--no-browser", "--home", str(home), "--port", str(free_port())],
                capture_output=True,
                text=True,
                check=False,
            )
        assert done.returncode == 1
        assert f"process {os.getpid()}" in done.stderr
        assert "Traceback" not in done.stderr

    def test_a_database_that_is_none(self, run_command: Command, home: Path) -> None:
        Home(home).make()
        Home(home).database.write_bytes(b"no database")
        status, _, errors = run_command("up", "--no-browser", "--port", str(free_port()))
        assert status == 1
        assert "It was left as it is" in errors
        assert Home(home).database.read_bytes() == b"no database"

    def test_a_wrong_option_is_a_usage_error(self, run_command: Command) -> None:
        assert run_command("run", "demo", "--no-such-option")[0] == 2


def test_doctor_finds_this_machine_fit(run_command: Command) -> None:
    status, output, _ = run_command("doctor", "--json")
    found = json.loads(output)
    assert set(found) == {"program", "cores and slots", "memory", "home", "disk", "database"}
    assert status == (0 if all(check["ok"] for check in found.values()) else 1)


def test_help_lists_every_command(run_command: Command) -> None:
    output = run_command("--help")[1]
    for command in ("demo", "up", "run", "resume", "frontier", "whatif", "sql", "export", "replay", "doctor"):
        assert f"  {command} " in output
