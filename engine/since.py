"""What changed in an experiment since a moment: trials that ended, and what they did to the frontier."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import pandas as pd

from engine.metric_words import percent
from engine.outcomes import Outcomes

FEW = 5
"""Trials that are named one by one."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed since a moment.

    Attributes:
        ended: trials that ended since, by the state they are in.
        joined: numbers of those that are on the frontier, in order.
        left: numbers of the trials that were on the frontier and are not any more, in order.
        growth: by what share of what it was the hypervolume grew; None where there was none.
    """

    ended: Mapping[str, int]
    joined: tuple[int, ...]
    left: tuple[int, ...]
    growth: float | None

    @property
    def sentence(self) -> str:
        """Such as "6 trials ended (1 failed), 2 new on the frontier (23 and 31), 1 left it (7), hypervolume +3 %."."""
        total = sum(self.ended.values())
        if not total:
            return "no trial ended."
        others = [f"{count} {state}" for state, count in self.ended.items() if state != "completed" and count]
        told = f" ({', '.join(others)})" if others else ""
        parts = [f"{total:,} trial{'s' if total > 1 else ''} ended{told}"]
        if self.joined:
            parts.append(f"{len(self.joined)} new on the frontier{_named(self.joined)}")
            if self.left:
                parts.append(f"{len(self.left)} left it{_named(self.left)}")
        else:
            parts.append("none new on the frontier")
        if self.growth is not None:
            parts.append(
                f"hypervolume +{percent(self.growth)}" if self.growth > 0 else "hypervolume unchanged"
            )
        return f"{', '.join(parts)}."


def changes_since(found: Outcomes, ended: Mapping[str, int], moment: datetime) -> Changes:
    """What changed since a moment.

    Args:
        found: all completed students.
        ended: how many students ended since, by state.
        moment: with a time zone.
    """
    numbers = found.frame["number"].to_numpy()
    naive = pd.Timestamp(moment.astimezone(UTC).replace(tzinfo=None))
    before = int((found.frame["finished_at"] <= naive).sum())
    grown = found.growth
    then, now = (
        {int(numbers[place]) for place in grown.frontier_after(count)} for count in (before, len(numbers))
    )
    volumes = (grown.volumes[before - 1] if before else 0.0, grown.volumes[-1] if len(numbers) else 0.0)
    return Changes(
        ended=ended,
        joined=tuple(sorted(now - then)),
        left=tuple(sorted(then - now)),
        growth=float(volumes[1] / volumes[0] - 1) if volumes[0] > 0 else None,
    )


def _named(numbers: tuple[int, ...]) -> str:
    if len(numbers) > FEW:
        return ""
    *others, last = [str(number) for number in numbers]
    return f" ({', '.join(others)} and {last})" if others else f" ({last})"
