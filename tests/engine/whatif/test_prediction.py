"""Predictions as suggestions keep them."""

from __future__ import annotations

import pytest

from engine.measured import NORMAL_95
from engine.whatif.answer import Estimate
from engine.whatif.prediction import as_predicted


def test_the_kept_interval_is_as_wide_as_the_shown_one() -> None:
    found = as_predicted(
        {"exact": Estimate(60.0, 50.0, 65.0), "num_parameters": Estimate(4e7, 4e7, 4e7, is_exact=True)}
    )
    mean, deviation = found["exact"]
    assert mean == 60.0
    assert mean - NORMAL_95 * deviation == pytest.approx(50.0)
    assert found["num_parameters"] == [4e7, 0.0]
