"""Questions to a trial's answers: how many of each kind, a page of them, where one stands, and errors by topic."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb
import pandas as pd

from storage.answers import Answers
from storage.store import Store

MAX_PAGE = 200
"""Most examples of one page."""
MAX_TOPICS = 200
"""Most topics that are told apart, those with the most errors first."""
MAX_LABELS = 20
"""Most labels of a table of confusions."""
SURE = 0.9
"""Probability from which a model counts as sure."""

KINDS = {
    "all": "true",
    "wrong": "correct < 1",
    "right": "correct = 1",
    "only-teacher": "correct < 1 AND teacher_correct = 1",
    "only-student": "correct = 1 AND teacher_correct < 1",
    "answered-unanswerable": "NOT answerable AND answer <> ''",
    "missed-answer": "answerable AND answer = ''",
    "wrong-span": "answerable AND answer <> '' AND correct < 1",
    "sure-wrong": f"correct < 1 AND probability >= {SURE}",
    "far": "miss IS NOT NULL",
    "only-this": "correct = 1 AND other_correct < 1",
    "only-other": "correct < 1 AND other_correct = 1",
    "other-answer": "answer IS DISTINCT FROM other_answer AND other_answer IS NOT NULL",
}
"""Kinds of examples, each with what makes one."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which examples are looked for.

    Attributes:
        kind: one of ``KINDS``.
        topic: their topic; None for any.
        text: what must stand in the question, an accepted answer or an answer, whatever its case; empty for any.
    """

    kind: str = "all"
    topic: str | None = None
    text: str = ""


def answer_counts(store: Store, answers: Answers, topic: str | None = None, text: str = "") -> dict[str, int]:
    """How many examples there are of each kind, within a topic and with a text."""
    counts = ", ".join(f"count(*) FILTER ({condition})" for condition in KINDS.values())
    with _registered(store, answers) as connection:
        (row,) = connection.execute(
            f"SELECT {counts} FROM answers_all WHERE {_WITHIN}",  # noqa: S608
            {"topic": topic, "text": text},
        ).fetchall()
    return dict(zip(KINDS, row, strict=True))


def answer_page(
    store: Store, answers: Answers, wanted: Wanted, *, offset: int = 0, limit: int = MAX_PAGE
) -> pd.DataFrame:
    """Examples of a kind, in the order of the evaluation; the farthest from right first for the kind ``far``.

    Returns:
        The columns of ``Answers.table``, and place (from 0 among the examples wanted); at most ``MAX_PAGE`` rows.
    """
    with _registered(store, answers) as connection:
        return connection.execute(
            f"{_numbered(wanted)} SELECT * FROM numbered ORDER BY place LIMIT $limit OFFSET $offset",  # noqa: S608
            {
                "topic": wanted.topic,
                "text": wanted.text,
                "limit": min(limit, MAX_PAGE),
                "offset": max(0, offset),
            },
        ).df()


def place_of(store: Store, answers: Answers, wanted: Wanted, example: str) -> int | None:
    """Where an example stands among those wanted, from 0; None where it is not among them."""
    with _registered(store, answers) as connection:
        rows = connection.execute(
            f"{_numbered(wanted)} SELECT place FROM numbered WHERE example = $example",  # noqa: S608
            {"topic": wanted.topic, "text": wanted.text, "example": example},
        ).fetchall()
    return int(rows[0][0]) if rows else None


def errors_by_topic(store: Store, answers: Answers, limit: int = MAX_TOPICS) -> pd.DataFrame:
    """How often each topic is answered wrongly, the topic with the most errors first.

    Returns:
        Columns topic, examples, errors, error_share, answered_unanswerable, missed_answers, teacher_error_share and
        miss (mean distance from the right value, of a regression); shares from 0 to 1, missing where unknown.
    """
    with _registered(store, answers) as connection:
        return connection.execute(
            """
            SELECT topic, count(*) AS examples, count(*) FILTER (correct < 1) AS errors, avg(miss) AS miss,
                avg(CASE WHEN correct < 1 THEN 1.0 WHEN correct = 1 THEN 0.0 END) AS error_share,
                count(*) FILTER (NOT answerable AND answer <> '') AS answered_unanswerable,
                count(*) FILTER (answerable AND answer = '') AS missed_answers,
                avg(CASE WHEN teacher_correct < 1 THEN 1.0 WHEN teacher_correct = 1 THEN 0.0 END)
                    AS teacher_error_share
            FROM answers_all GROUP BY topic
            ORDER BY errors DESC, error_share DESC, miss DESC, examples DESC, topic LIMIT ?
            """,
            [min(limit, MAX_TOPICS)],
        ).df()


def confusions(store: Store, answers: Answers) -> pd.DataFrame:
    """How often each label was given where another one was right: columns gold, answer and examples.

    Of the ``MAX_LABELS`` most usual right labels.
    """
    with _registered(store, answers) as connection:
        return connection.execute(
            """
            WITH usual AS (SELECT gold FROM answers_all GROUP BY gold ORDER BY count(*) DESC, gold LIMIT ?)
            SELECT gold, answer, count(*) AS examples FROM answers_all SEMI JOIN usual USING (gold)
            GROUP BY gold, answer ORDER BY gold, answer
            """,
            [MAX_LABELS],
        ).df()


_WITHIN = """
($topic::VARCHAR IS NULL OR topic = $topic) AND
($text = '' OR contains(lower(concat_ws(' ', question, gold, answer, teacher_answer)), lower($text)))
"""


def _numbered(wanted: Wanted) -> str:
    order = "miss DESC, position" if wanted.kind == "far" else "position"
    return f"""
    WITH numbered AS (
        SELECT *, row_number() OVER (ORDER BY {order}) - 1 AS place FROM answers_all
        WHERE {KINDS[wanted.kind]} AND {_WITHIN}
    )
    """  # noqa: S608 - conditions are the constants above


@contextmanager
def _registered(store: Store, answers: Answers) -> Iterator[duckdb.DuckDBPyConnection]:
    """A reading connection on which the answers are the table ``answers_all``."""
    with store.read() as connection:
        connection.register("answers_all", answers.table)
        try:
            yield connection
        finally:
            connection.unregister("answers_all")
