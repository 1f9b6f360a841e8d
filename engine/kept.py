"""A small memory for results that take a while and are asked for again and again, from any thread."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Result = TypeVar("Result")


class Kept(Generic[Result]):
    """Results by key, the least recently used forgotten first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._results: OrderedDict[Hashable, Result] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], Result]) -> Result:
        """The result for a key, made when it is not there; one is made at a time."""
        with self._lock:
            if key in self._results:
                self._results.move_to_end(key)
                return self._results[key]
            made = self._results[key] = make()
            while len(self._results) > self._most:
                self._results.popitem(last=False)
            return made
