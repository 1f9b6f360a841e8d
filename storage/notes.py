"""Rows of what people say about experiments: tags, a note, and whether they are archived."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.clock import utc_now, with_zone
from storage.errors import SettingError
from storage.store import Store

MAX_TAGS = 20
MAX_TAG_LENGTH = 40
MAX_NOTE_LENGTH = 20_000


@dataclass(frozen=True, slots=True)
class Notes:
    """What people say about one experiment.

    Attributes:
        tags: Words to find it by, in the order they were given.
        note: Text of any kind; empty without one.
        archived_at: When it was put away, UTC; None while it is in the list.
    """

    tags: tuple[str, ...] = ()
    note: str = ""
    archived_at: datetime | None = None


def get_notes(store: Store, experiment_id: int) -> Notes:
    """What is said about an experiment; nothing where there is no row."""
    return list_notes(store).get(experiment_id, Notes())


def list_notes(store: Store) -> dict[int, Notes]:
    """What is said about each experiment by its id; experiments of which nothing is said are left out."""
    with store.read() as connection:
        rows = connection.execute(
            "SELECT experiment_id, tags, note, archived_at FROM experiment_notes"
        ).fetchall()
    return {number: Notes(tuple(tags), note, with_zone(archived)) for number, tags, note, archived in rows}


def set_tags(store: Store, experiment_id: int, tags: Sequence[str]) -> None:
    """Give an experiment these tags and no others; blanks around them and repetitions are dropped.

    Raises:
        SettingError: There are too many, or one is too long or has a comma.
    """
    kept = list(dict.fromkeys(tag.strip() for tag in tags if tag.strip()))
    for tag in kept:
        if len(tag) > MAX_TAG_LENGTH or "," in tag or not tag.isprintable():
            raise SettingError(
                f"the tag {tag!r} must have at most {MAX_TAG_LENGTH} printable characters and no comma"
            )
    if len(kept) > MAX_TAGS:
        raise SettingError(f"{len(kept)} tags are too many: give at most {MAX_TAGS}")
    _set(store, experiment_id, "tags", kept)


def set_note(store: Store, experiment_id: int, note: str) -> None:
    """Replace the note of an experiment.

    Raises:
        SettingError: It is too long.
    """
    if len(note) > MAX_NOTE_LENGTH:
        raise SettingError(f"the note has {len(note):,} characters: give at most {MAX_NOTE_LENGTH:,}")
    _set(store, experiment_id, "note", note.strip())


def set_archived(store: Store, experiment_id: int, archived: bool) -> None:
    """Put an experiment away, or back into the list; its data stay as they are either way."""
    _set(store, experiment_id, "archived_at", utc_now() if archived else None)


def _set(store: Store, experiment_id: int, column: str, value: Any) -> None:  # noqa: ANN401
    with store.write() as connection:
        connection.execute(
            "INSERT INTO experiment_notes VALUES (?, [], '', NULL) ON CONFLICT DO NOTHING", [experiment_id]
        )
        connection.execute(
            f"UPDATE experiment_notes SET {column} = ? WHERE experiment_id = ?",  # noqa: S608
            [value, experiment_id],
        )
