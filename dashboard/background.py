"""Work that takes a while, done beside the page that asked for it."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from engine.errors import BertFrontierError

Result = TypeVar("Result")


class Work(Generic[Result]):
    """One piece of work; it begins at once in a thread of its own.

    Attributes:
        result: what came of it; None before it has ended, and when it failed.
        error: why it failed, where that is of a kind that people can act on.
    """

    def __init__(self, make: Callable[[], Result]) -> None:
        """Begin.

        Args:
            make: does the work.
        """
        self.result: Result | None = None
        self.error: BertFrontierError | None = None
        self._make = make
        self._started = time.monotonic()
        self._thread = threading.Thread(target=self._run, daemon=True, name="work of a page")
        self._thread.start()

    @property
    def seconds(self) -> float:
        """Time since it began."""
        return time.monotonic() - self._started

    def done(self, wait: float = 0.0) -> bool:
        """Whether it has ended, after waiting up to so many seconds for that."""
        self._thread.join(wait)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            self.result = self._make()
        except BertFrontierError as error:
            self.error = error


class KeptWork(Generic[Result]):
    """The last few pieces of work by what they were done for, for all pages."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._works: OrderedDict[Hashable, Work[Result]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], Result]) -> Work[Result]:
        """The work for a key, begun when it is not there or has failed; the least recently used is forgotten."""
        with self._lock:
            found = self._works.pop(key, None)
            if found is None or (found.done() and found.result is None):
                found = Work(make)
            self._works[key] = found
            while len(self._works) > self._most:
                self._works.popitem(last=False)
            return found
