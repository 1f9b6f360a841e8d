"""Events as lines of JSON."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.events import (
    Checkpoint,
    Evaluation,
    Event,
    Failed,
    Finished,
    Progress,
    Resources,
    Started,
    Step,
    Stopped,
    to_line,
)
from storage.event_lines import FINAL_KINDS, MALFORMED, parse_line

EVENTS: list[Event] = [
    Resources(150.0, 800.5, None, 12.0),
    Started(7, "host", "cpu", 2),
    Progress(0.5, "half"),
    Step(3, 0.5, 1.0, 2.0, 0.5, 1e-4, 80.0),
    Evaluation(3, {"exact": 40.0}, {"exact": 1.5}),
    Checkpoint(3),
    Finished({"exact": 41.0, "num_parameters": 12}),
    Failed("out of memory", "Traceback ...\n  line two\n"),
    Stopped("asked to"),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.kind)
def test_one_line_that_storage_understands(event: Event) -> None:
    line = to_line(event, 12, 2)
    assert line.count("\n") == 1
    assert line.endswith("\n")
    read = parse_line(line.encode())
    assert (read.seq, read.attempt, read.kind) == (12, 2, event.kind)
    assert read.ts is not None
    assert abs(datetime.now(UTC).replace(tzinfo=None) - read.ts) < timedelta(minutes=1)
    assert json.loads(read.body) == {name: getattr(event, name) for name in event.__slots__}


def test_the_final_kinds_are_those_storage_knows() -> None:
    assert {Finished.kind, Failed.kind, Stopped.kind} == set(FINAL_KINDS)


def test_what_json_cannot_say_becomes_null() -> None:
    step = json.loads(to_line(Step(1, math.nan, math.inf, -math.inf, 0.0, 1e-300, 5.0), 1, 1))
    assert [step[name] for name in ("epoch", "loss", "soft_loss", "hard_loss")] == [None, None, None, 0.0]
    assert json.loads(to_line(Finished({"a": math.nan, "b": 1.0}), 1, 1))["metrics"] == {"a": None, "b": 1.0}


@given(st.text(), st.text(), st.floats())
def test_any_text_and_number_stays_on_one_line(reason: str, error: str, number: float) -> None:
    for event in (Failed(reason, error), Progress(number, reason), Finished({"exact": number})):
        line = to_line(event, 1, 1)
        assert line.splitlines() == [line[:-1]]
        assert parse_line(line.encode()).kind in (event.kind, MALFORMED if event.kind == "progress" else "")
