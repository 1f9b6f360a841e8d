"""Counts and shares in words."""

from __future__ import annotations

from collections.abc import Mapping


def counted(count: int, noun: str) -> str:
    """A count with its noun: 1 question, 130,319 questions."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def shares(counts: Mapping[str, int], total: int) -> str:
    """What share each is of the total: 67 % answerable; 68 % equivalent, 32 % not_equivalent."""
    return ", ".join(f"{100 * count / max(1, total):.0f} % {name}" for name, count in counts.items())
