"""A session that opened a link sees its one view, drawn by the page's own code, and nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.access import sessions
from dashboard.access.door import Door, Visitor
from dashboard.access.sharing import Sharing, Wish
from dashboard.services import Services, provide
from engine.lifecycle import TrialState
from engine.serving import AccessSettings
from storage.experiments import ExperimentRow
from storage.links import Link
from storage.store import Store
from storage.trials import list_trials, move_trial
from tests.dashboard.shown import words

NOT_DATA = re.compile("<style>| spent| rows?[*][*] in ")
"""What a page says of itself, of the time a running experiment has taken so far, and of that of a query."""
ENTRY = Path(__file__).resolve().parents[3] / "dashboard" / "main.py"


@pytest.fixture
def serving(present: Services) -> Iterator[Services]:
    sharing = Sharing(present.store, present.home, AccessSettings())
    found = replace(present, sharing=sharing)
    provide(found)
    yield found
    sharing.data.close()


@pytest.fixture
def stranger(serving: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever opens a page has no key."""
    provide(replace(serving, door=Door("key", key="a key that is long enough")))
    monkeypatch.setattr(sessions, "visitor", lambda: Visitor(member=False))


def share(serving: Services, page: str, frozen: bool = False, **query: str) -> Link:
    assert serving.sharing is not None
    values = {name: [value] for name, value in query.items()}
    return serving.sharing.make(
        Wish(page, "it", values, frozen=frozen, days=30, creator="ann", note="*look*")
    )


def opened(serving: Services, shared: Link | None, **query: str) -> AppTest:
    """The first page, with a link's code and what else its address says."""
    at = AppTest.from_file(str(ENTRY), default_timeout=60)
    if shared is not None:
        assert serving.sharing is not None
        code = serving.sharing.code(shared)
        assert code is not None
        at.query_params["link"] = code
        for name, values in shared.query.items():
            at.query_params[name] = values
    for name, value in query.items():
        at.query_params[name] = value
    at.run()
    assert not at.exception, at.exception
    return at


def numbers(at: AppTest) -> dict[str, Any]:
    """Everything a page shows that comes from the data, but for the time a running experiment has taken so far."""
    figures = [json.loads(element.proto.json) for element in at.get("bidi_component")]
    return {
        "titles": [element.value for element in at.title],
        "metrics": [(element.label, element.value, element.delta) for element in at.metric],
        "tables": [element.value.to_csv() for element in at.dataframe],
        "charts": [json.loads(figure["figure"])["data"] for figure in figures if "figure" in figure],
        "prose": [item.value for item in at.markdown if not NOT_DATA.search(item.value)],
    }


def finish(serving: Services, experiment: ExperimentRow) -> None:
    """Let the running trial of the demo end, better than all others."""
    trial = list_trials(serving.store, experiment.experiment_id)[6]
    assert trial.state == TrialState.RUNNING
    with serving.store.write() as connection:
        for name, value in {"exact": 99.0, "num_parameters": 100_000.0}.items():
            connection.execute(
                "INSERT INTO trial_metrics VALUES (?, ?, ?, 1.0)", [trial.trial_id, name, value]
            )
        connection.execute("UPDATE trials SET on_frontier = true WHERE trial_id = ?", [trial.trial_id])
    move_trial(serving.store, trial.trial_id, "completed", allowed_from=["running"], finished=True)


def test_a_view_says_whose_it_is_and_leads_nowhere(
    serving: Services, demo: ExperimentRow, stranger: None
) -> None:
    at = opened(serving, share(serving, "experiment", id="demo"))
    told = words(at)
    assert "Experiment shared by ann \u00b7 live \u00b7 open until" in told
    assert "\\*look\\*" in told
    assert at.title[0].value == "demo"
    assert list(at.get("page_link")) == []
    assert "to open its trial" not in told
    assert not {"Pause", "Resume", "Stop the experiment", "Make the link"} & {
        button.label for button in at.button
    }


@pytest.mark.parametrize(("page", "query"), [("experiment", {"id": "demo"}), ("trial", {"id": "demo/6"})])
def test_a_frozen_view_keeps_its_numbers_and_a_live_one_follows(
    serving: Services, demo: ExperimentRow, page: str, query: dict[str, str]
) -> None:
    live, frozen = share(serving, page, **query), share(serving, page, frozen=True, **query)
    before = numbers(opened(serving, live))
    assert before["charts"]
    assert numbers(opened(serving, frozen)) == before
    finish(serving, demo)
    assert numbers(opened(serving, frozen)) == before
    assert numbers(opened(serving, live)) != before
    assert "frozen on" in words(opened(serving, frozen))
    assert ("6 trials ended by then" in words(opened(serving, frozen))) is (page == "experiment")


