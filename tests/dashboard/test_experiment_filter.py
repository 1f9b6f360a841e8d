"""Which experiments a list shows, and in which order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.experiment_filter import SORTS, Wanted, chosen, tags_in
from storage.listing import ListedExperiment

START = datetime(2026, 1, 1, tzinfo=UTC)


def row(number: int, **more: object) -> ListedExperiment:
    values: dict[str, object] = {
        "experiment_id": number,
        "name": f"run-{number}",
        "state": "completed",
        "task": "squad_v2",
        "strategy": "nehvi",
        "budget": 10,
        "done": 10,
        "created_at": START + timedelta(days=number),
        "active_at": START + timedelta(days=number),
        "tags": (),
        "note": "",
        "archived": False,
    }
    return ListedExperiment(**{**values, **more})  # type: ignore[arg-type]


ROWS = [
    row(3, state="running", done=5, active_at=START + timedelta(days=9)),
    row(2, state="failed", done=1, task="rte", tags=("paper",)),
    row(1, name="alpha", note="Second TRY", tags=("paper", "GPU"), archived=True),
]


def numbers(wanted: Wanted) -> list[int]:
    return [item.experiment_id for item in chosen(ROWS, wanted)]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Wanted(), [3, 2]),
        (Wanted(archived=True), [3, 2, 1]),
        (Wanted(search="try second", archived=True), [1]),
        (Wanted(search="GLUE: RTE"), [2]),
        (Wanted(states=("running", "failed"), tasks=("rte",)), [2]),
        (Wanted(tags=("paper", "GPU"), archived=True), [1]),
        (Wanted(archived=True, sort="name"), [1, 2, 3]),
        (Wanted(archived=True, sort="last active"), [3, 2, 1]),
        (Wanted(archived=True, sort="progress"), [1, 3, 2]),
        (Wanted(archived=True, sort="state"), [3, 2, 1]),
    ],
)
def test_choices(wanted: Wanted, expected: list[int]) -> None:
    assert numbers(wanted) == expected


def test_tags_by_name() -> None:
    assert tags_in(ROWS) == ["GPU", "paper"]


@given(st.sampled_from(SORTS), st.lists(st.sampled_from(["running", "failed", "completed"])), st.booleans())
def test_a_filter_never_invents_or_repeats(sort: str, states: list[str], archived: bool) -> None:
    found = chosen(ROWS, Wanted(states=states, archived=archived, sort=sort))
    assert len(set(found)) == len(found)
    assert all(item in ROWS and (archived or not item.archived) for item in found)
    assert all(item.state in states for item in found if states)
