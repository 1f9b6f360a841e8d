"""Rows of links: short addresses that show one view to somebody else, until they expire or are revoked."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Literal

from storage.clock import utc_now, with_zone
from storage.errors import StateError, UnknownNameError
from storage.store import Store

Query = Mapping[str, Sequence[str]]
"""What an address says: each parameter with its values."""


@dataclass(frozen=True, slots=True)
class Link:
    """One link as stored; the fields are the columns of the table, times carry UTC."""

    link_id: int
    salt: str
    code_hash: str
    page: str
    title: str
    note: str
    query: dict[str, list[str]]
    experiments: list[str] | None
    frozen_at: datetime | None
    creator: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    revoked_by: str | None
    uses: int
    last_used_at: datetime | None

    def state(self, now: datetime) -> Literal["open", "expired", "revoked"]:
        """Whether it can be opened at a moment."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at is not None and self.expires_at <= now else "open"


@dataclass(frozen=True, slots=True)
class NewLink:
    """A link to be stored; the fields mean what they mean in ``Link``."""

    salt: str
    code_hash: str
    page: str
    title: str
    query: Query
    experiments: Sequence[str] | None
    creator: str
    note: str = ""
    frozen_at: datetime | None = None
    expires_at: datetime | None = None


_COLUMNS = ", ".join(column.name for column in fields(Link))
_TIMES = ("frozen_at", "created_at", "expires_at", "revoked_at", "last_used_at")


def add_link(store: Store, new: NewLink) -> Link:
    """Store a new link."""
    with store.write() as connection:
        rows = connection.execute(
            f"""
            INSERT INTO links
            SELECT coalesce(max(link_id), 0) + 1, $salt, $code_hash, $page, $title, $note, $query::JSON,
                $experiments::VARCHAR[], $frozen_at::TIMESTAMP, $creator, $now::TIMESTAMP, $expires_at::TIMESTAMP,
                NULL, NULL, 0, NULL
            FROM links RETURNING {_COLUMNS}
            """,  # noqa: S608
            {
                "salt": new.salt,
                "code_hash": new.code_hash,
                "page": new.page,
                "title": new.title,
                "note": new.note,
                "query": json.dumps({name: list(values) for name, values in new.query.items()}),
                "experiments": None if new.experiments is None else list(new.experiments),
                "frozen_at": _without_zone(new.frozen_at),
                "creator": new.creator,
                "now": utc_now(),
                "expires_at": _without_zone(new.expires_at),
            },
        ).fetchall()
    return _row(rows[0])


def find_link(store: Store, code_hash: str) -> Link | None:
    """The link whose code has this hash, in whatever state it is; None when there is none."""
    with store.read() as connection:
        rows = connection.execute(
            f"SELECT {_COLUMNS} FROM links WHERE code_hash = ?",  # noqa: S608
            [code_hash],
        ).fetchall()
    return _row(rows[0]) if rows else None


def list_links(store: Store) -> list[Link]:
    """All links, the newest first."""
    with store.read() as connection:
        rows = connection.execute(f"SELECT {_COLUMNS} FROM links ORDER BY link_id DESC").fetchall()  # noqa: S608
    return [_row(row) for row in rows]


def revoke_link(store: Store, link_id: int, by: str) -> Link:
    """Take a link back for good.

    Args:
        store: The open database.
        link_id: The link.
        by: Who takes it back.

    Raises:
        UnknownNameError: There is no such link.
        StateError: It was taken back before.
    """
    with store.write() as connection:
        rows = connection.execute(
            f"SELECT {_COLUMNS} FROM links WHERE link_id = ?",  # noqa: S608
            [link_id],
        ).fetchall()
        if not rows:
            raise UnknownNameError(f"there is no link {link_id}")
        if _row(rows[0]).revoked_at is not None:
            raise StateError(f"link {link_id} was revoked before")
        rows = connection.execute(
            f"UPDATE links SET revoked_at = ?, revoked_by = ? WHERE link_id = ? RETURNING {_COLUMNS}",  # noqa: S608
            [utc_now(), by, link_id],
        ).fetchall()
    return _row(rows[0])


def note_link_use(store: Store, link_id: int) -> None:
    """Count that a link was opened."""
    with store.write() as connection:
        connection.execute(
            "UPDATE links SET uses = uses + 1, last_used_at = ? WHERE link_id = ?", [utc_now(), link_id]
        )


def _without_zone(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=None)


def _row(values: tuple[Any, ...]) -> Link:
    named = dict(zip((column.name for column in fields(Link)), values, strict=True))
    named["query"] = json.loads(named["query"])
    return Link(**named | {column: with_zone(named[column]) for column in _TIMES})
