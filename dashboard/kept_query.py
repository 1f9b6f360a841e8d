"""The query of an address as a browser session knows it, safe from runs that began with an older one.

A page that redraws itself sends the address the browser had when it asked. Where the page has changed the address a
moment before, that is the one before the change: taken at its word, it would undo what a person has just chosen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

STALE_SECONDS = 10.0
"""Time for which an address that was replaced is taken for an older run's, and not for a person's way back."""

Query = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class KeptQuery:
    """A query and those it replaced.

    Attributes:
        current: what the address says, or is about to say.
        replaced: queries that this session replaced, with the time at which.
    """

    current: Query
    replaced: tuple[tuple[float, Query], ...] = ()

    def arrived(self, query: Query, now: float) -> KeptQuery:
        """After a run that began with a query: this one as it is if that is stale, else the query in its place.

        Args:
            query: what the address said when the run was asked for.
            now: time in seconds.
        """
        recent = self._recent(now)
        if query == self.current or any(query == old for _, old in recent):
            return KeptQuery(self.current, recent)
        return KeptQuery(dict(query))

    def changed(self, changes: Mapping[str, str | None], now: float) -> KeptQuery:
        """With some parameters changed, or taken away where they are None."""
        new = {name: value for name, value in {**self.current, **changes}.items() if value is not None}
        if new == self.current:
            return self
        kept = tuple((at, old) for at, old in self._recent(now) if old != new)
        return KeptQuery(new, (*kept, (now, self.current)))

    def _recent(self, now: float) -> tuple[tuple[float, Query], ...]:
        return tuple((at, old) for at, old in self.replaced if now - at < STALE_SECONDS)
