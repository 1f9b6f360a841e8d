"""Every architecture of an extraction as a table: what it saves, whether it was trained, and its W."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from dashboard import formats
from engine.extraction.coefficient import Costs, gain
from engine.extraction.finding import Finding
from storage.extraction import FoundRow

MOST_LEFT_OUT = 3000
"""Architectures that were not chosen and are drawn all the same; of more, an even sample."""


def candidates_frame(rows: Sequence[FoundRow], maximum: Costs | None) -> pd.DataFrame:
    """One row an architecture, in the order of the space.

    Args:
        rows: what is stored; several of an architecture that was trained with several settings, of which the largest W
            counts.
        maximum: parameters and operations of the maximum point; None while it is not measured.

    Returns:
        Columns place (from 1), architecture (as the papers write it), size, speed, chosen, trial, w, error and gain
        (the product of both savings, NaN without a maximum point).
    """
    found = pd.DataFrame(
        [
            {
                "place": row.candidate.place + 1,
                "architecture": architecture_words(row.candidate.architecture.values()),
                "size": float(row.candidate.lemma_parameters),
                "speed": float(row.candidate.lemma_operations),
                "chosen": row.candidate.chosen,
                "trial": row.trial,
                "w": row.w,
                "error": row.surrogate_error,
            }
            for row in rows
        ],
        columns=["place", "architecture", "size", "speed", "chosen", "trial", "w", "error"],
    )
    found = found.astype({"w": "float64", "error": "float64", "trial": "float64"})
    found = found.sort_values(["place", "w"], ascending=[True, False], na_position="last")
    found = found.drop_duplicates("place", ignore_index=True)
    if maximum is None:
        return found.assign(gain=np.nan)
    gains = [
        gain(Costs(size, speed), maximum) for size, speed in zip(found["size"], found["speed"], strict=True)
    ]
    return found.assign(gain=gains)


def architecture_words(values: Iterable[object]) -> str:
    """An architecture as the papers write it."""
    return f"\u27e8{', '.join(map(str, values))}\u27e9"


def drawn(candidates: pd.DataFrame) -> pd.DataFrame:
    """The architectures to draw: all that were chosen, and of the others an even sample where there are very many."""
    others = np.flatnonzero(~candidates["chosen"].to_numpy(dtype=bool))
    if len(others) <= MOST_LEFT_OUT:
        return candidates
    kept = others[np.linspace(0, len(others) - 1, MOST_LEFT_OUT).round().astype(int)]
    chosen = np.flatnonzero(candidates["chosen"].to_numpy(dtype=bool))
    return candidates.iloc[np.sort(np.concatenate([chosen, kept]))]


def ranking_frame(found: Finding, most: int | None = None) -> pd.DataFrame:
    """The architectures with the largest W, one row each.

    Args:
        found: what was found.
        most: rows; None takes all that were trained.
    """
    return pd.DataFrame(
        [
            {
                **place.architecture,
                "W": f"{place.w:.4g}",
                formats.label("surrogate_error"): formats.metric("surrogate_error", place.error),
                formats.label("lemma_parameters"): formats.metric("lemma_parameters", place.costs.size),
                formats.label("lemma_operations"): formats.metric("lemma_operations", place.costs.speed),
                "saves": formats.share(gain(place.costs, found.maximum)),
                "place": place.number + 1,
                "trial": place.trial,
            }
            for place in found.ranking[:most]
        ]
    )
