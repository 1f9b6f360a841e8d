"""The views of extractions and of pre-trainings."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.services import Services
from storage.experiments import ExperimentRow
from tests.dashboard.shown import figure, words
from tests.engine.stored_extraction import BEST, MEASURED, store_extraction

Visit = Callable[..., AppTest]


def links(at: AppTest) -> list[str]:
    return [item.proto.label for item in at.get("page_link")]


def test_an_extraction_on_a_map(present: Services, visit: Visit) -> None:
    store_extraction(present.store, present.home)
    at = visit("extraction", id="bort")
    assert "has the largest W" in words(at)
    names = {trace["name"] for trace in figure(at, "space")["data"]}
    assert names == {"left out", "chosen, not measured yet", "trained", "extracted"}
    assert {trace["name"] for trace in figure(at, "order")["data"]} == {"trained", "extracted"}
    ranking = next(item.value for item in at.dataframe if "W" in item.value)
    assert len(ranking) == MEASURED
    assert ranking["trial"].iloc[0] == BEST
    assert {":blue[Pre-train it]", ":blue[Search around it]", ":blue[bort]"} <= set(links(at))


def test_an_extraction_before_its_first_candidate(present: Services, visit: Visit) -> None:
    store_extraction(present.store, present.home, measured=0)
    at = visit("extraction", id="bort")
    assert "still being trained" in words(at)
    assert {trace["name"] for trace in figure(at, "space")["data"]} == {
        "left out",
        "chosen, not measured yet",
    }


def test_views_without_an_experiment_list_theirs(
    present: Services, pretraining: ExperimentRow, demo: ExperimentRow, visit: Visit
) -> None:
    at = visit("pretraining")
    at.button(key="to pretrain").click().run()
    assert "distilbert" in words(at)
    at = visit("extraction")
    assert at.info[0].value == "There is none yet."
    at.button[-1].click().run()
    assert at.title[0].value == "New experiment"
    assert 'name = "bort"' in at.session_state["draft text"]
    store_extraction(present.store, present.home, measured=1)
    keys = {str(item.key) for item in visit("extraction").button}
    assert "to bort" in keys
    assert "to demo" not in keys


@pytest.mark.parametrize(
    ("page", "name", "told"),
    [
        ("extraction", "demo", "demo is no extraction"),
        ("extraction", "demi", "did you mean demo?"),
        ("pretraining", "demo", "demo is no pre-training"),
        ("pretraining", "pretrain,demi", "did you mean demo?"),
    ],
)
def test_other_experiments_have_no_such_view(
    demo: ExperimentRow, pretraining: ExperimentRow, visit: Visit, page: str, name: str, told: str
) -> None:
    at = visit(page, id=name)
    assert told in at.warning[0].value.replace("\\", "").replace("Demo is", "demo is")


def test_methods_side_by_side(pretraining: ExperimentRow, visit: Visit) -> None:
    at = visit("pretraining", id="pretrain")
    drawn = figure(at, "pretraining")
    assert [trace["name"] for trace in drawn["data"]] == ["mlm", "distilbert", "bort"]
    told = words(at).replace("\\", "")
    assert "After 4 steps each, distilbert (trial 2) has 24.0 % masked tokens guessed right" in told
    at.selectbox(key="choice over").set_value("train_flops").run()
    assert at.query_params["over"] == "train_flops"
    # At the cost of masked LM alone, the others are a third of their way.
    told = words(at).replace("\\", "")
    assert "After 1 T FLOPs of training each, mlm (trial 1) has 20.0 %" in told
    table = next(item.value for item in at.dataframe if "method" in item.value)
    assert table["method"].iloc[0] == "mlm"
    at.selectbox(key="choice metric").set_value("perplexity").run()
    assert figure(at, "pretraining")["layout"]["yaxis"]["title"]["text"] == "perplexity of masked tokens"
    assert not at.exception


def test_the_address_of_a_pretraining_says_what_is_shown(pretraining: ExperimentRow, visit: Visit) -> None:
    at = visit("pretraining", id="pretrain", over="train_tokens", metric="mlm_loss")
    layout = figure(at, "pretraining")["layout"]
    assert layout["xaxis"]["title"]["text"] == "tokens trained on, padding left out"
    assert layout["yaxis"]["title"]["text"] == "masked-LM loss (nats)"


def test_the_experiment_leads_there(present: Services, pretraining: ExperimentRow, visit: Visit) -> None:
    assert ":blue[Compare the methods at the same cost]" in links(visit("experiment", id="pretrain"))
    store_extraction(present.store, present.home)
    assert ":blue[All architectures on a map]" in links(visit("experiment", id="bort"))
