"""Parameters of queries: found wherever they stand, of a fitting kind, written as people write numbers."""

from __future__ import annotations

import pytest

from dashboard.query_parameters import guess_kind, parameter_names, parameters_of, parse_number, shown
from storage.saved_queries import QueryParameter

TYPES = {"role": "VARCHAR", "num_parameters": "DOUBLE", "trial": "INTEGER"}


@pytest.mark.parametrize(
    ("sql", "names"),
    [
        ("SELECT 1", []),
        ("SELECT $a, $b_2 + $a", ["a", "b_2"]),
        ("SELECT '$no' -- $no\n, \"$no\" /* $no */ , $yes", ["yes"]),
        ("SELECT 'it''s $no', $yes", ["yes"]),
        ("SELECT 5$no, a$no, $1", []),
        ("SELECT 'open $no", []),
    ],
)
def test_names(sql: str, names: list[str]) -> None:
    assert parameter_names(sql) == names


@pytest.mark.parametrize(
    ("condition", "kind"),
    [
        ("num_parameters <= $x", "number"),
        ("role = $x", "text"),
        ("t.role IN ($x)", "text"),
        ("$x = t.role", "text"),
        ("unknown LIKE $x", "text"),
        ("unknown = $x", "number"),
        ("trial BETWEEN $x AND 5", "number"),
        ("role = 'a' AND trial > $x", "number"),
    ],
)
def test_kinds_follow_the_column(condition: str, kind: str) -> None:
    assert guess_kind(f"SELECT * FROM demo AS t WHERE {condition}", "x", TYPES) == kind


@pytest.mark.parametrize(
    ("text", "number"),
    [
        *(("45000000", 45e6), ("45e6", 45e6), ("45 M", 45e6), ("45M", 45e6), ("1,000", 1000), ("-.5", -0.5)),
        *(("2.5 k", 2500), (" 7 ", 7), ("66.1 %", 66.1)),
        *(("", None), ("many", None), ("5 apples", None), ("1e999", None), ("nan", None)),
    ],
)
def test_numbers(text: str, number: float | None) -> None:
    assert parse_number(text) == number


def test_the_address_has_kind_and_value() -> None:
    sql = "SELECT * FROM demo WHERE num_parameters <= $most AND role = $role AND exact > $least"
    address = {"q": sql, "n.most": "45 M", "t.role": "student", "n.least": "much", "n.other": "1"}
    found = parameters_of(sql, address, TYPES)
    assert found == [
        QueryParameter("most", "number", 45_000_000),
        QueryParameter("role", "text", "student"),
        QueryParameter("least", "number", None),
    ]
    assert isinstance(found[0].value, int)
    assert [shown(parameter.value) for parameter in found] == ["45000000", "student", ""]
    assert shown(0.1) == "0.1"


def test_a_text_may_look_like_a_number_and_be_empty() -> None:
    assert parameters_of("SELECT $a", {"t.a": "5"}, {}) == [QueryParameter("a", "text", "5")]
    assert parameters_of("SELECT $a", {"t.a": ""}, {}) == [QueryParameter("a", "text", "")]
