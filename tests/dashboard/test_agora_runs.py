"""An Agora run, whose data are made by trials that are no students, does not disturb any page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.services import Services
from dashboard.tables import Status, trials_frame
from engine.launch import stored_spec
from engine.overview import overview
from engine.spec_files import to_toml
from storage.experiments import ExperimentRow
from tests.dashboard.shown import words
from tests.engine.stored_agora import STUDENTS, TRIALS, store_agora

Visit = Callable[..., AppTest]

TABS = (
    *("Trials", "Hypervolume", "Parallel coordinates", "Importance", "Slices", "Timeline", "Health"),
    "Specification",
)
PARTS = ("Curves", "Parameters", "Metrics", "Answers", "Errors", "Resources", "Log", "Files")
MAKER = 5
"""Number of the trial that makes the data of the second round."""


@pytest.fixture
def run(present: Services) -> ExperimentRow:
    return store_agora(present.store, present.home)


def test_trials_that_make_data_are_listed_and_are_no_points(present: Services, run: ExperimentRow) -> None:
    view = overview(present.store, run)
    assert (len(view.trials), len(view.students)) == (TRIALS, STUDENTS)
    frame = trials_frame(view)
    makers = frame[frame["role"] == "augmentation"]
    assert makers["trial"].tolist() == [MAKER, 9]
    assert set(makers["status"]) == {Status.DATA}
    assert makers["accuracy"].isna().all()
    assert "mistakes" not in frame.columns


def test_pages(run: ExperimentRow, visit: Visit) -> None:
    assert run.state == "completed"
    assert "9 of 9 trials" in words(visit())
    for tab in TABS:
        visit("experiment", id=run.name, tab=tab)
    for page in ("what_if", "sql", "data", "compare"):
        visit(page, id=run.name)
    assert visit("compare", ids=f"{run.name}/1,{run.name}/{MAKER}")
    assert visit("new", **{"from": run.name})
    assert visit("new", preset="agora-rte")


def test_the_trial_that_makes_data_has_a_page(run: ExperimentRow, visit: Visit) -> None:
    for part in PARTS:
        at = visit("trial", id=f"{run.name}/{MAKER}", part=part)
        if part == "Parameters":
            assert "makes the training data of a round" in words(at)
    visit("trial", id=f"{run.name}/1", part="Parameters")


def test_the_launch_form_gives_the_run_back(present: Services, run: ExperimentRow) -> None:
    assert to_toml(stored_spec(run)) == run.spec_toml
