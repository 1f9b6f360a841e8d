"""The tables of moves: complete, every state reachable, ends where they should be."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from engine.errors import StateError
from engine.lifecycle import (
    EXPERIMENT_MOVES,
    FINAL_TRIAL_STATES,
    REQUESTS,
    TRIAL_MOVES,
    ExperimentState,
    TrialState,
    check_experiment_move,
    check_trial_move,
    experiment_sources,
    trial_sources,
)


def reachable(moves: Mapping[str, frozenset[str]], start: str) -> set[str]:
    found, front = {start}, [start]
    while front:
        new = moves[front.pop()] - found
        found |= new
        front += new
    return found


def test_every_state_has_its_row_and_is_reachable() -> None:
    assert set(TRIAL_MOVES) == set(TrialState) == reachable(TRIAL_MOVES, TrialState.QUEUED)
    assert (
        set(EXPERIMENT_MOVES) == set(ExperimentState) == reachable(EXPERIMENT_MOVES, ExperimentState.PENDING)
    )


@pytest.mark.parametrize("moves", [TRIAL_MOVES, EXPERIMENT_MOVES])
def test_no_state_moves_to_itself(moves: Mapping[str, frozenset[str]]) -> None:
    assert all(state not in targets for state, targets in moves.items())


def test_completed_trials_stay_and_only_resuming_reopens_an_experiment() -> None:
    assert TRIAL_MOVES[TrialState.COMPLETED] == frozenset()
    for state in (ExperimentState.COMPLETED, ExperimentState.STOPPED, ExperimentState.FAILED):
        assert EXPERIMENT_MOVES[state] == {ExperimentState.RUNNING}


def test_only_a_queued_trial_starts_and_only_a_running_one_completes() -> None:
    assert trial_sources(TrialState.RUNNING) == {TrialState.QUEUED}
    assert trial_sources(TrialState.COMPLETED) == {TrialState.RUNNING}
    assert trial_sources(TrialState.LOST) == {TrialState.RUNNING}
    assert experiment_sources(ExperimentState.COMPLETED) == {ExperimentState.RUNNING}


def test_final_states_are_left_by_a_person_only() -> None:
    assert {state for state, to in TRIAL_MOVES.items() if to <= {TrialState.QUEUED}} == FINAL_TRIAL_STATES
    assert TRIAL_MOVES[TrialState.LOST] > {TrialState.QUEUED}


def test_requests_end_in_states_a_running_trial_may_reach() -> None:
    assert all(state in TRIAL_MOVES[TrialState.RUNNING] and reason for state, reason in REQUESTS.values())


@pytest.mark.parametrize("present", TrialState)
@pytest.mark.parametrize("to", TrialState)
def test_checks_follow_the_trial_table(present: TrialState, to: TrialState) -> None:
    if to in TRIAL_MOVES[present]:
        check_trial_move("demo/3", present, to)
    else:
        with pytest.raises(StateError, match=f"demo/3 is {present} and cannot become {to}"):
            check_trial_move("demo/3", present, to)


@pytest.mark.parametrize("present", ExperimentState)
@pytest.mark.parametrize("to", ExperimentState)
def test_checks_follow_the_experiment_table(present: ExperimentState, to: ExperimentState) -> None:
    if to in EXPERIMENT_MOVES[present]:
        check_experiment_move("demo", present, to)
    else:
        with pytest.raises(StateError, match=f"demo is {present} and cannot become {to}"):
            check_experiment_move("demo", present, to)
