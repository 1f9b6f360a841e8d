"""The one source of time stamps: UTC, without a zone in the database, with one in Python."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> datetime:
    """The present moment in UTC without a time zone, as TIMESTAMP columns hold it."""
    return datetime.now(UTC).replace(tzinfo=None)


def with_zone(ts: datetime | None) -> datetime | None:
    """A TIMESTAMP read from the database, marked as the UTC it is."""
    return None if ts is None else ts.replace(tzinfo=UTC)
