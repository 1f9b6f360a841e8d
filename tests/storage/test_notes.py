"""Tags, notes and the archive of experiments."""

from __future__ import annotations

import pytest

from storage.errors import SettingError
from storage.experiments import ExperimentRow
from storage.notes import Notes, get_notes, list_notes, set_archived, set_note, set_tags
from storage.store import Store


def test_nothing_is_said_at_first(store: Store, demo: ExperimentRow) -> None:
    assert get_notes(store, demo.experiment_id) == Notes()
    assert list_notes(store) == {}


def test_each_part_is_set_by_itself(store: Store, demo: ExperimentRow) -> None:
    set_tags(store, demo.experiment_id, [" paper ", "gpu", "paper", ""])
    set_note(store, demo.experiment_id, "  First *try*.\n")
    set_archived(store, demo.experiment_id, True)
    found = get_notes(store, demo.experiment_id)
    assert (found.tags, found.note) == (("paper", "gpu"), "First *try*.")
    assert found.archived_at is not None
    assert found.archived_at.tzinfo is not None
    set_tags(store, demo.experiment_id, [])
    set_archived(store, demo.experiment_id, False)
    assert get_notes(store, demo.experiment_id) == Notes((), "First *try*.", None)


@pytest.mark.parametrize(
    ("tags", "why"),
    [
        (["a,b"], "no comma"),
        (["x" * 41], "at most 40"),
        ([f"t{n}" for n in range(21)], "21 tags are too many"),
    ],
)
def test_tags_that_cannot_be_used(store: Store, demo: ExperimentRow, tags: list[str], why: str) -> None:
    with pytest.raises(SettingError, match=why):
        set_tags(store, demo.experiment_id, tags)
    assert get_notes(store, demo.experiment_id) == Notes()


def test_a_note_has_an_end(store: Store, demo: ExperimentRow) -> None:
    with pytest.raises(SettingError, match=r"20,001 characters: give at most 20,000"):
        set_note(store, demo.experiment_id, "x" * 20_001)
