"""The report of an ended experiment as text."""

from __future__ import annotations

from typing import Any

from engine.cli.report import report


def trial(number: int, role: str, metrics: dict[str, float], **more: Any) -> dict[str, Any]:
    return {
        "number": number,
        "role": role,
        "state": "completed",
        "reason": None,
        "on_frontier": False,
        "parameters": {},
        "metrics": metrics,
        "standard_errors": {},
        **more,
    }


def summary(**more: Any) -> dict[str, Any]:
    students = [
        trial(1, "baseline", {"mlm_accuracy": 20.0, "train_flops": 2e12}, parameters={"method": "mlm"}),
        trial(
            2,
            "student",
            {"mlm_accuracy": 24.04, "train_flops": 3e12, "collapsed": 1.0},
            parameters={"method": "bort"},
            on_frontier=True,
            standard_errors={"mlm_accuracy": 0.52},
        ),
    ]
    return {
        "name": "pre",
        "state": "completed",
        "strategy": "grid",
        "budget": 2,
        "done": 2,
        "claims": ["a claim"],
        "early_stopping": None,
        "metrics": ["mlm_accuracy", "train_flops"],
        "objectives": ["mlm_accuracy", "train_flops"],
        "frontier": [2],
        "teacher": trial(0, "teacher", {"num_parameters": 8e6}),
        "trials": students,
        **more,
    }


def cells(text: str, first: str) -> str:
    return next(line for line in text.splitlines() if line.startswith(first))


def test_columns_are_those_of_the_specification() -> None:
    text = report(summary())
    assert cells(text, "trial").split() == [
        *("trial", "mlm_accuracy", "train_flops", "num_parameters", "train_flops", "vs", "baseline"),
        "settings",
    ]
    assert cells(text, "student 2").split()[2:] == (
        "* (gives everything the same answer) 24.0 ±0.5 3 T +50 % method=bort".split()
    )
    assert "a claim" in text


def test_how_sure_each_place_on_the_frontier_is() -> None:
    found = summary()
    found["trials"][1]["frontier_probability"] = 0.906
    text = report(found)
    assert "on frontier  mlm_accuracy" in cells(text, "trial")
    assert "91 %" in cells(text, "student 2")
    assert "%" not in cells(text, "teacher")


def test_a_teacher_without_scores_has_its_size_and_no_comparison() -> None:
    assert cells(report(summary()), "teacher").split() == ["teacher", "8", "M"]


def test_a_single_configuration_claims_nothing_against_itself() -> None:
    assert "a claim" not in report(summary(strategy="single"))
