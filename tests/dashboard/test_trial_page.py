"""The tabs of a trial: answers with their filters in the address, errors, resources, log, exports and repetition."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.components.trial_log import event_told, log_tail
from dashboard.services import Services
from engine.jobs.state import JobKind, JobStatus
from engine.tasks.predictions import ExampleText, write_examples, write_predictions
from engine.trial_folder import TrialFolder
from storage.experiments import ExperimentRow
from storage.trials import get_trial, list_trials
from tests.dashboard.shown import figure, plain_words
from tests.simulated import fill
from tests.simulated_answers import leave_answers

Visit = Callable[..., AppTest]
PLACE = re.compile(r"\*\*[\d,]+\*\* of [\d,]+")


def html(at: AppTest) -> str:
    return "\n".join(element.proto.body for element in at.get("html"))


@pytest.fixture
def search(present: Services) -> ExperimentRow:
    """Eight trials, the first three of which kept their answers; the teacher did too."""
    experiment = fill(present.store, present.home, name="search", trials=8, steps=20, examples=60)
    leave_answers(present.store, present.home, experiment, [1, 2, 3])
    return experiment


def shown(at: AppTest) -> str:
    """Which of how many examples is shown."""
    return next(str(item.value) for item in at.markdown if PLACE.fullmatch(str(item.value)))


def test_answers(search: ExperimentRow, visit: Visit) -> None:
    at = visit("trial", id="search/2", part="Answers")
    assert shown(at) == "**1** of 60"
    assert "Who drew work 0?" in plain_words(at)
    assert "Right: **no answer**" in plain_words(at)
    assert "The teacher answered: **Anna Berg**" in plain_words(at)
    assert "&lt;b&gt;twice&lt;/b&gt;" in html(at)
    at.button(key="answer Next").click().run()
    assert shown(at) == "**2** of 60"
    assert "How long is work 1?" in plain_words(at)
    assert at.query_params["example"] == "question-1"
    at.button(key="answer Previous").click().run()
    assert shown(at) == "**1** of 60"
    table = at.dataframe[0].value
    assert len(table) == 20
    assert table["no."].iloc[0].startswith("\u25b6")


def test_filters_are_in_the_address(search: ExperimentRow, visit: Visit) -> None:
    at = visit(
        "trial", id="search/2", part="Answers", show="missed-answer", topic="Tunnels", example="nothing"
    )
    assert shown(at).startswith("**1** of ")
    table = at.dataframe[0].value
    assert set(table["topic"]) == {"Tunnels"}
    assert set(table["this trial"]) == {"\u2013"}
    assert set(table["is"]) == {"wrong"}
    at.selectbox(key="choice show").set_value("all").run()
    assert "show" not in at.query_params
    assert "example" not in at.query_params
    assert at.query_params["topic"] == "Tunnels"
    at.text_input(key="text find").set_value("work 1?").run()
    assert shown(at) == "**1** of 1"
    at.text_input(key="text find").set_value("no such text").run()
    assert "No example is of this kind" in plain_words(at)


def test_every_kind_counts_what_it_shows(search: ExperimentRow, visit: Visit) -> None:
    at = visit("trial", id="search/2", part="Answers")
    counts = dict(option.rstrip(")").rsplit(" (", 1) for option in at.selectbox(key="choice show").options)
    assert counts["all"] == "60"
    for kind, words_of_it in (("wrong", "wrong"), ("only-teacher", "student wrong, teacher right")):
        at.selectbox(key="choice show").set_value(kind).run()
        assert shown(at) == f"**1** of {counts[words_of_it]}"


def test_beside_another_trial(search: ExperimentRow, visit: Visit) -> None:
    at = visit("trial", id="search/2", part="Answers", show="only-this", **{"with": "search/1"})
    assert "search/1 answered" in plain_words(at)
    assert "right here, wrong in search/1" in str(at.selectbox(key="choice show").options)
    table = at.dataframe[0].value
    assert set(table["is"]) == {"right"}
    assert "search/1" in table
    at = visit("trial", id="search/2", part="Answers", **{"with": "search/99"})
    assert "its last is 8" in plain_words(at)


def test_the_teacher_has_answers_too(search: ExperimentRow, visit: Visit) -> None:
    at = visit("trial", id="search/0", part="Answers")
    assert "The teacher answered" in plain_words(at)
    assert "student wrong" not in str(at.selectbox(key="choice show").options)


@pytest.mark.parametrize("part", ["Answers", "Errors"])
def test_without_answers_it_says_why(
    demo: ExperimentRow, pretraining: ExperimentRow, search: ExperimentRow, visit: Visit, part: str
) -> None:
    for trial, told in (
        ("demo/6", "appear here when the trial has completed"),
        ("demo/5", "keeps its answers when it completes"),
        ("demo/2", "This trial kept no answers"),
        ("demo/0", "no trained head"),
        ("pretrain/1", "guesses hidden words"),
    ):
        assert told in plain_words(visit("trial", id=trial, part=part))


def test_damaged_answers_say_so(present: Services, search: ExperimentRow, visit: Visit) -> None:
    trial = get_trial(present.store, "search", 2)
    TrialFolder(present.home.path / trial.folder).predictions.write_bytes(b"torn")
    assert "cannot be read" in plain_words(visit("trial", id="search/2", part="Answers"))


def test_errors_lead_to_answers(search: ExperimentRow, visit: Visit) -> None:
    at = visit("trial", id="search/2", part="Errors")
    assert "answers are wrong" in plain_words(at)
    drawn = figure(at, "topics")
    assert [trace["name"] for trace in drawn["data"]] == ["this trial", "teacher"]
    table = at.dataframe[0].value
    assert table["wrong"].is_monotonic_decreasing
    assert table["examples"].sum() == 60
    assert {"unanswerable", "missed", "teacher (%)"} <= set(table)


def test_classes_and_numbers(
    present: Services, paraphrases: ExperimentRow, tuned: ExperimentRow, visit: Visit
) -> None:
    reference, own = (
        TrialFolder(present.home.path / get_trial(present.store, "paraphrases", number).folder)
        for number in (0, 1)
    )
    golds = ["equivalent", "not_equivalent"] * 10
    texts = [ExampleText(str(n), f"first {n}", f"second {n}", golds=(gold,)) for n, gold in enumerate(golds)]
    write_examples(texts, reference.examples)
    answers = {
        text.example: {
            "prediction": "equivalent",
            "score": float(text.golds[0] == "equivalent"),
            "probability": 0.95,
            "probabilities": {"equivalent": 0.95, "not_equivalent": 0.05},
        }
        for text in texts
    }
    write_predictions(answers, own.predictions)
    at = visit("trial", id="paraphrases/1", part="Answers", show="sure-wrong")
    assert shown(at) == "**1** of 10"
    assert "95.0 %" in html(at)
    assert "second 1" in html(at)
    at = visit("trial", id="paraphrases/1", part="Errors")
    assert figure(at, "confusions")["data"][0]["z"] == [[100.0, 0.0], [100.0, 0.0]]
    write_examples([ExampleText(str(n), f"t {n}", golds=(f"{n}.5",)) for n in range(5)], reference.examples)
    write_predictions({str(n): {"prediction": n + 1.0} for n in range(5)}, own.predictions)
    at = visit("trial", id="paraphrases/1", part="Answers", show="far")
    assert "0.5 off" in plain_words(at)
    assert "5 examples, each with a number" in plain_words(visit("trial", id="paraphrases/1", part="Errors"))


def test_resources(search: ExperimentRow, demo: ExperimentRow, visit: Visit) -> None:
    at = visit("trial", id="search/2", part="Resources")
    assert "% of a core on average" in plain_words(at)
    assert [trace["name"] for trace in figure(at, "busy")["data"]] == ["processor"]
    assert "No looks are stored" in plain_words(visit("trial", id="demo/2", part="Resources"))


def test_one_evaluation_and_many_steps(
    present: Services, search: ExperimentRow, demo: ExperimentRow, visit: Visit
) -> None:
    at = visit("trial", id="demo/2")
    assert "only evaluation" in figure(at, "evaluations")["layout"]["title"]["text"]
    assert {trace["name"] for trace in figure(at, "evaluations")["data"]} >= {"this trial", "baseline"}
    with present.store.write() as connection:
        connection.execute(
            "INSERT INTO steps (trial_id, step, epoch, loss, learning_rate, examples_per_second, ts) "
            "SELECT trial_id, 1000 + k, k / 1000, 1, 1e-4, 100, started_at FROM trials, range(5000) AS s(k) "
            "WHERE experiment_id = ? AND number = 3",
            [search.experiment_id],
        )
    at = visit("trial", id="search/3")
    assert "Each point is the mean of 5 steps" in plain_words(at)
    at = visit("trial", id="search/3", **{"from": "5000", "to": "5400"})
    assert "Step 5,400, epoch" in plain_words(at)
    assert "Each point is the mean" not in plain_words(at)
    at = visit("trial", id="search/3", **{"from": "9", "to": "nonsense"})
    assert "Step 5,999, epoch" in plain_words(at)


def test_metrics_in_full(search: ExperimentRow, visit: Visit) -> None:
    table = visit("trial", id="search/2", part="Metrics").dataframe[0].value.set_index("name")
    assert table.loc["flops", "exactly"].endswith(" FLOPs")
    assert "," in table.loc["num_parameters", "exactly"]
    assert table.loc["num_parameters", "exactly"].replace(",", "").isdecimal()


def test_export_jobs(
    present: Services, demo: ExperimentRow, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[tuple[object, ...]] = []
    monkeypatch.setattr("dashboard.components.model_jobs.start_job", lambda *args: started.append(args))
    monkeypatch.setattr("dashboard.components.model_jobs.require_onnx", lambda: None)
    at = visit("trial", id="demo/2", part="Files")
    assert "bert-frontier replay demo/2" in plain_words(at)
    at.button(key=f"start {JobKind.ONNX}").click().run()
    assert started == [(present.home, "demo", 2, JobKind.ONNX)]
    running = JobStatus("running", "writing the ONNX file", 0.4, 0.0, 1, 1)
    monkeypatch.setattr("dashboard.components.model_jobs.job_status", lambda *args: running)
    at = visit("trial", id="demo/2", part="Files")
    assert at.button(key=f"cancel {JobKind.INT8}")
    failed = JobStatus("failed", "no room on the disk", 0.4, 0.0, 1, 1)
    monkeypatch.setattr("dashboard.components.model_jobs.job_status", lambda *args: failed)
    assert "It failed: no room on the disk" in plain_words(visit("trial", id="demo/2", part="Files")).replace(
        ":red[It failed:]", "It failed:"
    )


def test_another_seed_is_queued(present: Services, search: ExperimentRow, visit: Visit) -> None:
    before = list_trials(present.store, search.experiment_id)
    TrialFolder(present.home.path / before[2].folder).model.mkdir()
    at = visit("trial", id="search/2", part="Files")
    at.button(key="another_seed").click().run()
    assert at.toast[0].value == "Trial 9 is queued."
    after = list_trials(present.store, search.experiment_id)
    assert len(after) == len(before) + 1
    assert (after[-1].state, after[-1].parameters) == ("queued", before[2].parameters)
    assert after[-1].seed != before[2].seed
    at = visit("trial", id="search/9", part="Parameters")
    assert "A person chose it." in plain_words(at)
    assert "trial 2 again, with another seed" in plain_words(at)


def test_the_end_of_a_log(tmp_path: Path) -> None:
    path = tmp_path / "log.txt"
    assert log_tail(path) == ("", 0)
    path.write_text("first\nsecond\n")
    assert log_tail(path) == ("first\nsecond", 13)
    assert log_tail(path, 9) == ("second", 13), "only whole lines"
    path.write_text("10 %\r50 %\r100 %\ndone\n")
    assert log_tail(path)[0] == "100 %\ndone"


def test_events_in_words() -> None:
    assert event_told("progress", '{"fraction": 0.5, "message": "half"}') == "50 %  half"
    assert event_told("finished", '{"metrics": {"exact": 41.23456}, "standard_errors": {}}') == "exact 41.23"
