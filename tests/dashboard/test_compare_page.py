"""The comparison page: a picker, trials and experiments from the address, and what it says when they do not fit."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.services import Services
from tests.dashboard.shown import figure, plain_words
from tests.simulated import fill

Visit = Callable[..., AppTest]


@pytest.fixture
def searches(present: Services) -> None:
    fill(present.store, present.home, name="one", trials=10, seed=1, steps=20, examples=60)
    fill(present.store, present.home, name="two", trials=8, seed=2, steps=20, examples=60)


def test_nothing_to_compare(present: Services, visit: Visit) -> None:
    at = visit("compare")
    assert "There is no experiment yet" in plain_words(at)


def test_choosing_trials(searches: None, visit: Visit) -> None:
    at = visit("compare")
    assert "Choose two to eight trials" in plain_words(at)
    box = at.multiselect(key="compare trials two")
    assert "baseline" in box.options[0]
    at.multiselect(key="compare trials two").set_value(["two/1"]).run()
    assert at.query_params["ids"] == "two/1"
    at.text_input(key="compare typed").set_value("one/1, one/2").run()
    assert at.query_params["ids"] == "two/1,one/1,one/2"
    assert "What differs" in plain_words(at)
    at.text_input(key="compare typed").set_value("one/99").run()
    assert "its last is 10" in at.toast[0].value
    assert at.query_params["ids"] == "two/1,one/1,one/2"
    at.multiselect(key="compare trials two").set_value([]).run()
    assert at.query_params["ids"] == "one/1,one/2"


def test_choosing_experiments(searches: None, visit: Visit) -> None:
    at = visit("compare")
    at.segmented_control(key="compare_kind").set_value("Experiments").run()
    at.multiselect(key="compare experiments").set_value(["one", "two"]).run()
    assert at.query_params["experiments"] == "one,two"
    assert "Frontiers" in plain_words(at)


def test_trials(searches: None, visit: Visit) -> None:
    at = visit("compare", ids="one/1,one/2,two/1")
    told = plain_words(at)
    assert "behind them the difference to one/1" in told
    assert "McNemar" in told
    assert "corrected for the" in told
    settings = next(item.value for item in at.dataframe if "setting" in item.value)
    assert list(settings.columns) == ["setting", "\u25cf one/1", "\u25a0 one/2", "\u25c6 two/1"]
    pairs = next(item.value for item in at.dataframe if "what is shown" in item.value)
    assert len(pairs) == 3
    drawn = figure(at, "overlay")
    assert {trace["name"] for trace in drawn["data"]} >= {"one/1", "two/1"}
    assert drawn["layout"]["yaxis"]["title"]["text"] == "exact match (%)"
    at.selectbox(key="choice curve").set_value("loss").run()
    assert at.query_params["curve"] == "loss"
    assert figure(at, "overlay")["layout"]["yaxis"]["title"]["text"] == "loss"
    at = visit("compare", ids="one/1,one/2", curve="nonsense", over="seconds")
    assert "since the first step" in figure(at, "overlay")["layout"]["xaxis"]["title"]["text"]


def test_trials_without_scores_by_example(present: Services, searches: None, visit: Visit) -> None:
    with present.store.write() as connection:
        connection.execute("DELETE FROM example_scores")
    assert "cannot be compared example by example" in plain_words(visit("compare", ids="one/1,one/2"))


def test_experiments(searches: None, visit: Visit) -> None:
    at = visit("compare", experiments="one,two")
    told = plain_words(at)
    assert "with the thresholds of one" in told
    assert [trace["name"] for trace in figure(at, "frontiers")["data"]] == ["one", "two"]
    assert [trace["name"] for trace in figure(at, "volumes")["data"]] == ["one", "two"]
    assert figure(at, "best")["layout"]["yaxis"]["title"]["text"] == "exact match (%)"
    fields = next(item.value for item in at.dataframe if "field" in item.value)
    assert fields["field"].tolist() == ["seed", "budget.trials"]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"ids": "one/1,three/1"}, "No experiment is called 'three'"),
        ({"ids": "one/1,one/77"}, "its last is 10"),
        ({"ids": "one"}, "does not name a trial"),
        ({"ids": ",".join(f"one/{n}" for n in range(9))}, "at most 8 stand side by side"),
        ({"experiments": "one,three"}, "No experiment is called 'three'"),
    ],
)
def test_unknown_names(searches: None, visit: Visit, query: dict[str, str], told: str) -> None:
    at = visit("compare", **query)
    assert told in at.warning[0].value.replace("\\", "")
