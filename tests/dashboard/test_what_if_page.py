"""The what-if page: questions in the address, answers with what supports them, and trials that are queued from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.services import Endpoint, Services, provide
from engine.runner import Runner
from engine.settings import Home
from engine.whatif.desk import Outcome, WhatIfDesk
from engine.whatif.question import Question
from engine.whatif.stored import Study
from engine.whatif.worker import Reply, Request, Worker
from storage.store import Store
from storage.suggestions import get_suggestion
from storage.trials import get_trial
from tests.dashboard.shown import figure, words
from tests.engine.stored_extraction import store_extraction
from tests.simulated import fill

ENTRY = Path(__file__).resolve().parents[2] / "dashboard" / "main.py"


@dataclass
class PromptDesk(WhatIfDesk):
    """Answers in this process; ``outcome`` is given instead where it is set."""

    outcome: Outcome | None = None
    worker: Worker = field(default_factory=Worker)
    forgotten: int = 0

    def ask(self, study: Study, question: Question, reader: str, patience: float = 0.0) -> Outcome:
        if self.outcome is not None:
            return self.outcome
        reply = self._put(study, None, question)
        if reply.is_unknown:
            reply = self._put(study, study.load(), question)
        return Outcome(answer=reply.read_answer(), error=reply.error)

    def _put(self, study: Study, data: dict[str, object] | None, question: Question) -> Reply:
        return self.worker.reply(Request.of(study.key, data, question).model_dump_json())

    def forget(self, study: Study) -> None:
        self.forgotten += 1


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """A server with a completed search, one with too few trials, and an extraction."""
    home = Home(tmp_path_factory.mktemp("what-if") / "home")
    home.make()
    with Store.open(home.database) as store:
        fill(store, home, trials=16, steps=2, examples=0)
        fill(store, home, name="few", trials=3, steps=2, examples=0)
        store_extraction(store, home, measured=1)
        yield Services(home, store, Runner(store, home), Endpoint("127.0.0.1", 8501), whatif=PromptDesk())


@pytest.fixture
def present(whole: Services) -> Iterator[Services]:
    provide(whole)
    try:
        yield whole
    finally:
        provide(None)


def visit(**query: str) -> AppTest:
    at = AppTest.from_file(str(ENTRY), default_timeout=120).run()
    at.switch_page("app_pages/what_if.py")
    for key, value in query.items():
        at.query_params[key.replace("__", ".")] = value
    at.run()
    assert not at.exception, at.exception
    return at


def modes(at: AppTest) -> dict[str, str]:
    return {
        str(item.key).removeprefix("mode "): str(item.value)
        for item in at.segmented_control
        if str(item.key).startswith("mode ")
    }


def test_without_an_experiment_there_is_a_choice(present: Services) -> None:
    at = visit()
    told = words(at)
    assert "completed trials" in told
    assert [item.key for item in at.button if str(item.key).startswith("to ")] == ["to few", "to simulated"]
    at.button(key="to few").click().run()
    assert dict(at.query_params) == {"experiment": "few"}
    assert "too few trials to predict anything" in words(at)


def test_a_free_question(present: Services) -> None:
    at = visit(experiment="simulated")
    told = words(at)
    assert "The best to be counted on has exact match" in told
    assert "supported" in told or "xtrapolates" in told
    assert "**Model to ship**" in told
    names = {trace["name"] for trace in figure(at, "what-if")["data"]}
    assert {"predicted frontier", "measured frontier", "best to be counted on", "baseline"} <= names
    assert modes(at) == dict.fromkeys(
        ["n_layers", "n_heads", "intermediate_size", "learning_rate", "alpha", "temperature"], "free"
    )
    predicted = next(item.value for item in at.dataframe if "predicted" in item.value)
    assert list(predicted["metric"]) == ["exact match", "parameters", "latency"]


def test_the_address_is_the_question(present: Services) -> None:
    at = visit(
        experiment="simulated",
        n_layers="4",
        learning_rate="1e-5..1e-4",
        max__num_parameters="60e6",
        depth="3",
    )
    assert "depth is not searched" in at.warning[0].value.replace("\\", "")
    assert modes(at)["n_layers"] == "value"
    assert modes(at)["learning_rate"] == "range"
    sliders = {item.label: item.value for item in at.select_slider}
    assert sliders["Value of n_layers"] == 4
    assert sliders["Value of learning_rate"] == (1e-5, 1e-4)
    assert sliders["Parameters at most"] == 60e6
    assert sliders["Exact match at least"] == "any"
    assert "at most 60 M" in str(figure(at, "what-if")["layout"]["annotations"])


def test_widgets_change_the_address(present: Services) -> None:
    at = visit(experiment="simulated")
    at.segmented_control(key="mode n_layers").set_value("value").run()
    first = at.query_params["n_layers"]
    next(item for item in at.select_slider if item.label == "Value of n_layers").set_value(3).run()
    assert at.query_params["n_layers"] == "3" != first
    next(item for item in at.select_slider if item.label == "Latency at most").set_value("any").run()
    assert "max.latency_ms" not in at.query_params
    at.segmented_control(key="mode alpha").set_value("range").run()
    assert at.query_params["alpha"] == "0..1"
    at.button(key="free_all").click().run()
    assert dict(at.query_params) == {"experiment": "simulated"}
    assert not at.exception


def test_a_budget_on_another_metric(present: Services) -> None:
    at = visit(experiment="simulated")
    at.selectbox(key="budget on another metric").set_value("model_mb").run()
    assert not at.exception
    assert "Size in fp32 at most" in {item.label for item in at.select_slider}
    at = visit(experiment="simulated", max__model_mb="200")
    found = {item.label: item.value for item in at.select_slider}
    assert found["Size in fp32 at most"] == 200.0


def test_the_best_can_be_pinned_and_queued(present: Services) -> None:
    at = visit(experiment="simulated", n_heads="12")
    at.button(key="hold_best").click().run()
    assert set(modes(at).values()) == {"value"}
    assert "These settings are predicted to reach" in words(at)
    asked = dict(at.query_params)
    at.button(key="queue_best").click().run()
    assert not at.exception
    assert "Queued as trial 17" in at.toast[0].value
    assert ":blue[trial 17]" in {link.proto.label for link in at.get("page_link")}
    trial = get_trial(present.store, "simulated", 17)
    assert trial.state == "queued"
    assert str(trial.parameters["n_heads"]) == asked["n_heads"] == "12"
    why = get_suggestion(present.store, trial.experiment_id, 17)
    assert why is not None
    assert why.strategy == "person"
    assert why.predicted is not None
    assert set(why.predicted) == {"exact", "num_parameters", "latency_ms"}


def test_too_few_trials_are_told(present: Services) -> None:
    told = words(visit(experiment="few"))
    assert "too few trials to predict anything" in told
    assert "more completed trials of other configurations are needed" in told


def test_while_models_are_fitted_the_page_says_so(present: Services) -> None:
    desk = present.whatif
    assert isinstance(desk, PromptDesk)
    desk.outcome = Outcome(stage="fitting")
    try:
        told = words(visit(experiment="simulated"))
        assert "Fitting the models of" in told
        assert "Model to ship" not in told
        desk.outcome = Outcome(error="the what-if process ended")
        at = visit(experiment="simulated")
        assert at.error[0].value == "The what-if process ended"
        at.button[-1].click().run()
        assert desk.forgotten == 1
    finally:
        desk.outcome = None


@pytest.mark.parametrize(
    ("name", "told"),
    [("bort", "measures no trained students"), ("simulate", "did you mean simulated?")],
)
def test_what_cannot_be_asked(present: Services, name: str, told: str) -> None:
    at = visit(experiment=name)
    assert told in "\n".join([words(at), *(item.value.replace("\\", "") for item in at.warning)])
