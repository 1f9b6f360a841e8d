"""Size of the space and time of an experiment, in words."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.launching.space_size import space_size
from dashboard.launching.time_words import time_words
from engine.estimate import TimeEstimate
from engine.spec_files import parse_spec, read_spec
from tests.engine.sample_spec import SAMPLE


@pytest.mark.parametrize(
    ("preset", "told"),
    [
        ("fine-tune", "Nothing is searched"),
        ("pretrain", "1 parameter, 3 configurations"),
        ("demo", "5 parameters: 3 continuous, 16 combinations of the others"),
    ],
)
def test_size(preset: str, told: str) -> None:
    assert space_size(read_spec(preset)) == told


def searched(**parameters: Any) -> str:
    sample = parse_spec(SAMPLE)
    return space_size(
        sample.changed(
            parameters=parameters,
            baseline={},
            fixed={name: value for name, value in sample.fixed.items() if name not in parameters},
        )
    )


def test_large_and_continuous_spaces() -> None:
    seeds = {"type": "int", "low": 0, "high": 999}
    many = {"type": "int", "low": 1, "high": 4096}
    assert searched(pruning_seed=seeds, train_batch_size=many) == "2 parameters, 4.1e6 configurations"
    rate = {"type": "float", "low": 1e-5, "high": 1e-3}
    assert searched(learning_rate=rate) == "1 parameter, all continuous"


def test_the_share_that_meets_the_rules() -> None:
    spec = parse_spec(SAMPLE).changed(rules=["n_layers >= 3"])
    assert space_size(spec).endswith(", of which about 50 % meet the rule")
    none = parse_spec(SAMPLE).changed(rules=["alpha == 0.5"])
    assert space_size(none).endswith("of which none in 512 drawn meets the rules")


def test_times() -> None:
    one = TimeEstimate(180.0, 120.0, 300.0, 5400.0, 2, 31, ("demo",), is_scaled=False)
    assert time_words(one) == (
        "About 3 min a trial (2 min to 5 min), 1 h 30 min in all with 2 at once: as 31 trials of demo took on this "
        "machine."
    )
    many = TimeEstimate(60.0, 60.0, 60.0, 600.0, 1, 1200, ("a", "b", "c", "d"), is_scaled=True)
    assert time_words(many) == (
        "About 1 min a trial, 10 min in all: as 1,200 trials of a, b and 2 more took on this machine, in proportion "
        "to data and epochs."
    )
    assert "nothing can be said of the time" in time_words(None)
