"""The page of an experiment: every tab, everything in the address, actions on several trials, and very many trials."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import views
from dashboard.budget import ladder
from dashboard.components.bulk_actions import for_each
from dashboard.services import Services, provide, services
from dashboard.views import look
from engine.controls import pause_trial, stop_trial
from engine.whatif.cuts import Cut, Cuts, Slice, Surface
from engine.whatif.desk import Outcome
from storage.clock import utc_now
from storage.experiments import ExperimentRow
from storage.trials import get_trial
from tests.dashboard.shown import figure, words
from tests.simulated import fill

Visit = Callable[..., AppTest]
TABS = (
    "Trials",
    "Hypervolume",
    "Parallel coordinates",
    "Importance",
    "Slices",
    "Timeline",
    "Health",
    "Specification",
)


class Desk:
    """Answers at once, or never."""

    def __init__(self, outcome: Callable[[Cut], Outcome]) -> None:
        self.outcome = outcome
        self.asked: list[Cut] = []

    def ask(self, study: object, asked: Cut, reader: str, patience: float = 0.0) -> Outcome:
        self.asked.append(asked)
        return self.outcome(asked)

    def quality(self, study: object) -> Mapping[str, float]:
        return {"exact": 0.1} if self.outcome(Cut("exact", {})).is_ready else {}

    def forget(self, study: object) -> None:
        self.asked.clear()


def answered(asked: Cut) -> Outcome:
    if asked.over:
        surface = Surface((asked.over[0], asked.over[1]), [1, 2], [1, 2], *([[[1.0, 2.0], [3.0, 4.0]]] * 3))
        return Outcome(cuts=Cuts(asked.metric, surface=surface, trials=4))
    slices = [
        Slice(name, [value, value], [1.0, 2.0], [0.0, 1.0], [2.0, 3.0])
        for name, value in asked.centre.items()
    ]
    return Outcome(cuts=Cuts(asked.metric, slices=slices, trials=4))


@pytest.fixture
def desk(present: Services) -> Desk:
    made = Desk(answered)
    provide(replace(present, whatif=made))  # type: ignore[arg-type]
    return made


@pytest.fixture
def made_up(present: Services) -> ExperimentRow:
    return fill(present.store, present.home, name="made-up", trials=60, steps=2, examples=50)


@pytest.mark.parametrize("tab", TABS)
@pytest.mark.parametrize("filled", ["demo", "paraphrases", "tuned", "pretraining", "made_up"])
def test_every_tab_of_every_kind(
    request: pytest.FixtureRequest, desk: Desk, visit: Visit, tab: str, filled: str
) -> None:
    row = request.getfixturevalue(filled)
    assert visit("experiment", id=row.name, tab=tab).title[0].value == row.name


def test_the_filter_narrows_the_table(made_up: ExperimentRow, visit: Visit) -> None:
    at = visit(
        "experiment", id="made-up", where="n_layers <= 4 and state = completed", sort="exact", down="1"
    )
    table = at.dataframe[0].value
    assert table["n_layers"].max() <= 4
    assert set(table["state"]) == {"completed"}
    assert list(table["exact"]) == sorted(table["exact"], reverse=True)
    at.text_input(key="text where").set_value("exact > 1000").run()
    assert "No trial meets the filter." in words(at)
    assert at.query_params["where"] == "exact > 1000"
    at.text_input(key="text where").set_value("n_leyers > 2").run()
    assert "names n\\_leyers, which no trial has" in at.warning[0].value
    at.text_input(key="text where").set_value("exact = good").run()
    assert at.warning[0].value == "Exact is a number; it cannot be 'good'."


def test_columns_are_chosen(made_up: ExperimentRow, visit: Visit) -> None:
    at = visit("experiment", id="made-up", cols="exact,se:exact,started,nonsense")
    assert list(at.dataframe[0].value.columns) == ["trial", "exact", "se:exact", "started"]
    at = visit("experiment", id="made-up")
    assert list(at.dataframe[0].value.columns)[:5] == [
        "trial",
        "state",
        "place",
        "frontier_share",
        "n_layers",
    ]


def test_pages_of_the_table(present: Services, visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(present.store, present.home, name="long", trials=250, steps=1, examples=0)
    at = visit("experiment", id="long", sort="trial", p="3")
    assert list(at.dataframe[0].value["trial"]) == list(range(200, 251))
    assert "Trials 201 to 251 of 251" in words(at)
    at = visit("experiment", id="long", sort="trial", p="99")
    assert at.dataframe[0].value["trial"].iloc[-1] == 250, "a page beyond the last is the last"
    at = visit("experiment", id="long", sort="trial", p="nonsense")
    assert at.dataframe[0].value["trial"].iloc[0] == 0


def test_very_many_trials(
    present: Services, desk: Desk, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "MOST_TRIALS", 100)
    from engine import selection

    monkeypatch.setattr(selection, "COMPLETED", 50)
    fill(present.store, present.home, name="large", trials=1500, steps=1, examples=0)
    at = visit("experiment", id="large")
    told = words(at)
    assert "1,500 of 1,500 trials" in told
    assert "an even sample of the others" in told
    drawn = sum(len(trace["x"]) for trace in figure(at, "frontier")["data"])
    assert drawn < 1500
    assert "of 1,501" in told
    for tab in TABS:
        visit("experiment", id="large", tab=tab)


def test_what_changed_since_a_moment(present: Services, made_up: ExperimentRow, visit: Visit) -> None:
    begin = get_trial(present.store, "made-up", 41).started_at
    assert begin is not None
    at = visit("experiment", id="made-up", since=begin.strftime("%Y-%m-%dT%H:%M:%S"))
    assert "20 trials ended" in words(at)
    ring = next(trace for trace in figure(at, "frontier")["data"] if trace["name"] == "new")
    assert 10 <= len(ring["x"]) <= 20
    at = visit("experiment", id="made-up", since="nonsense")
    assert "ended" not in words(at).partition("Trials")[0]


def test_a_click_sets_the_moment(made_up: ExperimentRow, visit: Visit) -> None:
    at = visit("experiment", id="made-up")
    at.pills(key="since picked").set_value("1 h").run()
    assert not at.exception
    hour_ago = (utc_now() - timedelta(hours=1)).strftime("%Y-%m-%dT%H")
    assert at.query_params["since"].startswith(hour_ago) or at.query_params["since"] > hour_ago
    at.button(key="since off").click().run()
    assert "since" not in at.query_params


def test_a_third_axis(made_up: ExperimentRow, visit: Visit) -> None:
    at = visit("experiment", id="made-up", z="latency_ms")
    drawn = figure(at, "frontier")
    assert {trace["type"] for trace in drawn["data"]} == {"scatter3d"}
    at.selectbox(key="choice z").set_value("no third axis").run()
    assert "z" not in at.query_params
    assert "scatter" in {trace["type"] for trace in figure(at, "frontier")["data"]}


def test_published_models_only_beside_real_data(
    present: Services, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests import simulated

    fill(present.store, present.home, name="made-up", trials=30, steps=1, examples=0)
    assert not visit("experiment", id="made-up").toggle
    real = simulated.SPECIFICATION.replace('dataset = "embedded"', 'dataset = "rajpurkar/squad_v2"')
    monkeypatch.setattr(simulated, "SPECIFICATION", real)
    fill(present.store, present.home, name="genuine", trials=30, steps=1, examples=0)
    at = visit("experiment", id="genuine", published="1")
    assert "published" in {trace["name"] for trace in figure(at, "frontier")["data"]}
    at.toggle(key="switch published").set_value(False).run()
    assert "published" not in {trace["name"] for trace in figure(at, "frontier")["data"]}
    assert not [
        item for item in visit("experiment", id="genuine", y="n_layers").toggle if item.label == "Published"
    ]


def test_the_budget_stands_in_the_address(made_up: ExperimentRow, visit: Visit) -> None:
    at = visit("experiment", id="made-up", budget="40000000")
    slider = at.select_slider[0]
    assert slider.value <= 40e6
    assert "is the best measured model within it" in words(at)
    cheapest = min(
        ladder(look(services().store, "made-up")[0]), key=lambda step: step.metrics["num_parameters"]
    )
    slider.set_value(cheapest.metrics["num_parameters"]).run()
    assert float(at.query_params["budget"]) == cheapest.metrics["num_parameters"]
    assert f"**Trial {cheapest.number}** is the best" in words(at)
    assert "Trial" in words(visit("experiment", id="made-up", budget="nonsense"))
    assert (
        visit("experiment", id="made-up", budget="1").select_slider[0].value
        == cheapest.metrics["num_parameters"]
    )


def test_hypervolume_against_training_time(made_up: ExperimentRow, visit: Visit) -> None:
    at = visit("experiment", id="made-up", tab="Hypervolume", spent="1")
    assert figure(at, "hypervolume")["layout"]["xaxis"]["title"]["text"] == "training spent (h)"
    table = at.dataframe[0].value
    assert {"trial", "finished", "gain", "replaced", "exact", "num_parameters"} <= set(table.columns)
    at.segmented_control(key="choice spent").set_value("0").run()
    assert "spent" not in at.query_params


def test_importance_or_what_is_missing(demo: ExperimentRow, made_up: ExperimentRow, visit: Visit) -> None:
    at = visit("experiment", id="demo", tab="Importance")
    assert "Importance needs 21 more completed trials" in at.info[0].value
    at = visit("experiment", id="made-up", tab="Importance")
    drawn = figure(at, "importance")["data"]
    assert {trace["name"] for trace in drawn} == {"exact match", "parameters"}
    assert "n_layers" in drawn[0]["y"]


def test_slices_about_a_trial(present: Services, desk: Desk, made_up: ExperimentRow, visit: Visit) -> None:
    at = visit("experiment", id="made-up", tab="Slices", metric="exact")
    assert desk.asked[-1].over == ()
    assert figure(at, "slice n_layers")["layout"]["title"]["text"] == "Exact match by n layers"
    assert "model of 4 completed trials" in words(at)
    front = next(option for option in at.selectbox(key="choice about").options if option != "baseline")
    at.selectbox(key="choice about").set_value(front).run()
    assert at.query_params["about"] == front
    number = int(front.removeprefix("trial "))
    assert desk.asked[-1].centre == get_trial(present.store, "made-up", number).parameters
    at = visit("experiment", id="made-up", tab="Slices", over="n_layers", **{"and": "alpha"})
    assert desk.asked[-1].over == ("alpha", "n_layers")
    assert (
        figure(at, "surface")["layout"]["title"]["text"]
        == "Exact match over n layers and alpha, as predicted"
    )


def test_slices_wait_for_the_models(present: Services, made_up: ExperimentRow, visit: Visit) -> None:
    provide(replace(present, whatif=Desk(lambda asked: Outcome(stage="fitting"))))  # type: ignore[arg-type]
    at = visit("experiment", id="made-up", tab="Slices")
    assert "Fitting the models" in words(at)
    assert at.dataframe.len == 0


@pytest.mark.parametrize(
    ("cuts", "told"),
    [
        (Cuts("exact", missing=3), "needs 3 more completed trials"),
        (Cuts("exact", refused="no convergence"), "could not be fitted: no convergence"),
    ],
)
def test_slices_without_a_model(
    present: Services, made_up: ExperimentRow, visit: Visit, cuts: Cuts, told: str
) -> None:
    provide(replace(present, whatif=Desk(lambda asked: Outcome(cuts=cuts))))  # type: ignore[arg-type]
    assert told in visit("experiment", id="made-up", tab="Slices").info[0].value


def test_an_error_of_the_models_is_told_and_can_be_tried_again(
    present: Services, made_up: ExperimentRow, visit: Visit
) -> None:
    made = Desk(lambda asked: Outcome(error="the process ended"))
    provide(replace(present, whatif=made))  # type: ignore[arg-type]
    at = visit("experiment", id="made-up", tab="Slices")
    assert at.warning[0].value == "The process ended"
    at.button(key="cuts again").click().run()
    assert len(made.asked) == 1


def test_health(desk: Desk, demo: ExperimentRow, visit: Visit) -> None:
    at = visit("experiment", id="demo", tab="Health")
    told = words(at)
    assert "5 parameters want about 25 trials" in told
    assert "exact is hardly predictable from the parameters" in told
    assert [item.label for item in at.metric] == [
        "Spent so far",
        "Trials, added up",
        "A trial",
        "6 trials to go",
    ]
    assert "1 completed trials give everything the same answer." in told
    tables = [table.value for table in at.dataframe]
    assert list(tables[0]["in words"]) == ["hardly predictable yet"]
    assert list(tables[1]["reason"]) == ["the loss is not finite"]


def test_bulk_actions_tell_what_was_refused(present: Services, demo: ExperimentRow) -> None:
    from unittest.mock import patch

    with patch("dashboard.components.bulk_actions.st.toast") as toast:
        for_each(pause_trial, "paused", present.store, "demo", [7, 2])
        told = toast.call_args.args[0]
    assert told.startswith("1 trial paused. 1 refused: trial demo/2 is completed")
    assert get_trial(present.store, "demo", 7).state == "paused"
    with patch("dashboard.components.bulk_actions.st.toast") as toast:
        for_each(stop_trial, "stopped", present.store, "demo", [7])
        assert toast.call_args.args[0] == "1 trial stopped."


def test_a_shared_view_changes_nothing(
    present: Services, demo: ExperimentRow, visit: Visit, desk: Desk
) -> None:
    provide(replace(present, whatif=desk, shared=True))  # type: ignore[arg-type]
    for tab in TABS:
        at = visit("experiment", id="demo", tab=tab)
        labels = {button.label for button in [*at.button, *at.get("download_button")]}
        assert not labels & {"Pause", "Stop the experiment", "Resume", "Open", "Download", "Compare"}, tab
        assert str(present.home.path) not in words(at)


def chart_keys(at: AppTest) -> list[Any]:
    return [element.proto.id for element in at.get("bidi_component")]


def test_only_the_open_tab_is_drawn(made_up: ExperimentRow, visit: Visit) -> None:
    keys = " ".join(chart_keys(visit("experiment", id="made-up", tab="Timeline")))
    assert "timeline" in keys
    assert "hypervolume" not in keys
    assert "parallel" not in keys
