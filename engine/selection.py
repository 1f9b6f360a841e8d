"""Which trials of a very large experiment are looked at one by one; all others only count in sums."""

from __future__ import annotations

from collections.abc import Collection

from engine.lifecycle import TrialState
from engine.observations import PENDING_STATES
from engine.outcomes import Outcomes
from storage.store import Store
from storage.trial_pages import marked_numbers, sampled_numbers

COMPLETED, PENDING, FAILED, STOPPED = 1500, 300, 300, 100
"""Trials that are looked at beside those that claims are worked out from, an even sample of each kind."""
MOST_MARKED = 4000
"""Trials of the frontier that are looked at."""


def select(store: Store, experiment_id: int, found: Outcomes, including: Collection[int] = ()) -> set[int]:
    """Numbers of the trials to look at: what matters to the frontier, and an even sample of the rest.

    Args:
        store: the open database.
        experiment_id: the experiment.
        found: its completed students.
        including: trials that are wanted whatever they are.
    """
    sampled = {
        number
        for states, most in (
            ({TrialState.COMPLETED}, COMPLETED),
            (PENDING_STATES, PENDING),
            ({TrialState.FAILED}, FAILED),
            ({TrialState.STOPPED}, STOPPED),
        )
        for number in sampled_numbers(store, experiment_id, states, most)
    }
    marked = marked_numbers(store, experiment_id)[:MOST_MARKED]
    return {*found.contenders, *sampled, *marked, *including}
