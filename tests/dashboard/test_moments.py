"""Moments in addresses and in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from dashboard.moments import RECENT, moment_words, read_moment, write_moment, zone

MOMENT = datetime(2026, 11, 20, 14, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["2026-11-20T14:02", "2026-11-20T14:02Z", "2026-11-20 14:02:00+00:00", "2026-11-20T16:02+02:00"]
)
def test_read(text: str) -> None:
    assert read_moment(text) == MOMENT


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01", "14:02"])
def test_nonsense_is_none(text: str) -> None:
    assert read_moment(text) is None


def test_written_moments_are_read_again() -> None:
    assert write_moment(MOMENT) == "2026-11-20T14:02"
    elsewhere = MOMENT.astimezone(timezone(timedelta(hours=9)))
    assert write_moment(elsewhere) == write_moment(MOMENT)
    assert read_moment(write_moment(MOMENT)) == MOMENT


def test_words_are_of_the_place_of_the_reader() -> None:
    berlin = zone("Europe/Berlin")
    assert moment_words(MOMENT, MOMENT + timedelta(hours=2), berlin) == "15:02"
    assert moment_words(MOMENT, MOMENT + timedelta(days=2), berlin) == "20 Nov 2026, 15:02"
    assert moment_words(MOMENT, MOMENT, zone(None)) == "14:02"
    assert zone("Nowhere/Atall").key == "UTC"


def test_recent_moments_go_back_further_and_further() -> None:
    assert list(RECENT.values()) == sorted(RECENT.values())
