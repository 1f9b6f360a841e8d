"""A whole run with real processes: its rounds, data and report, and the same run while everything is killed."""

from __future__ import annotations

import json
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from engine.agora.requirements import agora_sets, training_count
from engine.agora.texts import text_keys
from engine.agora_report import AgoraReport, rerun, sentences, tell
from engine.augmenting import teacher_check
from engine.cli.agora import as_text, as_values
from engine.controls import resume_trial
from engine.distill.agora.round_files import round_files
from engine.distill.agora.trials import augmentation_trial, with_rounds
from engine.distill.prepared import needed_prepared
from engine.errors import SettingError, StateError
from engine.experiment import ExperimentSpec
from engine.launch import submit
from engine.overview import overview
from engine.queueing import queue_trial
from engine.runner import Runner, run_to_end
from engine.settings import Home, RunnerSettings
from engine.spec_files import parse_spec, to_toml
from engine.summary import detailed_summary
from engine.trial_folder import TrialFolder, TrialSpec
from storage.agora_views import examples_page, growth_frame, round_rows, student_rows
from storage.experiments import get_experiment
from storage.store import Store
from storage.trials import list_trials
from tests.engine.agora.tiny_run import tiny_agora, write_tiny_data
from tests.server import COMMAND, signal_trials

NAME = "tiny"
SLOTS = 2
KILLS = (("student", 0), ("augmentation", 1), ("student", 1))
"""Roles and rounds of the trials in whose midst everything that runs is killed, the last time with the server."""


@dataclass(frozen=True)
class Lab:
    """A finished run with its open database."""

    home: Home
    store: Store
    spec: ExperimentSpec

    def folder(self, number: int) -> TrialFolder:
        return TrialFolder(self.home.path / "experiments" / NAME / f"{number:04d}")

    def read(self, query: str) -> list[tuple[object, ...]]:
        with self.store.read() as connection:
            return connection.execute(query).fetchall()

    def report(self) -> AgoraReport:
        return tell(
            self.spec,
            round_rows(self.store, NAME),
            student_rows(self.store, NAME),
            teacher_score=90.0,
            check=teacher_check(self.folder(0)),
        )


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("worth")
    write_tiny_data(folder)
    return folder


