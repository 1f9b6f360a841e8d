"""Questions come back from their file exactly as they were."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from engine.tasks.squad.loading import Answer, Question
from engine.tasks.squad.question_files import load_questions, save_questions

answers = st.lists(st.builds(Answer, st.text(), st.integers(0, 10**6)), max_size=3).map(tuple)
questions = st.builds(Question, st.text(), st.text(), st.text(), answers, st.text(), st.integers(0, 10**6))


@given(st.lists(questions, max_size=8))
def test_round_trip(items):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "questions.jsonl"
        save_questions(items, path)
        assert load_questions(path) == tuple(items)


def test_line_breaks_of_every_kind_stay_inside_a_question(tmp_path):
    odd = "one\ntwo\r\nthree\u2028four\u0085five\x0csix"
    items = (Question("1", odd, odd, (Answer(odd, 0),), odd, 3), Question("2", "?", "日本", (), "", 4))
    path = tmp_path / "questions.jsonl"
    save_questions(items, path)
    assert load_questions(path) == items
    assert path.read_bytes().count(b"\n") == 2
