"""A helper process that answers line by line, dies, and ends with its owner."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.line_process import LOG_TAIL, LineProcess, ProcessDiedError

HELPER = """
import sys
from engine.line_process import serve_lines

def serve(requests, answers):
    for line in requests:
        if line == "die\\n":
            print("x" * 5000 + "the end", file=sys.stderr)
            raise SystemExit(3)
        print("to the log")
        print(line.strip().upper(), file=answers, flush=True)

serve_lines(serve)
"""


@pytest.fixture
def process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LineProcess]:
    (tmp_path / "shouting_helper.py").write_text(HELPER, encoding="utf-8")
    paths = [str(tmp_path), *(path for path in sys.path if path)]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))
    made = LineProcess("shouting_helper")
    yield made
    made.kill()
    made.close()


def test_each_line_is_answered_and_prints_stay_away(process: LineProcess) -> None:
    assert process.pid is None
    process.start()
    first = process.pid
    assert process.ask("one") == "ONE\n"
    assert process.ask("x" * 200_000) == "X" * 200_000 + "\n"
    process.start()
    assert process.pid == first
    process.close()
    assert process.pid is None


def test_one_that_dies_says_how_and_can_be_started_again(process: LineProcess) -> None:
    process.start()
    with pytest.raises(ProcessDiedError, match=r"ended \(exit status") as caught:
        process.ask("die")
    assert "the end" in caught.value.details
    assert len(caught.value.details) <= LOG_TAIL
    assert process.pid is None
    process.start()
    assert process.ask("again") == "AGAIN\n"


def test_one_that_was_killed_while_idle(process: LineProcess) -> None:
    process.start()
    assert process.ask("one") == "ONE\n"
    process.kill()
    with pytest.raises(ProcessDiedError, match="-9"):
        process.ask("two")