@pytest.mark.parametrize(
    ("page", "query"),
    [
        *(
            ("experiment", {"id": "demo", "tab": tab})
            for tab in ("Hypervolume", "Slices", "Timeline", "Health")
        ),
        *(("trial", {"id": "demo/2", "part": part}) for part in ("Curves", "Answers", "Resources", "Log")),
        ("compare", {"ids": "demo/2,demo/3"}),
        ("compare", {"experiments": "demo,paraphrases"}),
        ("sql", {"q": "SELECT trial, exact FROM demo WHERE exact > $low", "n.low": "50"}),
    ],
)
def test_what_is_copied_is_all_that_is_shown(
    serving: Services,
    demo: ExperimentRow,
    paraphrases: ExperimentRow,
    page: str,
    query: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Were something left out of the copy, a part of the view would say something else than the live one."""
    moment = serving.store.now()
    monkeypatch.setattr(Store, "now", lambda store: moment)
    views = []
    for frozen in (False, True):
        at = opened(serving, share(serving, page, frozen=frozen, **query))
        while page == "sql" and not at.dataframe:
            at.run()
        views.append(numbers(at))
        assert "could not be drawn" not in words(at)
    assert views[0] == views[1]


def test_a_frozen_pre_training_shows_the_same_curves(serving: Services, pretraining: ExperimentRow) -> None:
    shown = [
        numbers(opened(serving, share(serving, "pretraining", frozen=frozen, id=pretraining.name)))
        for frozen in (False, True)
    ]
    assert shown[0]["charts"]
    assert shown[0] == shown[1]


@pytest.mark.parametrize("frozen", [False, True])
def test_the_address_cannot_be_changed_to_show_something_else(
    serving: Services, demo: ExperimentRow, paraphrases: ExperimentRow, stranger: None, frozen: bool
) -> None:
    at = opened(serving, share(serving, "trial", frozen=frozen, id="demo/2"), id="demo/3")
    assert at.title[0].value == "Trial 2"
    assert at.query_params["id"] == "demo/2"
    at = opened(serving, share(serving, "experiment", frozen=frozen, id="demo"), id=paraphrases.name)
    assert at.title[0].value == "demo"
    assert paraphrases.name not in words(at)


def test_how_it_is_shown_may_be_changed(serving: Services, demo: ExperimentRow, stranger: None) -> None:
    link = share(serving, "experiment", id="demo", x="latency_ms")
    assert opened(serving, link).selectbox(key="choice x").value == "latency_ms"
    assert opened(serving, link, x="learning_rate").selectbox(key="choice x").value == "learning_rate"


def test_a_session_stays_with_its_link(serving: Services, demo: ExperimentRow) -> None:
    """Even that of a member, whose page forgets the code in the address."""
    at = opened(serving, share(serving, "experiment", id="demo"))
    del at.query_params["link"]
    at.run()
    assert "shared by ann" in words(at)


def test_strangers_without_a_link_see_nothing(serving: Services, demo: ExperimentRow, stranger: None) -> None:
    at = opened(serving, None)
    assert [item.value for item in at.title] == ["No link"]
    assert "demo" not in words(at)
    at = opened(serving, None, link="guessed", id="demo")
    assert [item.value for item in at.title] == ["No such link"]
    assert "demo" not in words(at)


def test_an_open_view_closes_when_its_link_is_revoked(
    serving: Services, demo: ExperimentRow, stranger: None
) -> None:
    link = share(serving, "experiment", id="demo")
    at = opened(serving, link)
    assert serving.sharing is not None
    serving.sharing.revoke(link.link_id, "bob")
    at.run()
    assert [item.value for item in at.title] == ["This link was revoked"]
    assert "bob took it back" in words(at)
    assert "18 %" not in words(at)


def test_links_for_members_only(
    serving: Services, demo: ExperimentRow, stranger: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = share(serving, "experiment", id="demo")
    assert serving.sharing is not None
    monkeypatch.setattr(serving.sharing, "settings", AccessSettings(share_links="members"))
    assert [item.value for item in opened(serving, link).title] == ["Not logged in"]
    monkeypatch.setattr(sessions, "visitor", lambda: Visitor(member=True))
    assert opened(serving, link).title[0].value == "demo"


def test_openings_are_counted_once_a_session(serving: Services, demo: ExperimentRow) -> None:
    link = share(serving, "experiment", id="demo")
    opened(serving, link).run().run()
    opened(serving, link)
    assert serving.sharing is not None
    assert serving.sharing.listed()[0].uses == 2


def test_a_view_that_fails_tells_a_stranger_nothing(
    serving: Services, demo: ExperimentRow, stranger: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dashboard import views

    def fail(*arguments: object, **options: object) -> None:
        raise ValueError("a path of this machine")

    monkeypatch.setattr(views, "overview", fail)
    views._look.clear()
    at = opened(serving, share(serving, "experiment", id="demo"))
    assert "could not be drawn" in words(at)
    assert "path of this machine" not in words(at)