@pytest.fixture(scope="module")
def lab(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    home = Home(tmp_path_factory.mktemp("home"))
    home.make()
    spec = tiny_agora(data)
    with Store.open(home.database) as store:
        submit(store, home, spec)
        runner = Runner(store, home, RunnerSettings(slots=SLOTS, poll_seconds=0.05))
        try:
            for _ in run_to_end(runner, NAME):
                pass
        finally:
            runner.close()
        yield Lab(home, store, spec)


def test_rounds_go_on_until_the_last_set_is_dropped(lab: Lab) -> None:
    row = get_experiment(lab.store, NAME)
    assert (row.state, row.reason) == ("completed", "the last hyperparameter set was dropped")
    rounds = round_rows(lab.store, NAME)
    assert [item.sets_alive for item in rounds] == [4, 2, 1]
    assert [len(item.dropped or ()) for item in rounds] == [2, 1, 1]
    assert all(item.reading == "halving" for item in rounds)
    students = student_rows(lab.store, NAME)
    for item in rounds:
        scores = {student.trial: student.score for student in students if student.round == item.round}
        assert item.best_score == max(scores.values()) == scores[item.best_trial]
    sets = {item.id: item.values for item in agora_sets(lab.spec)}
    for number, set_id, parameters, seed in lab.read(
        "SELECT trial, set_id, parameters, seed FROM agora_students WHERE experiment = 'tiny'"
    ):
        assert {**json.loads(str(parameters)), "seed": seed} == sets[str(set_id)], number


def test_data_are_made_by_trials_of_their_own(lab: Lab) -> None:
    trials = list_trials(lab.store, 1)
    makers = [trial for trial in trials if trial.role == "augmentation"]
    assert [trial.number for trial in makers] == [
        item.data_trial for item in round_rows(lab.store, NAME) if item.data_trial is not None
    ]
    assert all(trial.state == "completed" and not trial.is_student for trial in makers)
    spec = lab.folder(makers[1].number).read_spec()
    assert spec.agora is not None
    bests = [item.best_trial for item in round_rows(lab.store, NAME)]
    assert (spec.agora.round, list(spec.agora.parents)) == (2, bests[:2])


def test_counts_pages_and_claims_take_them_for_no_students(lab: Lab) -> None:
    view = overview(lab.store, get_experiment(lab.store, NAME))
    assert len(view.students) == view.done == 7
    assert len(view.trials) == 10
    assert all(trial.number not in view.measured for trial in view.trials if trial.role == "augmentation")
    assert sum(view.counts.values()) == 7
    assert view.budget == training_count(lab.spec) == 9
    told = detailed_summary(view)
    assert len(told["trials"]) == 7
    assert set(told["frontier"]) <= {trial["number"] for trial in told["trials"]}


def test_students_train_on_what_was_added_and_never_on_evaluation_examples(lab: Lab) -> None:
    last = student_rows(lab.store, NAME)[-1].trial
    folder = lab.folder(last)
    spec = folder.read_spec()
    given = needed_prepared(spec.experiment, spec.cache)
    prepared = with_rounds(spec, folder, given)
    part = prepared.parts["training"]
    added = [item.accepted or 0 for item in round_rows(lab.store, NAME)]
    assert min(added[:2]) > 0
    assert len(part.examples) == len(part.rows) == len(given.parts["training"].examples) + sum(added)
    assert part.rows.targets["labels"].tolist() == [item.label for item in part.examples]
    assert not text_keys(part.examples) & text_keys(prepared.parts["evaluation"].examples)
    logits = prepared.teacher_outputs["logits"]
    assert len(logits) == len(part.rows)
    new = slice(len(given.parts["training"].examples), None)
    assert logits[new].argmax(axis=1).tolist() == [item.label for item in part.examples[new]]
    from transformers import AutoTokenizer

    encoded = prepared.task.encode(AutoTokenizer.from_pretrained(prepared.teacher), part.examples, "training")
    assert np.array_equal(encoded.input_ids, part.rows.input_ids)
    assert np.array_equal(encoded.row_offsets, part.rows.row_offsets)
    assert with_rounds(spec.model_copy(update={"agora": None}), folder, given) is given


def test_generated_examples_are_stored_with_what_became_of_them(lab: Lab) -> None:
    rounds = round_rows(lab.store, NAME)
    growth = growth_frame(lab.store, NAME)
    for item in rounds[:2]:
        made = growth[growth["round"] == item.round + 1]
        assert made["examples"].sum() == item.generated
        kept = made[made["kept"]]
        assert kept["examples"].sum() == item.accepted
        assert kept.groupby("label")["examples"].sum().nunique() == 1, "labels are balanced"
    found = examples_page(lab.store, NAME, round_number=1, kept=True, limit=3)
    assert (len(found.examples), found.total) == (3, rounds[0].accepted)
    assert found.examples["teacher_confidence"].between(0.6, 1).all()
    assert found.examples["student_label"].isin(["poor", "rich"]).all()
    assert (found.examples["answered"] != found.examples["original_label"]).all()
    sure = found.examples["after_label"] == found.examples["teacher_label"]
    assert sure.any(), "the student has learned something of what it was trained on"
    last = examples_page(lab.store, NAME, round_number=2).examples
    assert last["after_label"].isna().all(), "no further round was made that would have asked"
    beyond = examples_page(lab.store, NAME, round_number=1, kept=True, limit=3, offset=1000)
    assert (len(beyond.examples), beyond.total) == (0, found.total)


def test_data_that_were_lost_come_out_the_same_and_no_label_is_asked_for_again(
    lab: Lab, tmp_path: Path
) -> None:
    number = round_rows(lab.store, NAME)[1].data_trial
    assert number is not None
    folder, again = lab.folder(number), tmp_path / "cache"
    shutil.copytree(lab.home.cache, again)
    shutil.rmtree(again / "agora")
    kept = folder.read_spec()
    spec = TrialSpec.model_validate(kept.model_dump() | {"cache": again})
    before, facts = folder.generated.read_bytes(), round_files(kept, folder)[-1].read_facts()
    finished = [*augmentation_trial(spec, folder)][-1]
    assert folder.generated.read_bytes() == before
    assert finished.kind == "finished"
    assert finished.metrics["asked"] == 0 < facts["asked"]
    assert finished.metrics["accepted"] == facts["accepted"]


def test_the_report(lab: Lab) -> None:
    report = lab.report()
    best = max(student_rows(lab.store, NAME), key=lambda item: item.score or 0)
    assert report.best is not None
    assert (report.best.trial, report.best.round) == (best.trial, best.round)
    assert report.convergent == student_rows(lab.store, NAME)[-1].set_id
    assert list(report.theory) == [50.0, 75.0, 87.5]
    assert sum(report.costs.shares.values()) == pytest.approx(1)
    text = as_text(report)
    assert f"The best student is trial {best.trial} of round {best.round}" in text
    assert "of 60 evaluation examples right" in text
    assert len(text.split("\n")) == 4 + len(sentences(report))
    assert json.loads(json.dumps(as_values(report)))["convergent"] == report.convergent


def test_the_rerun_has_the_convergent_set_alone(lab: Lab) -> None:
    report = lab.report()
    assert report.convergent is not None
    new = parse_spec(to_toml(rerun(lab.spec, report.sets[report.convergent], NAME)))
    assert [item.id for item in agora_sets(new)] == [report.convergent]
    assert new.agora.chs_only
    assert new.trial_count() == new.agora.rounds == 3


def test_what_rounds_were_built_on_cannot_change(lab: Lab) -> None:
    first = student_rows(lab.store, NAME)[0].trial
    with lab.store.write() as connection:
        connection.execute("UPDATE trials SET state = 'failed' WHERE number = ?", [first])
    try:
        with pytest.raises(StateError, match="of a round that others were built on"):
            resume_trial(lab.store, NAME, first)
    finally:
        with lab.store.write() as connection:
            connection.execute("UPDATE trials SET state = 'completed' WHERE number = ?", [first])
    with pytest.raises(SettingError, match="no trial can be added"):
        queue_trial(lab.store, lab.home, NAME, {"learning_rate": 3e-3, "train_batch_size": 4})


def record(store: Store) -> list[object]:
    """All that must be the same whatever was killed: everything but times."""
    with store.read() as connection:
        return [
            connection.execute(query).fetchall()
            for query in (
                "SELECT * EXCLUDE (experiment_id) FROM agora_rounds ORDER BY round",
                "SELECT round, set_id, trial, state, score, parents FROM agora_students ORDER BY trial",
                "SELECT round, mistakes, generated, labelled, accepted FROM agora_by_round ORDER BY round",
                "SELECT * EXCLUDE (experiment_id) FROM agora_examples ORDER BY round, position",
                "SELECT number, role, state FROM trials ORDER BY number",
            )
        ]


def test_a_run_whose_server_and_trials_are_killed_ends_with_the_same_record(
    lab: Lab, data: Path, tmp_path: Path
) -> None:
    home = Home(tmp_path / "home")
    (tmp_path / "spec.toml").write_text(to_toml(tiny_agora(data)), encoding="utf-8")
    chance = random.Random(11)
    options = ["--home", str(home.path), "--slots", str(SLOTS), "--json"]
    process = start(["run", str(tmp_path / "spec.toml"), *options], tmp_path)
    try:
        for wanted in KILLS:
            wait_for_trial(home, process, wanted)
            time.sleep(chance.random())
            signal_trials(home.path, signal.SIGKILL)
        # The server is the last to go, and its trials with it.
        process.send_signal(signal.SIGKILL)
        process.wait()
        signal_trials(home.path, signal.SIGKILL)
        process = start(["resume", NAME, *options], tmp_path)
        assert process.wait(timeout=200) == 0, (tmp_path / "log.txt").read_text()
    finally:
        process.kill()
        signal_trials(home.path, signal.SIGKILL)
    with Store.open(home.database) as store:
        attempts = [trial.attempts for trial in list_trials(store, 1)]
        assert sum(attempts) >= len(attempts) + len(KILLS), "something must have been begun again"
        assert record(store) == record(lab.store)


def start(arguments: list[str], folder: Path) -> subprocess.Popen[bytes]:
    with (folder / "log.txt").open("ab") as log:
        return subprocess.Popen([*COMMAND, *arguments], stdout=log, stderr=log)


def wait_for_trial(home: Home, process: subprocess.Popen[bytes], wanted: tuple[str, int]) -> None:
    """Until a trial of a role and a round has its process."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        assert process.poll() is None, "it ended before it was killed"
        for path in (home.path / "experiments" / NAME).glob("*/spec.json"):
            folder = TrialFolder(path.parent)
            if folder.holder() is not None:
                spec = folder.read_spec()
                if spec.agora is not None and (spec.role, spec.agora.round) == wanted:
                    return
        time.sleep(0.02)
    raise AssertionError(f"no trial of {wanted} began")
