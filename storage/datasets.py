"""The examples of a dataset as tables to be looked at: a page of them, and sums over all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import duckdb
import pandas as pd
import pyarrow as pa

from storage.store import Store

MAX_PAGE = 100
"""Most examples, or contexts, of one page."""
Length = Literal["question_words", "context_words", "gold_words"]

EXAMPLE_SCHEMA = pa.schema(
    [
        *(
            ("position", pa.int32()),
            ("example", pa.string()),
            ("question", pa.string()),
            ("place", pa.int32()),
        ),
        *(("topic", pa.string()), ("golds", pa.list_(pa.string())), ("starts", pa.list_(pa.int32()))),
        *(("question_words", pa.int32()), ("gold_words", pa.int32())),
    ]
)
CONTEXT_SCHEMA = pa.schema([("place", pa.int32()), ("context", pa.string()), ("context_words", pa.int32())])


@dataclass(frozen=True, slots=True, eq=False)
class ExampleTables:
    """The examples of one part of a dataset.

    Attributes:
        examples: as ``EXAMPLE_SCHEMA``: order in the part, name, question or first text, place of its context, topic,
            accepted answers or the right label, where answers begin in the context, and words of question and first
            answer.
        contexts: as ``CONTEXT_SCHEMA``: each different context, or second text, once.
    """

    examples: pa.Table
    contexts: pa.Table


@dataclass(frozen=True, slots=True)
class ExampleFilter:
    """Which examples are looked for.

    Attributes:
        topic: their topic; None for any.
        answerable: whether they have an answer; None for either.
        label: their only accepted answer; None for any.
        text: what must stand in question, context or an answer, whatever its case; empty for any.
    """

    topic: str | None = None
    answerable: bool | None = None
    label: str | None = None
    text: str = ""


_WHERE = """
($topic::VARCHAR IS NULL OR topic = $topic)
AND ($answerable::BOOLEAN IS NULL OR (len(golds) > 0) = $answerable)
AND ($label::VARCHAR IS NULL OR golds[1] = $label)
AND ($text = '' OR contains(lower(concat_ws(' ', question, context, array_to_string(golds, ' '))), lower($text)))
"""
_FROM = f"FROM data_examples JOIN data_contexts USING (place) WHERE {_WHERE}"


def count_examples(store: Store, tables: ExampleTables, wanted: ExampleFilter) -> tuple[int, int, int]:
    """How many examples there are, how many of them have an answer, and on how many contexts."""
    with _registered(store, tables) as connection:
        [(examples, answered, contexts)] = connection.execute(
            f"SELECT count(*), count(*) FILTER (len(golds) > 0), count(DISTINCT place) {_FROM}",
            _values(wanted),
        ).fetchall()
    return examples, answered, contexts


def example_page(
    store: Store, tables: ExampleTables, wanted: ExampleFilter, *, offset: int, limit: int
) -> pd.DataFrame:
    """Examples in their order: columns position, example, question, context, topic, golds and starts."""
    with _registered(store, tables) as connection:
        return connection.execute(
            f"""
            SELECT position, example, question, context, topic, golds, starts {_FROM}
            ORDER BY position LIMIT $limit OFFSET $offset
            """,
            {**_values(wanted), "limit": min(limit, MAX_PAGE), "offset": max(0, offset)},
        ).df()


def context_page(
    store: Store, tables: ExampleTables, wanted: ExampleFilter, *, offset: int, limit: int
) -> pd.DataFrame:
    """The examples on some contexts, which are counted rather than examples: as ``example_page``, and place."""
    with _registered(store, tables) as connection:
        return connection.execute(
            f"""
            WITH found AS (SELECT place, position, example, question, context, topic, golds, starts {_FROM}),
            chosen AS (
                SELECT place FROM found GROUP BY place ORDER BY min(position) LIMIT $limit OFFSET $offset
            )
            SELECT found.* FROM found JOIN chosen USING (place)
            ORDER BY min(position) OVER (PARTITION BY place), position
            """,  # noqa: S608 - the condition is the constant above
            {**_values(wanted), "limit": min(limit, MAX_PAGE), "offset": max(0, offset)},
        ).df()


def topics_frame(store: Store, tables: ExampleTables) -> pd.DataFrame:
    """Topics, the largest first: columns topic, answerable and unanswerable (how many examples of each)."""
    with _registered(store, tables) as connection:
        return connection.execute(
            """
            SELECT topic, count(*) FILTER (len(golds) > 0) AS answerable,
                count(*) FILTER (len(golds) = 0) AS unanswerable
            FROM data_examples WHERE topic <> '' GROUP BY topic ORDER BY count(*) DESC, topic
            """
        ).df()


def labels_frame(store: Store, tables: ExampleTables, limit: int = MAX_PAGE) -> pd.DataFrame:
    """The right labels, the most frequent first: columns label and examples."""
    with _registered(store, tables) as connection:
        return connection.execute(
            """
            SELECT golds[1] AS label, count(*) AS examples FROM data_examples
            WHERE len(golds) > 0 GROUP BY label ORDER BY examples DESC, label LIMIT ?
            """,
            [limit],
        ).df()


def values_frame(store: Store, tables: ExampleTables, bins: int = 40) -> pd.DataFrame:
    """Right values of a regression in equally wide bins: columns low, high and examples; empty bins are left out."""
    with _registered(store, tables) as connection:
        return connection.execute(
            """
            WITH found AS (SELECT try_cast(golds[1] AS DOUBLE) AS value FROM data_examples),
            ends AS (SELECT min(value) AS least, greatest(max(value) - min(value), 1e-9) / $bins AS wide FROM found),
            placed AS (
                SELECT least, wide, least(floor((value - least) / wide), $bins - 1) AS bin FROM found, ends
                WHERE value IS NOT NULL
            )
            SELECT least + bin * wide AS low, least + (bin + 1) * wide AS high, count(*) AS examples
            FROM placed GROUP BY ALL ORDER BY low
            """,
            {"bins": bins},
        ).df()


def lengths_frame(store: Store, tables: ExampleTables, length: Length, bins: int = 40) -> pd.DataFrame:
    """How long texts are: columns low and high (words, both included) and texts (how many); empty bins are left out."""
    table = "data_contexts" if length == "context_words" else "data_examples"
    with _registered(store, tables) as connection:
        return connection.execute(
            f"""
            WITH found AS (SELECT {length} AS words FROM {table} WHERE {length} > 0),
            width AS (SELECT greatest(1, ceil((max(words) - min(words) + 1) / $bins))::INTEGER AS wide,
                min(words) AS least FROM found),
            placed AS (SELECT (least + (words - least) // wide * wide)::INTEGER AS low, wide FROM found, width)
            SELECT low, low + any_value(wide) - 1 AS high, count(*) AS texts FROM placed GROUP BY low ORDER BY low
            """,  # noqa: S608 - names are the constants above
            {"bins": bins},
        ).df()


def _values(wanted: ExampleFilter) -> dict[str, Any]:
    return {
        "topic": wanted.topic,
        "answerable": wanted.answerable,
        "label": wanted.label,
        "text": wanted.text.strip(),
    }


@contextmanager
def _registered(store: Store, tables: ExampleTables) -> Iterator[duckdb.DuckDBPyConnection]:
    """A reading connection on which the examples are tables."""
    with store.read() as connection:
        connection.register("data_examples", tables.examples)
        connection.register("data_contexts", tables.contexts)
        try:
            yield connection
        finally:
            connection.unregister("data_examples")
            connection.unregister("data_contexts")
