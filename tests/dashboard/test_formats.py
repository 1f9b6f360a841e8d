"""Numbers as people read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard import formats


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("exact", 67.1123, "67.1 %"),
        ("exact", -0.01, "0.0 %"),
        ("num_parameters", 51_412_345, "51.4 M"),
        ("num_parameters", 999_999, "1 M"),
        ("flops", 1.007e8, "101 M FLOPs"),
        ("latency_ms", 1.728427, "1.73 ms"),
        ("model_mb", 1.643912, "1.64 MB"),
        ("train_seconds", 192, "3 min 12 s"),
        ("total", 11873.0, "11,873"),
        ("exact", None, "\u2013"),
        ("exact", float("nan"), "\u2013"),
    ],
)
def test_metric(name: str, value: float | None, told: str) -> None:
    assert formats.metric(name, value) == told


def test_interval_is_ninety_percent_and_stays_possible() -> None:
    assert formats.interval("exact", 67.1, 0.55) == "67.1 % (66.2 to 68.0)"
    assert formats.interval("exact", 99.9, 1.0) == "99.9 % (98.3 to 100.0)"
    assert formats.interval("exact", 67.1, None) == "67.1 %"
    assert formats.interval("num_parameters", 2e6, 1e6 / 1.6448536269514722) == "2 M (1 M to 3 M)"


@pytest.mark.parametrize(
    ("name", "value", "reference", "told"),
    [
        ("exact", 67.5, 67.1, "+0.4 points"),
        ("exact", 66.0, 67.1, "\u22121.1 points"),
        ("exact", 67.1, 67.1, "\u00b10.0 points"),
        ("num_parameters", 78.0, 100.0, "\u221222 %"),
        ("latency_ms", 3.0, 2.0, "+50 %"),
    ],
)
def test_difference(name: str, value: float, reference: float, told: str) -> None:
    assert formats.difference(name, value, reference) == told


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0.04, "0.0 s"),
        (8.44, "8.4 s"),
        (9.97, "10 s"),
        (59.7, "1 min"),
        (192, "3 min 12 s"),
        (3840, "1 h 4 min"),
        (180_000, "2 d 2 h"),
    ],
)
def test_duration(seconds: float, told: str) -> None:
    assert formats.duration(seconds) == told


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (3, "just now"),
        (180, "3 min ago"),
        (7200, "2 h ago"),
        (5 * 86400, "5 d ago"),
        (40 * 86400, "22 Jan 2026"),
    ],
)
def test_ago(seconds: int, told: str) -> None:
    now = datetime(2026, 3, 3, 12, tzinfo=UTC)
    assert formats.ago(now - timedelta(seconds=seconds), now) == told


@given(st.floats(min_value=1, max_value=9.99e14))
def test_count_never_has_more_than_three_digits(value: float) -> None:
    number = formats.count(value).split(" ")[0]
    assert len(number.replace(".", "").lstrip("0")) <= 3


def test_literal_hides_markdown() -> None:
    assert formats.literal("a_b *c* $x$ :red[d]") == r"a\_b \*c\* \$x\$ \:red\[d\]"


def test_shares_are_never_more_certain_than_they_are() -> None:
    assert [formats.share(value) for value in (0.0, 0.001, 0.42, 0.999, 1.0)] == [
        "0 %",
        "below 1 %",
        "42 %",
        "above 99 %",
        "100 %",
    ]
