"""Answers are put together by name, counted and paged by kind, and damaged files say so."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.tasks.predictions import ExampleText, write_examples, write_predictions
from storage.answer_queries import (
    KINDS,
    MAX_PAGE,
    Wanted,
    answer_counts,
    answer_page,
    confusions,
    errors_by_topic,
    place_of,
)
from storage.answers import AnswerFiles, Answers, load_answers, read_answer
from storage.errors import ResultFileError
from storage.store import Store

CONTEXT = "The bridge is 54 metres long; Anna built it."
# topic, accepted answers, the trial's answer, the teacher's, another trial's
CASES = [
    ("bridges", ["54 metres"], "54 metres", "54 metres", "54 metres"),
    ("bridges", ["Anna"], "", "Anna", "Anna"),
    ("bridges", ["Anna"], "54 metres", "Anna", ""),
    ("bridges", [], "Anna", "", "Anna"),
    ("tunnels", [], "", "Anna", ""),
    ("tunnels", ["Anna"], "Anna", "", ""),
]
EXPECTED = {
    "all": [0, 1, 2, 3, 4, 5],
    "wrong": [1, 2, 3],
    "right": [0, 4, 5],
    "only-teacher": [1, 2, 3],
    "only-student": [4, 5],
    "answered-unanswerable": [3],
    "missed-answer": [1],
    "wrong-span": [2],
    "sure-wrong": [],
    "far": [],
    "only-this": [5],
    "only-other": [1],
    "other-answer": [1, 2, 5],
}


def span(answer: str, golds: list[str]) -> dict[str, object]:
    place = CONTEXT.find(answer)
    score = float(answer in (golds or [""]))
    return {
        "answer": answer,
        "best_span": answer or "metres",
        "span": (place, place + len(answer)),
        "score": score,
        "partial": score,
        "null_odds": -1.0 if answer else 1.0,
    }


@pytest.fixture
def files(tmp_path: Path) -> AnswerFiles:
    texts = [
        ExampleText(f"q{n}", f"Question {n}?", CONTEXT, topic, tuple(golds), tuple(map(CONTEXT.find, golds)))
        for n, (topic, golds, *_) in enumerate(CASES)
    ]
    write_examples(texts, tmp_path / "examples.parquet")
    for place, name in ((2, "own"), (3, "teacher"), (4, "other")):
        # Files may hold examples in any order.
        answered = {f"q{n}": span(case[place], case[1]) for n, case in reversed(list(enumerate(CASES)))}
        write_predictions(answered, tmp_path / f"{name}.parquet")
    return AnswerFiles(*(tmp_path / f"{name}.parquet" for name in ("examples", "own", "teacher", "other")))


@pytest.fixture
def answers(store: Store, files: AnswerFiles) -> Answers:
    return load_answers(store, files)


def test_every_kind_is_tried() -> None:
    assert EXPECTED.keys() == KINDS.keys()


@pytest.mark.parametrize(("kind", "places"), EXPECTED.items())
def test_kinds(store: Store, answers: Answers, kind: str, places: list[int]) -> None:
    page = answer_page(store, answers, Wanted(kind))
    assert page["position"].tolist() == places
    assert page["place"].tolist() == list(range(len(places)))
    assert answer_counts(store, answers)[kind] == len(places)
    for place, number in enumerate(places):
        assert place_of(store, answers, Wanted(kind), f"q{number}") == place
    assert (answers.spans, answers.graded) == (True, True)


def test_topic_and_text_narrow_it_down(store: Store, answers: Answers) -> None:
    assert answer_page(store, answers, Wanted("wrong", "tunnels")).empty
    assert answer_counts(store, answers, "tunnels") == {
        **dict.fromkeys(EXPECTED, 0),
        "all": 2,
        "right": 2,
        "only-student": 2,
        "only-this": 1,
        "other-answer": 1,
    }
    assert answer_page(store, answers, Wanted(text="question 3"))["example"].tolist() == ["q3"]
    assert answer_page(store, answers, Wanted(text="54 METRES"))["example"].tolist() == ["q0", "q2"]
    assert place_of(store, answers, Wanted(topic="tunnels"), "q5") == 1
    assert place_of(store, answers, Wanted(topic="tunnels"), "q0") is None
    assert place_of(store, answers, Wanted(text="%"), "q0") is None, "a text is no pattern"


def test_pages_are_bounded(store: Store, answers: Answers, tmp_path: Path) -> None:
    assert answer_page(store, answers, Wanted(), offset=4, limit=10)["position"].tolist() == [4, 5]
    assert answer_page(store, answers, Wanted(), offset=-3, limit=1)["position"].tolist() == [0]
    count = MAX_PAGE + 50
    write_examples([ExampleText(str(n), "?", golds=("a",)) for n in range(count)], tmp_path / "many.parquet")
    write_predictions(
        {str(n): {"prediction": "a", "score": 1.0} for n in range(count)}, tmp_path / "own.parquet"
    )
    many = load_answers(store, AnswerFiles(tmp_path / "many.parquet", tmp_path / "own.parquet"))
    assert len(answer_page(store, many, Wanted(), limit=100_000)) == MAX_PAGE
    assert not many.spans


def test_errors_by_topic(store: Store, answers: Answers) -> None:
    rows = errors_by_topic(store, answers).to_dict("records")
    assert [(row["topic"], row["examples"], row["errors"]) for row in rows] == [
        ("bridges", 4, 3),
        ("tunnels", 2, 0),
    ]
    first = rows[0]
    assert (first["error_share"], first["teacher_error_share"]) == (0.75, 0.0)
    assert (first["answered_unanswerable"], first["missed_answers"]) == (1, 1)
    assert rows[1]["teacher_error_share"] == 1.0


def test_labels_stand_for_topics_where_there_are_none(store: Store, tmp_path: Path) -> None:
    golds, given = "aabbb", "abbba"
    write_examples(
        [ExampleText(str(n), "?", golds=(gold,)) for n, gold in enumerate(golds)], tmp_path / "e.parquet"
    )
    write_predictions(
        {
            str(n): {"prediction": answer, "score": float(answer == golds[n]), "probability": 0.5 + n / 8}
            for n, answer in enumerate(given)
        },
        tmp_path / "o.parquet",
    )
    answers = load_answers(store, AnswerFiles(tmp_path / "e.parquet", tmp_path / "o.parquet"))
    assert errors_by_topic(store, answers)["topic"].tolist() == ["a", "b"]
    assert answer_page(store, answers, Wanted("sure-wrong"))["example"].tolist() == ["4"]
    table = confusions(store, answers).to_dict("records")
    assert [(row["gold"], row["answer"], row["examples"]) for row in table] == [
        ("a", "a", 1),
        ("a", "b", 1),
        ("b", "a", 1),
        ("b", "b", 2),
    ]


def test_regressions_come_by_distance_and_are_neither_right_nor_wrong(store: Store, tmp_path: Path) -> None:
    write_examples([ExampleText(str(n), "?", golds=(f"{n}.6",)) for n in range(3)], tmp_path / "e.parquet")
    write_predictions(
        {str(n): {"prediction": value} for n, value in enumerate([1.0, 4.0, 2.5])}, tmp_path / "o.parquet"
    )
    answers = load_answers(store, AnswerFiles(tmp_path / "e.parquet", tmp_path / "o.parquet"))
    assert not answers.graded
    assert answer_page(store, answers, Wanted("far"))["example"].tolist() == ["1", "0", "2"]
    rows = errors_by_topic(store, answers)
    assert rows["topic"].tolist() == ["2", "1", "3"]
    assert rows["miss"].tolist() == pytest.approx([2.4, 0.4, 0.1])
    assert rows["error_share"].isna().all()


def test_one_example_in_full(answers: Answers) -> None:
    found = read_answer(answers, "q3")
    assert (found.question, found.context, found.topic, found.golds) == (
        "Question 3?",
        CONTEXT,
        "bridges",
        (),
    )
    assert (found.own["answer"], found.own["start"]) == ("Anna", CONTEXT.find("Anna"))
    assert found.teacher is not None
    assert found.teacher["answer"] == ""
    with pytest.raises(ResultFileError, match="no example 'q99'"):
        read_answer(answers, "q99")


def test_without_teacher_and_other(store: Store, files: AnswerFiles) -> None:
    answers = load_answers(store, AnswerFiles(files.examples, files.own))
    counts = answer_counts(store, answers)
    assert (counts["wrong"], counts["only-teacher"], counts["only-this"]) == (3, 0, 0)
    assert read_answer(answers, "q0").teacher is None


def test_damaged_files_say_so(store: Store, files: AnswerFiles, tmp_path: Path) -> None:
    with pytest.raises(ResultFileError, match=r"nothing\.parquet is missing"):
        load_answers(store, AnswerFiles(files.examples, tmp_path / "nothing.parquet"))
    (tmp_path / "text.parquet").write_text("no such format")
    with pytest.raises(ResultFileError, match="cannot be read"):
        load_answers(store, AnswerFiles(files.examples, tmp_path / "text.parquet"))
    pq.write_table(pa.table({"example": ["q0"]}), tmp_path / "short.parquet")
    with pytest.raises(ResultFileError, match="cannot be read"):
        load_answers(store, AnswerFiles(files.examples, tmp_path / "short.parquet"))
    odd = {"example": [1], "answer": [1], "value": ["x"], "score": ["x"], "probability": [1]}
    pq.write_table(pa.table(odd), tmp_path / "odd.parquet")
    with pytest.raises(ResultFileError, match="do not fit"):
        load_answers(store, AnswerFiles(files.examples, tmp_path / "odd.parquet"))
