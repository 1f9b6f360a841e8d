"""Single fields change, and nothing else in the text."""

from __future__ import annotations

import difflib
import tomllib
from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.launching.toml_edit import read, value_at, with_tables, with_value, without
from engine.spec_files import preset_names, preset_text

DEMO = preset_text("demo")


def changed(new: str, old: str = DEMO) -> list[str]:
    """Lines that went and came."""
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), n=0, lineterm="")
    return [line for line in lines if line[0] in "+-" and line[:3] not in ("+++", "---") and line[1:].strip()]


def test_a_value_is_replaced_in_place() -> None:
    assert changed(with_value(DEMO, ("budget", "trials"), 4)) == ["-trials = 12", "+trials = 4"]


def test_a_comment_behind_the_value_stays() -> None:
    text = "[budget]\ntrials = 12  # a dozen\n"
    assert with_value(text, ("budget", "trials"), 4) == "[budget]\ntrials = 4  # a dozen\n"


def test_new_fields_join_their_table() -> None:
    assert (
        with_value("a = 1\n\n[b]\nc = 1\n\n[d]\n", ("b", "e"), [1, 2])
        == "a = 1\n\n[b]\nc = 1\ne = [1, 2]\n\n[d]\n"
    )
    assert with_value("a = 1\n\n[b]\nc = 1\n", ("z",), "x") == 'a = 1\nz = "x"\n\n[b]\nc = 1\n'


def test_a_new_table_stands_behind_its_relatives() -> None:
    new = with_value(DEMO, ("parameters", "dropout"), {"type": "float", "low": 0.0, "high": 0.5})
    assert (
        new.index("[parameters.temperature]") < new.index("[parameters.dropout]") < new.index("[[metrics]]")
    )
    assert with_value("", ("student", "family"), "bert") == '[student]\nfamily = "bert"\n'


def test_fields_and_tables_go() -> None:
    assert changed(without(DEMO, ("fixed", "dropout"))) == ["-dropout = 0.0"]
    assert "[parameters.alpha]" not in without(DEMO, ("parameters", "alpha"))
    assert without(DEMO, ("fixed", "nothing")) == DEMO


def test_arrays_of_tables_are_replaced() -> None:
    tables = [*tomllib.loads(DEMO)["metrics"], {"name": "f1", "role": "store"}]
    assert changed(with_tables(DEMO, "metrics", tables)) == [
        "+[[metrics]]",
        '+name = "f1"',
        '+role = "store"',
    ]


def test_text_in_another_shape_is_written_anew() -> None:
    text = "budget = { trials = 12 }\n"
    assert read(with_value(text, ("budget", "trials"), 4)) == {"budget": {"trials": 4}}


def test_value_at() -> None:
    assert value_at({"a": {"b": 1}}, ("a", "b")) == 1
    assert value_at({"a": 1}, ("a", "b")) is None
    assert read("not TOML") is None


@pytest.mark.parametrize("preset", preset_names())
@given(
    path=st.sampled_from(
        [("seed",), ("task", "max_length"), ("student", "family"), ("fixed", "alpha"), ("new", "x")]
    ),
    value=st.one_of(st.integers(-5, 5), st.floats(-1e3, 1e3), st.text(max_size=8), st.booleans()),
)
def test_any_value_can_be_set_and_taken_away(preset: str, path: tuple[str, ...], value: object) -> None:
    text = preset_text(preset)
    wanted = deepcopy(tomllib.loads(text))
    table = wanted
    for part in path[:-1]:
        table = table.setdefault(part, {})
    table[path[-1]] = value
    new = with_value(text, path, value)
    assert tomllib.loads(new) == wanted
    assert value_at(tomllib.loads(without(new, path)), path) is None
