"""Any line is understood or kept; none stops the reader."""

from __future__ import annotations

import json
from datetime import datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from storage.event_lines import MALFORMED, EvaluationBody, MetricsBody, ProgressBody, StepBody, parse_line

HEAD = {"seq": 3, "ts": "2026-11-20T05:10:11.123456Z", "attempt": 2}


def line(**content: object) -> bytes:
    return json.dumps(HEAD | content).encode() + b"\n"


def test_a_step_is_taken_apart() -> None:
    event = parse_line(line(kind="step", step=7, epoch=0.5, loss=float("nan"), soft_loss=None, hard_loss=1))
    assert (event.seq, event.attempt, event.kind) == (3, 2, "step")
    assert event.ts == datetime(2026, 11, 20, 5, 10, 11, 123456)  # noqa: DTZ001
    assert event.content == StepBody(step=7, epoch=0.5, hard_loss=1.0)
    assert json.loads(event.body) == {
        "step": 7,
        "epoch": 0.5,
        "loss": None,
        "soft_loss": None,
        "hard_loss": 1,
    }


def test_times_with_another_zone_become_utc() -> None:
    event = parse_line(line(kind="note", ts="2026-11-20T07:10:00+02:00"))
    assert event.ts == datetime(2026, 11, 20, 5, 10)  # noqa: DTZ001


def test_other_kinds() -> None:
    metrics = {"metrics": {"exact": 61.5}, "standard_errors": {"exact": 0.7}}
    assert isinstance(parse_line(line(kind="evaluation", step=7, **metrics)).content, EvaluationBody)
    assert parse_line(line(kind="finished", **metrics)).content == MetricsBody(**metrics)
    assert parse_line(line(kind="progress", fraction=0.5)).content == ProgressBody(fraction=0.5)
    unknown = parse_line(line(kind="applause", loudness=[1, 2]))
    assert (unknown.kind, unknown.content, unknown.body) == ("applause", None, '{"loudness": [1, 2]}')


@pytest.mark.parametrize(
    "text",
    [
        line(kind="step", step=-1),
        line(kind="step", step=2**63),
        line(kind="step", step=1.5),
        line(kind="step"),
        line(kind="step", step=1, loss="low"),
        line(kind="finished", metrics={"exact": "good"}),
        line(kind="finished", metrics={"": 1.0}),
        line(kind="progress"),
        line(kind=""),
        line(kind="note", attempt=-1),
        line(kind="note", ts="yesterday"),
        line(kind="note", ts="0001-01-01T00:00:00+12:00"),
    ],
)
def test_a_numbered_line_with_wrong_content_keeps_its_number(text: bytes) -> None:
    event = parse_line(text)
    assert (event.seq, event.kind, event.content) == (3, MALFORMED, None)
    assert json.loads(event.body) == {"text": text.decode().rstrip("\n")}


@pytest.mark.parametrize(
    "text",
    [
        b"\n",
        b"{\n",
        b"[]\n",
        b"null\n",
        b"\xff\n",
        b'{"seq": 0}\n',
        b'{"seq": true}\n',
        b'{"seq": "1"}\n',
        b"[" * 10**5,
    ],
)
def test_a_line_without_a_number_is_kept_as_text(text: bytes) -> None:
    event = parse_line(text)
    assert (event.seq, event.kind) == (None, MALFORMED)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.dictionaries(
        st.sampled_from(["seq", "ts", "attempt", "kind", "step", "metrics", "fraction"]), json_values
    )
    | json_values
)
@example(HEAD | {"kind": "note", "text": "\ud800"})
@example(HEAD | {"kind": "note", "big": 10**400})
def test_no_json_raises_and_every_body_is_json(value: object) -> None:
    event = parse_line(json.dumps(value).encode())
    json.loads(event.body, parse_constant=pytest.fail)
    event.body.encode("utf-8")


@given(st.binary(max_size=60))
def test_no_bytes_raise(data: bytes) -> None:
    json.loads(parse_line(data).body)
