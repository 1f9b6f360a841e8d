"""Where a trial's answers are, and why there are none, in words that say what to do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.answers import answer_files
from engine.errors import ResultFileError
from engine.settings import Home
from engine.trial_folder import TrialFolder
from storage.store import Store
from storage.trials import TrialRow, get_trial
from tests.simulated import fill
from tests.simulated_answers import leave_answers


@pytest.fixture
def trials(store: Store, home: Home) -> list[TrialRow]:
    """The teacher and two students; all of them kept their answers."""
    experiment = fill(store, home, trials=8, examples=30)
    leave_answers(store, home, experiment, [1, 2])
    return [get_trial(store, experiment.name, number) for number in (0, 1, 2)]


def test_files_of_trial_teacher_and_another(home: Home, trials: list[TrialRow]) -> None:
    teacher, first, second = trials
    files = answer_files(home, "span", first, teacher, second)
    assert files.examples == TrialFolder(home.path / teacher.folder).examples
    assert files.own == TrialFolder(home.path / first.folder).predictions
    assert files.teacher == TrialFolder(home.path / teacher.folder).predictions
    assert files.other == TrialFolder(home.path / second.folder).predictions
    assert answer_files(home, "span", teacher, teacher).teacher is None, (
        "the teacher is not set against itself"
    )


def test_what_is_missing_is_left_out_or_told(home: Home, trials: list[TrialRow]) -> None:
    teacher, first, second = trials
    TrialFolder(home.path / teacher.folder).predictions.unlink()
    TrialFolder(home.path / second.folder).predictions.unlink()
    files = answer_files(home, "span", first, teacher, second)
    assert (files.teacher, files.other) == (None, None)
    for trial, told in (
        (second, "kept no answers"),
        (replace(second, state="running"), "when the trial has completed"),
        (replace(second, state="failed"), "this one did not"),
        (teacher, "no trained head"),
    ):
        with pytest.raises(ResultFileError, match=told):
            answer_files(home, "span", trial, teacher)
    TrialFolder(home.path / teacher.folder).examples.unlink()
    with pytest.raises(ResultFileError, match="are not kept beside the teacher"):
        answer_files(home, "span", first, teacher)
    with pytest.raises(ResultFileError, match="guesses hidden words"):
        answer_files(home, "masked_lm", first, teacher)
