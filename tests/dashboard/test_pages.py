"""Every page draws what it should, with nothing, with an experiment in all states, and for unknown addresses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.services import Services, provide
from engine.spec_files import preset_names, preset_text
from storage.experiments import ExperimentRow, get_experiment
from storage.trials import get_trial
from tests.dashboard.shown import figure, words

ENTRY = Path(__file__).resolve().parents[2] / "dashboard" / "main.py"
Visit = Callable[..., AppTest]


def test_no_server() -> None:
    provide(None)
    at = AppTest.from_file(str(ENTRY), default_timeout=60).run()
    assert not at.exception
    assert "bert-frontier up" in at.error[0].value


def test_runner_trouble_is_told(present: Services, visit: Visit) -> None:
    present.runner.last_error = "OSError: no space left on the device"
    assert "no space left" in visit().error[0].value


def test_experiment(demo: ExperimentRow, visit: Visit) -> None:
    at = visit("experiment", id="demo")
    assert at.title[0].value == "demo"
    told = words(at)
    assert (
        "**18 % fewer parameters within the error of the baseline, 90 % interval 0 to 18:** trial 2" in told
    )
    assert "100 % of 3 other students" in told or "67 % of 3 other students" in told
    assert {"Pause", "Stop the experiment", "Open", "Download"} <= {
        button.label for button in [*at.button, *at.get("download_button")]
    }
    drawn = figure(at, "frontier")
    assert {trace["name"] for trace in drawn["data"]} >= {
        "frontier",
        "baseline",
        "dominated",
        "failed",
        "teacher",
    }
    table = at.dataframe[0].value
    assert table["trial"].iloc[0] == 2
    assert {"exact", "num_parameters", "n_layers", "reason"} <= set(table.columns)


def test_axes_are_in_the_address(demo: ExperimentRow, visit: Visit) -> None:
    at = visit("experiment", id="demo", x="learning_rate", y="f1")
    layout = figure(at, "frontier")["layout"]
    assert layout["xaxis"]["title"]["text"] == "learning rate"
    assert layout["xaxis"]["type"] == "log"
    assert layout["yaxis"]["title"]["text"] == "F1 (%)"
    at.selectbox(key="choice x").set_value("latency_ms").run()
    assert at.query_params["x"] == "latency_ms"
    at.selectbox(key="choice x").set_value("num_parameters").run()
    assert "x" not in at.query_params, "what is usual is left out"
    at = visit("experiment", id="demo", x="nonsense")
    assert figure(at, "frontier")["layout"]["xaxis"]["title"]["text"] == "parameters"


def test_budget_slider_names_the_best_model(demo: ExperimentRow, visit: Visit) -> None:
    at = visit("experiment", id="demo")
    assert "**Trial 2** is the best measured model" in words(at)
    assert "Against the baseline: +0.5 points exact match, \u221218 % parameters." in words(at)


def test_pause_and_resume(present: Services, demo: ExperimentRow, visit: Visit) -> None:
    at = visit("experiment", id="demo")
    next(button for button in at.button if button.label == "Pause").click().run()
    assert get_experiment(present.store, "demo").state == "paused"
    next(button for button in at.button if button.label == "Resume").click().run()
    assert get_experiment(present.store, "demo").state == "running"
    at.button(key="stop_now").click().run()
    assert get_experiment(present.store, "demo").state == "stopped"
    assert not at.exception


@pytest.mark.parametrize(
    ("page", "query", "told"),
    [
        ("experiment", {"id": "demi"}, "did you mean demo?"),
        ("experiment", {}, "names no experiment"),
        ("trial", {"id": "demo/99"}, "its last is 8"),
        ("trial", {"id": "demo"}, "does not name a trial"),
        ("new", {"preset": "nonsense"}, "no preset"),
        ("new", {"from": "demi"}, "did you mean demo?"),
    ],
)
def test_unknown_addresses(
    demo: ExperimentRow, visit: Visit, page: str, query: dict[str, str], told: str
) -> None:
    at = visit(page, **query)
    assert told in at.warning[0].value.replace("\\", "")


def test_trial_on_the_frontier(demo: ExperimentRow, visit: Visit) -> None:
    at = visit("trial", id="demo/2")
    assert at.title[0].value == "Trial 2"
    assert "On the frontier" in words(at)
    shown = {item.label: (item.value, item.delta) for item in at.metric}
    assert shown["Exact match"] == ("80.5 %", "+0.5 points")
    assert shown["Parameters"] == ("336 k", "\u221218 %")
    assert "90 % interval 77.5 to 83.5" in words(at)
    assert [trace["name"] for trace in figure(at, "loss")["data"]][-1] == "loss"


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (3, "Dominated by trial 2 (exact match 80.5 %, parameters 336 k)"),
        (4, "exact match 20.0 % is below the threshold of 38.0 %"),
        (4, "calls every question unanswerable"),
        (5, "Traceback: DivergenceError"),
        (6, "started"),
        (7, "queued"),
        (8, "stopped by a person"),
        (0, "The teacher is no candidate"),
    ],
)
def test_trial_says_why(demo: ExperimentRow, visit: Visit, number: int, told: str) -> None:
    at = visit("trial", id=f"demo/{number}")
    assert told in words(at)


def test_experiment_with_a_teacher_without_a_head(paraphrases: ExperimentRow, visit: Visit) -> None:
    assert "GLUE: MRPC" in words(visit()).replace("\\", "")
    at = visit("experiment", id="paraphrases", x="schedule")
    assert "3 of 3 trials" in words(at)
    drawn = figure(at, "frontier")
    assert {trace["name"] for trace in drawn["data"]} == {"baseline", "dominated", "beyond a threshold"}
    assert drawn["layout"]["yaxis"]["title"]["text"] == "F1 (%)"
    assert sorted(x for trace in drawn["data"] for x in trace["x"]) == ["constant", "linear", "noam"]
    table = at.dataframe[0].value
    assert list(table.columns)[:6] == ["trial", "state", "place", "frontier_share", "schedule", "f1"]
    assert "only its size is measured" in words(visit("trial", id="paraphrases/0"))


def test_trials_of_a_task_with_two_scores(paraphrases: ExperimentRow, visit: Visit) -> None:
    at = visit("trial", id="paraphrases/1")
    assert [item.label for item in at.metric] == [
        *("F1", "Parameters", "Accuracy", "Latency", "F1, 8 bits"),
        *("Size with linear layers in 8 bits", "Latency with linear layers in 8 bits"),
    ]
    assert [trace["name"] for trace in figure(at, "evaluations")["data"]] == ["accuracy", "F1"]
    assert [trace["name"] for trace in figure(at, "loss")["data"]] == ["loss"]
    assert "gives everything the same answer" in words(visit("trial", id="paraphrases/2"))
    at = visit("trial", id="paraphrases/3")
    assert "Parameters less pruned weights" in {item.label for item in at.metric}
    assert not at.warning


def test_a_single_training_is_told_without_claims(tuned: ExperimentRow, visit: Visit) -> None:
    for told in (words(visit()), words(visit("experiment", id="fine-tune"))):
        assert "Trained: accuracy 70.2 %, parameters 8 M." in told
        assert "baseline at no loss" not in told
    at = visit("experiment", id="fine-tune")
    assert "1 of 1 trials" in words(at)
    assert "n_layers" not in at.dataframe[0].value


def test_pretraining(pretraining: ExperimentRow, visit: Visit) -> None:
    at = visit("experiment", id="pretrain")
    drawn = figure(at, "pretraining")
    assert [trace["name"] for trace in drawn["data"]] == ["mlm", "distilbert", "bort"]
    assert drawn["data"][1]["x"] == [2, 4]
    assert drawn["data"][1]["y"] == [12.0, 24.0]
    assert figure(at, "frontier")["layout"]["xaxis"]["title"]["text"].startswith("operations of training")
    at.segmented_control(key="over").set_value("train_flops").run()
    assert figure(at, "pretraining")["data"][2]["x"] == [1.5e12, 3e12]


def test_trial_of_pretraining_over_what_it_cost(pretraining: ExperimentRow, visit: Visit) -> None:
    at = visit("trial", id="pretrain/2")
    assert [trace["name"] for trace in figure(at, "loss")["data"]] == [
        "against the teacher \u00d7 5",
        "against the hidden words \u00d7 2",
        "cosine of last states \u00d7 1",
        "loss",
    ]
    at.segmented_control(key="over").set_value("train_tokens").run()
    drawn = figure(at, "evaluations")
    assert [trace["x"] for trace in drawn["data"]] == [[5e5, 1e6]]
    assert drawn["layout"]["xaxis"]["title"]["text"] == "tokens trained on, padding left out"


@pytest.mark.parametrize("part", ["Parameters", "Metrics", "Log", "Files"])
def test_every_tab_for_other_tasks(
    paraphrases: ExperimentRow, pretraining: ExperimentRow, visit: Visit, part: str
) -> None:
    for trial in ("paraphrases/0", "paraphrases/1", "pretrain/2"):
        visit("trial", id=trial, part=part)


def test_form_for_another_task(present: Services, visit: Visit) -> None:
    at = visit("new", preset="demo")
    assert at.number_input(key="form:task.doc_stride").value == 64
    at.selectbox(key="form:task.name").set_value("stsb").run()
    assert not at.exception
    assert "instead Pearson correlation" in at.info[0].value
    assert "The embedded teacher answers questions" in words(at)
    keys = {str(item.key) for kind in (at.number_input, at.selectbox, at.checkbox) for item in kind}
    assert "form:task.rounding" in keys
    assert not keys & {"form:task.doc_stride", "form:task.score", "form:task.balance"}
    at.text_input(key="form:teacher.model").set_value("google-bert/bert-base-uncased").run()
    assert not at.button(key="launch").disabled, [item.value for item in at.error]
    at.checkbox(key="form:task.rounding").check().run()
    assert "rounding = true" in at.session_state["draft text"]
    at.selectbox(key="form:task.name").set_value("my-task").run()
    assert "[task.format]" in at.session_state["draft text"]
    at.text_input(key="form:task.format.labels").set_value("sad, so so, glad").run()
    assert 'labels = ["sad", "so so", "glad"]' in at.session_state["draft text"]
    assert not at.button(key="launch").disabled, [item.value for item in at.error]


@pytest.mark.parametrize("preset", preset_names())
def test_form_of_every_preset(present: Services, visit: Visit, preset: str) -> None:
    at = visit("new", preset=preset)
    assert not at.button(key="launch").disabled
    assert at.session_state["draft text"] == preset_text(preset)


def test_strategy_settings_follow_the_strategy(present: Services, visit: Visit) -> None:
    at = visit("new", preset="pretrain")
    at.number_input(key="form:strategy.repeats").set_value(2).run()
    at.number_input(key="form:budget.trials").set_value(50).run()
    assert "The strategy has 6 trials to run" in words(at)
    at.selectbox(key="form:strategy.name").set_value("nehvi").run()
    keys = {str(item.key) for item in at.number_input}
    assert "form:strategy.initial_trials" in keys
    assert "form:strategy.repeats" not in keys


@pytest.mark.parametrize("number", range(9))
@pytest.mark.parametrize("part", ["Parameters", "Metrics", "Log", "Files"])
def test_every_tab_of_every_trial(demo: ExperimentRow, visit: Visit, number: int, part: str) -> None:
    visit("trial", id=f"demo/{number}", part=part)


def test_trial_without_a_model_says_why(demo: ExperimentRow, visit: Visit) -> None:
    assert "not completed" in words(visit("trial", id="demo/5", part="Files"))
    at = visit("trial", id="demo/2", part="Files")
    assert "Download the model (zip)" in {button.label for button in at.get("download_button")}


def test_stop_a_trial(present: Services, demo: ExperimentRow, visit: Visit) -> None:
    at = visit("trial", id="demo/7")
    at.button(key="stop_now").click().run()
    assert get_trial(present.store, "demo", 7).state == "stopped"
    assert not at.exception


def test_form_rewrites_the_text(present: Services, visit: Visit) -> None:
    at = visit("new", preset="demo")
    assert at.session_state["draft text"] == preset_text("demo")
    at.number_input(key="form:budget.trials").set_value(4).run()
    assert "trials = 4" in at.session_state["draft text"]
    at.text_input(key="form:name").set_value("Bad Name").run()
    assert at.button(key="launch").disabled
    assert "Line 2, name" in at.error[0].value
    at.text_input(key="form:name").set_value("fine").run()
    at.button(key="launch").click().run()
    assert not at.exception
    row = get_experiment(present.store, "fine")
    assert row.budget_trials == 4
    assert at.title[0].value == "fine"


def test_text_refills_the_form(present: Services, visit: Visit) -> None:
    at = visit("new", preset="demo")
    at.session_state["draft text"] = preset_text("demo").replace("trials = 12", "trials = 7")
    at.run()
    assert at.number_input(key="form:budget.trials").value == 7
    at.session_state["draft text"] = "this is not TOML"
    at.run()
    assert "not valid TOML" in at.error[0].value
    assert at.button(key="launch").disabled


def test_form_checks_that_files_are_there(present: Services, visit: Visit) -> None:
    at = visit("new", preset="demo")
    at.text_input(key="form:task.dataset").set_value("/nowhere/train.json").run()
    assert "There is no file /nowhere/train.json" in words(at).replace("\\", "")


def test_start_from_an_experiment(present: Services, demo: ExperimentRow, visit: Visit) -> None:
    at = visit("new", **{"from": "demo"})
    assert at.session_state["draft text"] == demo.spec_toml
    assert not at.button(key="launch").disabled
