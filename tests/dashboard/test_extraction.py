"""An extraction on its page: what it has found, and the launch form with what follows."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.launching.task_choice import reported
from dashboard.services import Services
from engine.experiment import ExperimentSpec
from engine.spec_files import parse_spec, preset_text
from storage.experiments import ExperimentRow
from storage.trials import get_trial
from tests.dashboard.shown import words
from tests.engine.stored_extraction import BEST, MEASURED, store_extraction

Visit = Callable[..., AppTest]


@pytest.fixture
def bort(present: Services) -> ExperimentRow:
    """A running extraction with its first candidates measured."""
    return store_extraction(present.store, present.home)


def test_the_page_says_what_was_found(present: Services, bort: ExperimentRow, visit: Visit) -> None:
    at = visit("experiment", id="bort")
    told = words(at)
    best = get_trial(present.store, "bort", BEST).parameters
    assert f"\u27e8{', '.join(map(str, best.values()))}\u27e9 has the largest W" in told
    assert f"10 of {MEASURED} measured architectures" in told
    ranking = next(item.value for item in at.dataframe if "W" in item.value)
    assert ranking["trial"].iloc[0] == BEST
    assert {name: ranking[name].iloc[0] for name in best} == best


def test_it_is_listed_among_the_experiments(bort: ExperimentRow, visit: Visit) -> None:
    visit("experiments")


def test_before_the_first_candidate_the_page_says_so(present: Services, visit: Visit) -> None:
    store_extraction(present.store, present.home, measured=0)
    assert "still being trained" in words(visit("experiment", id="bort"))


@pytest.mark.parametrize("purpose", ["pretrain", "search"])
def test_what_follows_opens_in_the_form(
    present: Services, bort: ExperimentRow, visit: Visit, purpose: str
) -> None:
    at = visit("new", **{"from": "bort", "adopt": purpose})
    spec = parse_spec(at.session_state["draft text"])
    assert spec.name == f"bort-{purpose}"
    assert not at.button(key="launch").disabled


def test_its_own_specification_opens_too(present: Services, bort: ExperimentRow, visit: Visit) -> None:
    at = visit("new", **{"from": "bort"})
    assert at.session_state["draft text"] == bort.spec_toml


def test_an_unknown_purpose_is_told(present: Services, bort: ExperimentRow, visit: Visit) -> None:
    at = visit("new", **{"from": "bort", "adopt": "nothing"})
    assert "pretrain or search" in words(at)


def test_settings_of_the_extraction_are_in_the_form(present: Services, visit: Visit) -> None:
    at = visit("new", preset="bort")
    at.number_input(key="form:extract.interval").set_value(60).run()
    assert not at.exception
    spec: ExperimentSpec = parse_spec(at.session_state["draft text"])
    assert (spec.extract.interval, spec.trial_count()) == (60, 6)
    at.number_input(key="form:extract.interval").set_value(1).run()
    assert at.button(key="launch").disabled
    assert "300 candidates" in at.error[0].value


def test_the_goals_offer_what_candidates_report() -> None:
    spec = parse_spec(preset_text("bort"))
    document = {"strategy": {"name": "extract"}, "task": {"name": "masked_lm"}}
    assert reported(document) == spec.metric_names()
    timed = document | {"extract": {"speed": "latency"}}
    assert "encoder_latency_ms" in reported(timed)


def test_a_trial_of_an_extraction_opens(bort: ExperimentRow, visit: Visit) -> None:
    for number in (0, 1):
        for part in ("Parameters", "Metrics", "Log", "Files"):
            visit("trial", id=f"bort/{number}", part=part)
