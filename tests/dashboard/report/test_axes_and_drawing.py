"""Axes with round ticks, and marks where they belong."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.palette import LIGHT
from dashboard.report.axes import axis, nice_step
from dashboard.report.drawing import Look, figure, line, mark, words
from dashboard.report.markup import Markup, element, table

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize(
    ("step", "nice"), [(1.0, 1), (1.1, 2), (3.0, 5), (7.0, 10), (0.03, 0.05), (2e6, 2e6)]
)
def test_round_steps(step: float, nice: float) -> None:
    assert nice_step(step) == pytest.approx(nice)


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=20))
def test_an_axis_holds_its_data_and_a_few_round_ticks(values: list[float]) -> None:
    found = axis("exact", values, 0.0, 100.0)
    assert all(found.holds(value) for value in values)
    assert all(-1e-6 <= found.at(value) <= 100 + 1e-6 for value in values)
    ticks = [value for value, _ in found.ticks()]
    assert 2 <= len(ticks) <= 12
    assert all(
        found.low - 1e-6 * abs(found.low) <= tick <= found.high + 1e-6 * abs(found.high) for tick in ticks
    )


def test_counts_do_not_go_below_zero() -> None:
    assert axis("num_parameters", [0.0, 10.0], 0, 1).low == 0.0
    assert axis("x", [3.0, 10.0], 0, 1, zero=True).low == 0.0
    found = axis("num_parameters", [20e6, 90e6], 0, 1)
    assert [told for _, told in found.ticks()] == ["20 M", "40 M", "60 M", "80 M"]
    assert found.label == "parameters"


def test_a_figure_is_well_formed_and_says_what_it_shows() -> None:
    x, y = axis("num_parameters", [1e6, 2e6], 60, 700), axis("exact", [50.0, 60.0], 330, 10)
    looks = [
        Look(shape, "#123456", 5, f"<{shape}>") for shape in ("disc", "ring", "diamond", "cross", "triangle")
    ]  # type: ignore[arg-type]
    marks = [mark(look, 100, 100, "a & b") for look in looks]
    drawn = figure("Title & more", x, y, [*marks, line([(0, 0), (1, 1)], "#000000")], looks, LIGHT)
    root = ET.fromstring(drawn)
    assert root.find("figcaption") is not None
    assert root.findtext("figcaption") == "Title & more"
    svg = root.find(f"{SVG}svg")
    assert svg is not None
    assert svg.get("aria-label") == "Title & more"
    texts = [item.text for item in svg.iter(f"{SVG}text")]
    assert {"parameters", "exact match (%)", "<disc>"} <= set(texts)
    assert sum(1 for item in svg.iter(f"{SVG}title")) == len(looks)


def test_everything_is_escaped_once() -> None:
    assert element("p", "<b>", class_='"x"') == '<p class="&quot;x&quot;">&lt;b&gt;</p>'
    assert element("p", Markup("<b></b>")) == "<p><b></b></p>"
    assert element("circle", cx=1.23456789, r=None) == '<circle cx="1.23457"></circle>'
    assert words("<", 1, 2, "#000000").count("&lt;") == 1


def test_tables_with_notes() -> None:
    found = table(["a", "b"], [["1", "<2>"], ["3", "4"]], numeric=frozenset({1}), notes=["first & last", ""])
    root = ET.fromstring(found)
    rows = root.findall("tbody/tr")
    assert ["".join(row.itertext()) for row in rows] == ["1<2>", "first & last", "34"]
    assert [row.get("class") for row in rows] == ["noted", "note", None]
    cell = rows[1].find("td")
    assert cell is not None
    assert cell.get("colspan") == "2"
    assert [cell.get("class") for cell in rows[0].findall("td")] == [None, "number"]
