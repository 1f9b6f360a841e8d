"""Moments in addresses and in words: from when on changes are shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

RECENT = {
    "10 min": timedelta(minutes=10),
    "1 h": timedelta(hours=1),
    "6 h": timedelta(hours=6),
    "1 d": timedelta(days=1),
    "7 d": timedelta(days=7),
}
"""How far back a moment may be chosen by a click."""


def read_moment(text: str) -> datetime | None:
    """A moment from an address, such as ``2026-11-20T14:02``, UTC unless it says otherwise; None for anything else."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def write_moment(moment: datetime) -> str:
    """A moment as it stands in an address, to the minute."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M")


def zone(name: str | None) -> ZoneInfo:
    """The time zone of a browser; UTC where it is not known."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def moment_words(moment: datetime, now: datetime, place: ZoneInfo) -> str:
    """A moment as people read it: 14:02 today, else with its date."""
    there, today = moment.astimezone(place), now.astimezone(place)
    return there.strftime("%H:%M" if there.date() == today.date() else "%-d %b %Y, %H:%M")
