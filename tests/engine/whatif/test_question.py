"""Questions: how they are read, what is refused, and what space they leave."""

from __future__ import annotations

import pytest

from engine.errors import SettingError
from engine.parameters import CategoricalParameter, FloatParameter, IntegerParameter
from engine.space import SearchSpace
from engine.whatif.question import (
    Budget,
    Question,
    Range,
    fixed_configuration,
    parse_budget,
    parse_pin,
    pinned_space,
)
from tests.engine.whatif.studies import BASELINE, SPACE

NAMES = ("exact", "num_parameters")


@pytest.mark.parametrize(
    ("text", "pin"),
    [
        ("n_layers=4", ("n_layers", 4)),
        ("n_layers = 4.0", ("n_layers", 4)),
        ("learning_rate=3e-5", ("learning_rate", 3e-5)),
        ("hidden_size=256.0", ("hidden_size", 256)),
        ("n_layers=3..6", ("n_layers", Range(3, 6))),
        ("hidden_size=200..600", ("hidden_size", Range(200, 600))),
    ],
)
def test_pins_are_read(text: str, pin: object) -> None:
    assert parse_pin(text, SPACE) == pin
    Question(dict([parse_pin(text, SPACE)])).check(SPACE, NAMES)


def test_a_whole_number_stays_whole() -> None:
    assert isinstance(parse_pin("n_layers=4.0", SPACE)[1], int)


def test_words_are_read_as_they_stand() -> None:
    space = SearchSpace({"kept": CategoricalParameter(values=("first", "every other"))})
    assert parse_pin("kept=every other", space) == ("kept", "every other")
    with pytest.raises(SettingError, match="kept cannot be 'last'; it is first or every other"):
        parse_pin("kept=last", space)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("n_layers", "write NAME=VALUE or NAME=LOW..HIGH"),
        ("layers=3", r"layers is not searched.*n_layers \(1 to 8\), hidden_size \(128, 256 or 512\)"),
        ("n_layers=many", "n_layers cannot be 'many'; it is 1 to 8"),
    ],
)
def test_texts_that_pin_nothing(text: str, message: str) -> None:
    with pytest.raises(SettingError, match=message):
        parse_pin(text, SPACE)


@pytest.mark.parametrize(
    ("pinned", "message"),
    [
        ({"n_layers": 9}, "n_layers = 9 was not searched; it is 1 to 8"),
        ({"n_layers": 2.5}, "n_layers = 2.5 was not searched"),
        ({"hidden_size": 300}, "it is 128, 256 or 512"),
        ({"n_layers": Range(0, 3)}, "reaches beyond what was searched; it is 1 to 8"),
        ({"n_layers": Range(6, 3)}, r"ends \(3\) before it begins \(6\)"),
        ({"n_layers": Range(2.2, 2.8)}, "no whole number from 2.2 to 2.8"),
        ({"hidden_size": Range(300, 400)}, "no value from 300 to 400"),
        ({"depth": 3}, "depth is not searched"),
    ],
)
def test_pins_outside_what_was_searched(pinned: dict[str, object], message: str) -> None:
    with pytest.raises(SettingError, match=message):
        Question(pinned).check(SPACE, NAMES)  # type: ignore[arg-type]


def test_budgets() -> None:
    found = parse_budget("num_parameters=45e6", "max")
    assert found == Budget("num_parameters", "max", 45e6)
    assert found.keeps(45e6)
    assert not found.keeps(45e6 + 1)
    assert parse_budget("exact = 60", "min").keeps(60)
    assert not parse_budget("exact=60", "min").keeps(59.9)


@pytest.mark.parametrize("text", ["num_parameters", "=3", "exact=good", "exact=nan", "exact="])
def test_texts_that_are_no_budget(text: str) -> None:
    with pytest.raises(SettingError, match="write METRIC=NUMBER"):
        parse_budget(text, "max")


def test_a_budget_of_an_unknown_metric() -> None:
    with pytest.raises(
        SettingError, match="no trial reports the metric 'size'; known are exact, num_parameters"
    ):
        Question({}, [Budget("size", "max", 1.0)]).check(SPACE, NAMES)


def test_a_pinned_space_holds_what_pins_leave() -> None:
    space = pinned_space(
        SPACE, {"n_layers": Range(1.5, 4), "hidden_size": Range(200, 600), "learning_rate": 1e-4}
    )
    assert space.parameters["n_layers"] == IntegerParameter(low=2, high=4)
    assert space.parameters["hidden_size"] == CategoricalParameter(values=(256, 512))
    assert space.parameters["learning_rate"] == CategoricalParameter(values=(1e-4,))
    assert space.parameters["idle"] == FloatParameter(low=0.0, high=1.0)
    assert space.rules == SPACE.rules
    narrow = pinned_space(SPACE, {"n_layers": Range(3, 3.5), "idle": Range(0.5, 0.5)})
    assert narrow.parameters["n_layers"] == CategoricalParameter(values=(3,))
    assert narrow.parameters["idle"] == CategoricalParameter(values=(0.5,))


def test_a_configuration_is_fixed_when_every_setting_is() -> None:
    assert fixed_configuration(SPACE, BASELINE) == BASELINE
    assert fixed_configuration(SPACE, {**BASELINE, "idle": Range(0, 1)}) is None
    assert fixed_configuration(SPACE, {"n_layers": 4}) is None
