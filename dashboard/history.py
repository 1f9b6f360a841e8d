"""How an experiment's frontier came about, as tables: the hypervolume after each trial, and which moved it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from engine.metrics import objectives
from engine.outcomes import COST, Outcomes

HOUR = 3600.0


def hypervolume_frame(found: Outcomes) -> pd.DataFrame:
    """One row a completed student in the order they ended.

    Columns: trial, hypervolume, spent (hours of training by then; the time from start to end counts where the training
    time is not known).
    """
    frame = found.frame
    taken = (frame["finished_at"] - frame["started_at"]).dt.total_seconds()
    seconds = frame[COST].astype(float).fillna(taken).fillna(0.0)
    return pd.DataFrame(
        {
            "trial": frame["number"].to_numpy(),
            "hypervolume": found.growth.volumes,
            "spent": seconds.cumsum().to_numpy() / HOUR,
        }
    )


def moves_frame(found: Outcomes) -> pd.DataFrame:
    """One row for each trial that moved the frontier, the latest first.

    Columns: trial, finished (UTC with zone), place (how many had completed by then), gain (in percent of the
    hypervolume before; NaN for the first), replaced (numbers of the trials it drove from the frontier, as text), and
    the objectives.
    """
    grown, frame = found.growth, found.frame
    numbers = frame["number"].to_numpy()
    places = np.array(grown.entered, dtype=int)
    before = np.where(places > 0, grown.volumes[places - 1], 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        gains = np.where(before > 0, 100 * (grown.volumes[places] / before - 1), np.nan)
    moved = frame.iloc[places]
    table = pd.DataFrame(
        {
            "trial": moved["number"].to_numpy(),
            "finished": pd.to_datetime(moved["finished_at"], utc=True).array,
            "place": places + 1,
            "gain": gains,
            "replaced": [", ".join(str(numbers[gone]) for gone in all_gone) for all_gone in grown.replaced],
        }
        | {metric.name: moved[metric.name].to_numpy() for metric in objectives(found.metrics)}
    )
    return table.iloc[::-1].reset_index(drop=True)
