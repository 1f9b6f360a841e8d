"""Marks: no character is lost, none becomes markup, and each passage is marked as what it is."""

from __future__ import annotations

import re
from html import unescape

from hypothesis import given
from hypothesis import strategies as st

from dashboard.marked_text import ELLIPSIS, Mark, Passage, excerpt, key_html, marked_html, segments
from dashboard.palette import DARK, LIGHT
from dashboard.share_bars import MOST, share_bars

passages = st.lists(
    st.builds(Passage, st.integers(-5, 60), st.integers(-5, 60), st.sampled_from(Mark)), max_size=5
)
TEXT = "The bridge is 54 metres long."


@given(st.text(max_size=50), passages)
def test_segments_are_the_text(text: str, marks: list[Passage]) -> None:
    pieces = segments(text, marks)
    assert "".join(piece.text for piece in pieces) == text
    assert all(piece.text for piece in pieces)
    place = 0
    for piece in pieces:
        for offset in range(len(piece.text)):
            expected = {item.mark for item in marks if item.start <= place + offset < item.end}
            assert piece.marks == expected
        place += len(piece.text)


@given(st.text(max_size=50), passages)
def test_the_html_reads_as_the_text(text: str, marks: list[Passage]) -> None:
    plain = unescape(re.sub(r"</?(?:mark|div)[^>]*>", "", marked_html(text, marks, LIGHT)))
    assert plain == text


def test_markup_in_a_text_stays_text() -> None:
    found = marked_html("<script>alert(1)</script> & more", [Passage(0, 8, Mark.RIGHT)], LIGHT)
    assert "<script" not in found
    assert "&lt;script&gt;</mark>alert" in found


def test_overlapping_passages_have_both_marks() -> None:
    both = [Passage(14, 23, Mark.RIGHT), Passage(17, 28, Mark.GIVEN)]
    assert [(piece.text, sorted(piece.marks)) for piece in segments(TEXT, both)] == [
        ("The bridge is ", []),
        ("54 ", ["right"]),
        ("metres", ["given", "right"]),
        (" long", ["given"]),
        (".", []),
    ]
    found = marked_html(TEXT, both, DARK)
    assert found.count("<mark") == 3
    assert found.count(f"solid {DARK.predicted}") == 2
    assert found.count(f"0 {DARK.right}") == 2
    assert 'title="accepted answer and answered"' in found


def test_a_long_text_is_cut_around_its_first_mark() -> None:
    text = "a" * 500 + "needle" + "b" * 500
    shown, moved = excerpt(text, [Passage(500, 506, Mark.RIGHT)], most=100)
    assert shown.startswith(ELLIPSIS)
    assert shown.endswith(ELLIPSIS)
    assert len(shown) == 102
    assert shown[moved[0].start : moved[0].end] == "needle"
    assert excerpt("short", [], most=100) == ("short", [])
    assert excerpt(text, [], most=100)[0] == "a" * 100 + ELLIPSIS


def test_the_key_names_each_mark() -> None:
    told = key_html([Mark.RIGHT, Mark.HELD_BACK], LIGHT)
    assert "accepted answer" in told
    assert "held back" in told
    assert "this trial" not in told


def test_bars_mark_the_right_and_the_given_label() -> None:
    bars = share_bars({"<b>": 0.7, "neutral": 0.2, "c": 0.1}, ["neutral"], "<b>", LIGHT)
    assert bars.count("<tr>") == 3
    assert "&lt;b&gt;" in bars
    assert bars.index("70.0 %") < bars.index("20.0 %") < bars.index("10.0 %")
    rows = re.findall(r"<tr>.*?</tr>", bars)
    assert "answered" in rows[0]
    assert "right" in re.sub(r"<[^>]*>", "", rows[1])
    many = {str(n): 1 / (n + 2) for n in range(40)}
    assert share_bars(many, ["39"], "0", LIGHT).count("<tr>") == MOST + 1
