"""Filters as text: read, written, and changed by brushes."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.trial_filter import filter_text, parse_filter, with_brushes
from engine.errors import SettingError
from storage.trial_pages import Condition, Span

NAMES = ("n_layers", "exact", "schedule")


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("n_layers <= 4", Condition("n_layers", (Span(high=4.0),))),
        ("n_layers<4", Condition("n_layers", (Span(high=4.0, with_high=False),))),
        ("exact >= 60.5", Condition("exact", (Span(low=60.5),))),
        ("exact > 6e1", Condition("exact", (Span(low=60.0, with_low=False),))),
        ("exact = 60..70", Condition("exact", (Span(60.0, 70.0),))),
        ("n_layers = 4", Condition("n_layers", (Span(4.0, 4.0),))),
        ("n_layers == 1..2|5", Condition("n_layers", (Span(1.0, 2.0), Span(5.0, 5.0)))),
        ("n_layers != 4", Condition("n_layers", (Span(4.0, 4.0),), negated=True)),
        ("state = failed|stopped", Condition("state", words=("failed", "stopped"))),
        ("schedule != linear", Condition("schedule", words=("linear",), negated=True)),
        ("trial = 3", Condition("trial", (Span(3.0, 3.0),))),
        ("schedule = 1|linear", Condition("schedule", words=("1", "linear"))),
    ],
)
def test_single_conditions(text: str, condition: Condition) -> None:
    assert parse_filter(text, NAMES) == [condition]
    assert parse_filter(filter_text([condition]), NAMES) == [condition]


def test_conditions_are_joined() -> None:
    expected = [Condition("n_layers", (Span(high=4.0),)), Condition("state", words=("failed",))]
    for text in (
        "n_layers <= 4 and state = failed",
        "n_layers <= 4, state = failed",
        "n_layers<=4 AND state=failed",
    ):
        assert parse_filter(text, NAMES) == expected
    assert filter_text(expected) == "n_layers <= 4 and state = failed"
    assert parse_filter("  ", NAMES) == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("n_layers", "cannot be read"),
        ("n_layers <=", "cannot be read"),
        ("n_heads <= 4", "names n_heads, which no trial has; there are attempts, exact"),
        ("n_layers <= many", "compares n_layers with 'many', which is no number"),
        ("exact < inf", "which is no number"),
    ],
)
def test_what_cannot_be_read_is_told(text: str, told: str) -> None:
    with pytest.raises(SettingError, match=told):
        parse_filter(text, NAMES)


number = st.floats(-1e6, 1e6, allow_nan=False).map(lambda value: float(f"{value:.6g}"))
spans = st.tuples(number, number).map(lambda pair: Span(min(pair), max(pair)))


@given(st.lists(spans, min_size=1, max_size=3), st.booleans())
def test_what_is_written_is_read_again(found: list[Span], negated: bool) -> None:
    condition = Condition("exact", tuple(found), negated=negated)
    assert parse_filter(filter_text([condition]), NAMES) == [condition]


def test_brushes_replace_the_conditions_on_their_axes_only() -> None:
    before = parse_filter("n_layers <= 4 and state = completed and exact > 3", NAMES)
    brush = Condition("exact", (Span(60.0, 70.0),))
    after = with_brushes(before, ["n_layers", "exact"], {"exact": brush})
    assert filter_text(after) == "state = completed and exact = 60..70"


def test_infinite_ends_are_not_written() -> None:
    assert filter_text([Condition("exact", (Span(low=1.0, high=math.inf),))]) == "exact >= 1"
