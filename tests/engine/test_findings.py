"""From a trial's folder to a paired claim: what is stored with a completed trial, and what is said of it."""

from __future__ import annotations

import json

import numpy as np
import pytest

from engine.events import Finished
from engine.findings import Findings
from engine.overview import Overview, overview
from engine.summary import detailed_summary
from engine.tasks.example_scores import one_each, write_example_scores
from storage import example_scores
from tests.engine.conftest import Lab

QUESTIONS = [f"q{number}" for number in range(200)]


def finish(lab: Lab, number: int, right: int, size: float, *, written: bool = True) -> None:
    """End a trial that answers the first ``right`` of the questions."""
    values = (np.arange(len(QUESTIONS)) < right).astype(np.float64)
    if written:
        write_example_scores(
            {"exact": one_each(QUESTIONS, values)}, lab.path(number) / "example_scores.parquet"
        )
    error = 100 * float(values.std(ddof=1)) / len(values) ** 0.5
    metrics = {"exact": 100 * float(values.mean()), "num_parameters": size, "latency_ms": 3.0}
    lab.machine.end(lab.path(number), Finished(metrics, {"exact": error}))


def look(lab: Lab) -> Overview:
    lab.tick()
    return overview(lab.store, lab.row)


def test_claims_are_paired_once_the_answers_are_stored(lab: Lab) -> None:
    lab.students_running()
    assert look(lab).findings == Findings()
    finish(lab, 1, 120, 2000.0)
    finish(lab, 2, 121, 1500.0)
    lab.tick()
    finish(lab, 3, 130, 2050.0)
    found = look(lab).findings
    assert found.smaller is not None
    claim = found.smaller.claim
    assert claim is not None
    assert (claim.trial, claim.paired, claim.p_value) == (2, True, 1.0)
    assert claim.gain_interval is not None
    low, high = claim.gain_interval
    assert -1 <= low <= 0, "one question more is no certain gain"
    assert high == pytest.approx(0.5 + 1.645 * 0.5, abs=0.05)
    assert found.better is not None
    assert (found.better.trial, found.better.p_value) == (3, pytest.approx(2 * 0.5**10))
    assert found.membership == {1: 0.0, 2: 1.0, 3: 1.0}
    assert found.claims[0].startswith("25 % fewer parameters")
    assert found.share_claim == (
        "100 % of 2 other students have fewer parameters or a better exact than the baseline."
    )


def test_trials_without_answers_are_compared_as_independent(lab: Lab) -> None:
    lab.students_running()
    finish(lab, 1, 120, 2000.0)
    finish(lab, 2, 121, 1500.0, written=False)
    found = look(lab).findings
    assert found.smaller is not None
    assert found.smaller.claim is not None
    assert not found.smaller.claim.paired
    assert found.smaller.claim.p_value is None
    assert "errors taken as independent" in found.claims[0]


def test_a_damaged_file_of_answers_does_not_hold_up_the_trial(
    lab: Lab, caplog: pytest.LogCaptureFixture
) -> None:
    lab.students_running()
    (lab.path(1) / "example_scores.parquet").write_bytes(b"not a table")
    finish(lab, 1, 120, 2000.0, written=False)
    lab.tick()
    assert lab.trial(1).state == "completed"
    assert "left aside" in caplog.text


def test_findings_are_worked_out_once_for_each_trial(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.students_running()
    finish(lab, 1, 120, 2000.0)
    first = look(lab).findings
    with monkeypatch.context() as patch:
        patch.setattr(example_scores, "_comparable", None)
        assert look(lab).findings is first
    finish(lab, 2, 121, 1500.0)
    assert look(lab).findings is not first


def test_the_detailed_summary_is_json(lab: Lab) -> None:
    lab.students_running()
    finish(lab, 1, 120, 2000.0)
    finish(lab, 2, 118, 1500.0)
    found = detailed_summary(look(lab))
    assert json.loads(json.dumps(found)) == found
    assert found["claims"][0].startswith(
        "No trial so far matches the baseline with fewer parameters; trial 2"
    )
    assert found["comparison"]["smaller"]["perhaps"] == 2
    assert found["comparison"]["better"] is None
    assert found["comparison"]["share"]["value"] == 1.0
    assert (found["importance"], found["importance_needs"]) == ({}, 23)
    assert [trial["frontier_probability"] for trial in found["trials"]] == [
        pytest.approx(0.87, abs=0.13),
        1.0,
        None,
    ]
    assert found["train_again"] in ([], [1])
    settings = {advice["setting"] for advice in found["advice"]}
    assert "budget.trials" in settings
