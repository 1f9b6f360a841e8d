"""What early stopping saved, by hand."""

from __future__ import annotations

import pytest

from engine.early_stopping.savings import Work, savings


def test_trainings_count_by_their_operations() -> None:
    found = savings(
        [Work(1.0, 100.0, 50.0, False), Work(0.25, 400.0, 50.0, True), Work(1.0, 100.0, None, False)]
    )
    assert found is not None
    assert (found.stopped, found.trials) == (1, 3)
    assert found.share == pytest.approx(300 / 600)
    # 100 s for the 200 operations of the two whose time is known; 300 were saved.
    assert found.seconds == pytest.approx(150)
    assert found.sentence == "Early stopping ended 1 of 3 trials and saved 50 % of training (about 2.5 min)."


def test_unknown_operations_count_as_the_mean_of_the_others() -> None:
    found = savings([Work(1.0, 100.0, None, False), Work(0.5, None, None, True)])
    assert found is not None
    assert (found.share, found.seconds) == (0.25, None)
    assert found.sentence == "Early stopping ended 1 of 2 trials and saved 25 % of training."
    alike = savings([Work(1.0, None, 10.0, False), Work(0.2, None, None, True)])
    assert alike is not None
    assert (alike.share, alike.seconds) == (pytest.approx(0.4), pytest.approx(8))


def test_without_a_stop_there_is_nothing_to_tell() -> None:
    assert savings([Work(1.0, 1.0, 1.0, False)]) is None
    assert savings([]) is None
