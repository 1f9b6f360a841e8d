"""Axes of parallel coordinates: places of values, and brushes as conditions and back."""

from __future__ import annotations

import pandas as pd
import pytest

from dashboard.brushing import Axis, conditions_of
from dashboard.trial_filter import filter_text, parse_filter

LAYERS = Axis("n_layers", whole=True)
RATE = Axis("learning_rate", log=True)
SCHEDULE = Axis("schedule", choices=("linear", "noam", "constant"), is_text=True)
WIDTH = Axis("width", choices=(256, 512, 1024))
EXACT = Axis("exact")
AXES = (LAYERS, RATE, SCHEDULE, WIDTH, EXACT)


def test_places() -> None:
    assert RATE.places(pd.Series([1e-3, 1e-2, 0.0, None])).tolist()[:2] == pytest.approx([-3, -2])
    assert RATE.places(pd.Series([0.0])).isna().all()
    assert SCHEDULE.places(pd.Series(["noam", "linear", "other"])).tolist()[:2] == [1.0, 0.0]
    assert WIDTH.places(pd.Series([1024, 256])).tolist() == [2.0, 0.0]
    assert EXACT.places(pd.Series([1, "2.5"])).tolist() == [1.0, 2.5]


@pytest.mark.parametrize(
    ("name", "ends", "text"),
    [
        ("n_layers", [1.6, 4.2], "n_layers = 2..4"),
        ("n_layers", [1.6, 2.2, 5.5, 7.9], "n_layers = 2|6..7"),
        ("learning_rate", [-4.0, -2.0], "learning_rate = 0.0001..0.01"),
        ("schedule", [0.7, 2.3], "schedule = noam|constant"),
        ("width", [-0.2, 1.1], "width = 256|512"),
        ("exact", [61.2349, 70.0011], "exact = 61.23..70.01"),
    ],
)
def test_a_brush_is_a_condition(name: str, ends: list[float], text: str) -> None:
    found = conditions_of(AXES, {name: ends})
    assert filter_text(list(found.values())) == text


def test_brushes_without_values_and_of_other_axes_are_none() -> None:
    assert conditions_of(AXES, {"schedule": [0.2, 0.4], "nonsense": [0.0, 1.0], "exact": []}) == {}


def test_a_brush_keeps_what_it_held() -> None:
    found = conditions_of(AXES, {"exact": [61.2349, 70.0011]})["exact"].spans[0]
    assert found.low <= 61.2349
    assert found.high >= 70.0011


def test_a_filter_is_drawn_as_brushes() -> None:
    names = [axis.name for axis in AXES]

    def drawn(text: str, axis: Axis) -> list[tuple[float, float]]:
        return axis.ranges(parse_filter(text, names))

    assert drawn("n_layers = 2..4", LAYERS) == [(2.0, 4.0)]
    assert drawn("n_layers = 2..4 and n_layers >= 3", LAYERS) == [(3.0, 4.0)]
    assert drawn("n_layers < 2 and n_layers > 5", LAYERS) == []
    assert drawn("learning_rate = 0.0001..0.01", RATE)[0] == pytest.approx((-4.0, -2.0))
    assert drawn("schedule = noam|constant", SCHEDULE) == [(0.6, 1.4), (1.6, 2.4)]
    assert drawn("width > 300", WIDTH) == [(0.6, 1.4), (1.6, 2.4)]
    assert drawn("exact > 3", LAYERS) == []
    assert drawn("n_layers != 3", LAYERS) == [], "what is left out cannot be brushed"


@pytest.mark.parametrize(
    ("axis", "ends"),
    [(LAYERS, [2.0, 5.0]), (RATE, [-4.0, -3.0]), (SCHEDULE, [0.6, 1.4]), (EXACT, [60.0, 70.0])],
)
def test_there_and_back(axis: Axis, ends: list[float]) -> None:
    condition = conditions_of(AXES, {axis.name: ends})[axis.name]
    assert axis.ranges([condition])[0] == pytest.approx(tuple(ends), abs=1e-3)
