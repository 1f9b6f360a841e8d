"""Rules: known answers, and nothing but plain conditions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import SettingError
from engine.rules import Rule


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hidden % heads == 0", True),
        ("hidden // heads >= 65", False),
        ("1 < heads < 13", True),
        ("heads in (4, 12) and not hidden > 1000", True),
        ("name != 'first' or heads == 1", False),
        ("hidden / zero > 1", False),
        ("-heads + 13 == 1", True),
    ],
)
def test_known_answers(text: str, expected: bool) -> None:
    assert Rule(text).allows({"hidden": 768, "heads": 12, "name": "first", "zero": 0}) is expected


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os')",
        "a.b",
        "[x for x in y]",
        "a[0]",
        "lambda: 1",
        "a = 1",
        "a **",
        "f'{a}'",
        "2 ** 9",
        "None",
    ],
)
def test_anything_but_plain_conditions_is_refused(text: str) -> None:
    with pytest.raises(SettingError):
        Rule(text)


def test_names_are_those_read() -> None:
    assert Rule("a % b == 0 or c > 1").names == {"a", "b", "c"}


@given(a=st.integers(-50, 50), b=st.integers(-50, 50))
def test_arithmetic_is_that_of_python(a: int, b: int) -> None:
    expected = a * 2 - b > 3 and (b != 0 and a % b <= 1)
    assert Rule("a * 2 - b > 3 and (b != 0 and a % b <= 1)").allows({"a": a, "b": b}) is expected


def test_a_text_set_against_a_number_is_refused() -> None:
    with pytest.raises(SettingError, match="name > 3"):
        Rule("name > 3").allows({"name": "first"})
