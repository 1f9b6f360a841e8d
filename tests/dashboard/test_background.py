"""Work beside a page: begun at once, kept for all pages, begun again when it has failed."""

from __future__ import annotations

import threading

from dashboard.background import KeptWork, Work
from engine.errors import DatasetError


def test_work_runs_beside_and_ends() -> None:
    gate = threading.Event()
    work = Work(lambda: gate.wait(30) and 7)
    assert not work.done(0.01)
    assert work.result is None
    gate.set()
    assert work.done(30)
    assert work.result == 7
    assert work.seconds > 0


def test_an_error_is_kept_for_the_page() -> None:
    def fail() -> int:
        raise DatasetError("no such file")

    work: Work[int] = Work(fail)
    assert work.done(30)
    assert str(work.error) == "no such file"
    assert work.result is None


def test_the_last_few_are_kept_and_failures_are_tried_again() -> None:
    made: list[str] = []

    def make(name: str) -> str:
        made.append(name)
        if name == "broken" and made.count(name) == 1:
            raise DatasetError("not yet")
        return name

    kept: KeptWork[str] = KeptWork(2)

    def result(name: str) -> str | None:
        work = kept.get(name, lambda: make(name))
        work.done(30)
        return work.result

    assert [result(name) for name in ("a", "b", "a", "c", "a", "b")] == ["a", "b", "a", "c", "a", "b"]
    assert made == ["a", "b", "c", "b"]
    assert [result("broken"), result("broken")] == [None, "broken"]
