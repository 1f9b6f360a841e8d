"""Every page shows an imported study, whose parameters and metrics have names of their own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.services import Services
from engine.importing.reading import read_study_file
from engine.importing.storing import import_study
from engine.importing.wishes import Wishes, parse_metric
from storage.experiments import ExperimentRow
from tests.dashboard.shown import words

Visit = Callable[..., AppTest]
ROWS = 30


@pytest.fixture
def imported(present: Services, tmp_path: Path) -> ExperimentRow:
    """A table of two odd metrics over a number, a whole number and a word; one trial has failed."""
    lines = ["number,depth,rate,kind,goodness,bulk,hours"]
    for n in range(ROWS):
        good = 50 + n % 7 - 0.1 * (n % 5)
        lines.append(f"{n},{1 + n % 7},{1e-5 * (1 + n % 5)},{'ab'[n % 2]},{good},{10 + n % 7},{n}")
    lines.append(f"{ROWS},3,2e-5,a,,,")
    path = tmp_path / "study.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    metrics = ("goodness:maximize:threshold=40", "bulk:minimize", "hours:minimize:store")
    study = read_study_file(path, Wishes([parse_metric(text) for text in metrics]))
    return import_study(present.store, present.home, study, "from-elsewhere", baseline=3)


def test_the_list(imported: ExperimentRow, visit: Visit) -> None:
    assert visit().title[0].value == "Experiments"


def test_every_tab_of_the_experiment(imported: ExperimentRow, visit: Visit) -> None:
    for tab in (
        *("Trials", "Hypervolume", "Parallel coordinates", "Importance", "Slices", "Timeline", "Health"),
        "Specification",
    ):
        at = visit("experiment", id="from-elsewhere", tab=tab)
        assert at.title[0].value == "from-elsewhere"
        assert "31 of 31 trials" in words(at)


@pytest.mark.parametrize("number", [4, 5, 31])
def test_every_part_of_trials(imported: ExperimentRow, visit: Visit, number: int) -> None:
    """The baseline, a student, and one that failed."""
    for part in ("Curves", "Parameters", "Metrics", "Answers", "Errors", "Resources", "Log", "Files"):
        at = visit("trial", id=f"from-elsewhere/{number}", part=part)
        assert f"Trial {number}" in at.title[0].value
    settings = visit("trial", id=f"from-elsewhere/{number}", part="Parameters").dataframe[0].value
    assert set(settings["setting"]) == {"depth", "rate", "kind"}


def test_comparisons(imported: ExperimentRow, visit: Visit) -> None:
    told = words(visit("compare", ids="from-elsewhere/4,from-elsewhere/5"))
    assert "What differs" in told


def test_what_if(imported: ExperimentRow, visit: Visit) -> None:
    assert visit("what_if", experiment="from-elsewhere").title[0].value == "What if"


def test_its_data_are_not_known(imported: ExperimentRow, visit: Visit) -> None:
    visit("data", experiment="from-elsewhere")
