"""The list of experiments: found, sorted, tagged, archived, cloned, compared; and what to do where there is none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.services import Services
from storage.experiments import ExperimentRow, get_experiment, list_experiments
from storage.notes import get_notes, set_archived, set_note, set_tags
from tests.dashboard.shown import words
from tests.simulated import fill

ENTRY = Path(__file__).resolve().parents[2] / "dashboard" / "main.py"
Visit = Callable[..., AppTest]


def names(at: AppTest) -> list[str]:
    """Experiments in the list, from top to bottom."""
    return [str(box.key).removeprefix("pick ") for box in at.checkbox if str(box.key).startswith("pick ")]


def opened(**query: str) -> AppTest:
    """The list at an address."""
    at = AppTest.from_file(str(ENTRY), default_timeout=60)
    for key, value in query.items():
        at.query_params[key] = value
    at.run()
    assert not at.exception
    return at


@pytest.fixture
def several(present: Services) -> list[ExperimentRow]:
    """Four experiments; the oldest is archived, the second has tags and a note."""
    rows = [
        fill(present.store, present.home, name=name, trials=trials, steps=1, examples=20, state=state)
        for name, trials, state in (
            ("old", 6, "completed"),
            ("tagged", 8, "completed"),
            ("failing", 6, "failed"),
            ("newest", 10, "stopped"),
        )
    ]
    set_archived(present.store, rows[0].experiment_id, True)
    set_tags(present.store, rows[1].experiment_id, ["paper", "gpu"])
    set_note(present.store, rows[1].experiment_id, "For the *workshop*.")
    return rows


def test_an_empty_list_offers_three_ways(present: Services) -> None:
    at = opened()
    assert [item.value for item in at.subheader] == [
        "Run the demo",
        "Use my own data",
        "Open a study from Optuna",
    ]
    assert "bert-frontier import" in at.code[0].value
    at.button(key="run_demo").click().run()
    assert not at.exception
    assert [row.name for row in list_experiments(present.store)] == ["demo"]
    assert at.title[0].value == "demo"


def test_a_row_tells_progress_and_the_first_claim(demo: ExperimentRow) -> None:
    at = opened()
    told = words(at)
    assert "6 of 12 trials" in told
    assert "1 failed" in told
    assert "18 % fewer parameters" in told
    assert "id=demo" in str(at.page_link[0].proto)


def test_the_newest_first_and_none_that_is_archived(several: list[ExperimentRow]) -> None:
    assert names(opened()) == ["newest", "failing", "tagged"]
    assert names(opened(archived="1")) == ["newest", "failing", "tagged", "old"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"search": "TAG"}, ["tagged"]),
        ({"search": "workshop"}, ["tagged"]),
        ({"search": "squad fail"}, ["failing"]),
        ({"state": "failed,stopped"}, ["newest", "failing"]),
        ({"tag": "paper,gpu"}, ["tagged"]),
        ({"task": "squad_v2", "sort": "name"}, ["failing", "newest", "tagged"]),
        ({"sort": "state"}, ["failing", "newest", "tagged"]),
        ({"state": "nonsense", "sort": "nonsense", "page": "99"}, ["newest", "failing", "tagged"]),
    ],
)
def test_filters_are_in_the_address(
    several: list[ExperimentRow], query: dict[str, str], expected: list[str]
) -> None:
    assert names(opened(**query)) == expected


def test_filters_write_the_address(several: list[ExperimentRow]) -> None:
    at = opened()
    at.text_input(key="text search").set_value("tagged").run()
    assert at.query_params["search"] == "tagged"
    assert names(at) == ["tagged"]
    at.text_input(key="text search").set_value("no such thing").run()
    assert "Take back one of the filters" in words(at)


def test_tags_and_notes_are_shown_and_changed(present: Services, several: list[ExperimentRow]) -> None:
    at = opened()
    told = words(at)
    assert ":blue-badge[paper]" in told
    assert "For the \\*workshop\\*." in told
    at.session_state["experiment whose notes are changed"] = "newest"
    at.run()
    at.multiselect(key="tags of newest").set_value(["paper"])
    at.text_area(key="note of newest").set_value("A second try.")
    at.button(key="save notes").click().run()
    assert not at.exception
    notes = get_notes(present.store, get_experiment(present.store, "newest").experiment_id)
    assert (notes.tags, notes.note) == (("paper",), "A second try.")


def test_what_is_ticked_is_compared_or_archived(present: Services, several: list[ExperimentRow]) -> None:
    at = opened()
    assert not [button for button in at.button if button.key == "compare"]
    at.checkbox(key="pick newest").check().run()
    assert at.button(key="compare").disabled
    at.checkbox(key="pick tagged").check().run()
    assert "**2 chosen:** newest, tagged" in words(at)
    at.text_input(key="text search").set_value("failing").run()
    assert "**2 chosen:** newest, tagged" in words(at)
    at.button(key="archive").click().run()
    assert not at.exception
    assert "chosen" not in words(at)
    assert names(opened()) == ["failing"]
    again = opened(archived="1")
    again.checkbox(key="pick newest").check().run()
    again.checkbox(key="pick tagged").check().run()
    assert again.button(key="archive").label == "Unarchive"
    again.button(key="compare").click().run()
    assert not again.exception
    assert again.title[0].value == "Compare"
    assert again.query_params["experiments"] == "newest,tagged"


def test_only_a_page_is_looked_at(present: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    from dashboard.components import experiment_row

    for number in range(25):
        fill(present.store, present.home, name=f"run-{number:02d}", trials=1, steps=1, examples=0)
    looked: list[str] = []
    really = experiment_row.look

    def look(store: Any, name: str) -> Any:
        looked.append(name)
        return really(store, name)

    monkeypatch.setattr(experiment_row, "look", look)
    at = opened(page="2")
    assert names(at) == [f"run-{number:02d}" for number in range(4, -1, -1)]
    assert looked == names(at)
    assert len(names(opened())) == 20


def test_a_study_from_elsewhere(present: Services) -> None:
    at = opened()
    at.button(key="open_study").click().run()
    table = b"layers,exact,num_parameters,state\n2,70.5,30,COMPLETE\n4,75,50,COMPLETE\n6,74,66,COMPLETE\n"
    at.get("file_uploader")[0].set_value(("trials.csv", table, "text/csv")).run()
    at.text_area(key="import metrics").set_value("exact:maximize\nnum_parameters:minimize")
    at.text_input(key="import name").set_value("elsewhere").run()
    at.button(key="import").click().run()
    assert not at.exception
    assert at.title[0].value == "elsewhere"
    assert len(list_experiments(present.store)) == 1
