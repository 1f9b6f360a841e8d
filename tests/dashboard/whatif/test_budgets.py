"""Which budgets have sliders, and where these stop."""

from __future__ import annotations

import pandas as pd

from dashboard.whatif.budgets import ANY, BudgetRow, budget_rows, measured_values, options_of
from engine.metrics import Metric
from engine.whatif.question import Budget, Question

METRICS = (
    Metric(name="exact", direction="maximize", threshold=50.0),
    Metric(name="num_parameters", direction="minimize"),
    Metric(name="latency_ms", role="store"),
)
VALUES = {
    "exact": [50.0, 60.0],
    "num_parameters": [1e6],
    "latency_ms": [2.0],
    "f1": [1.0],
    "HasAns_total": [9.0],
}


def test_each_metric_is_bounded_on_the_side_that_is_worse() -> None:
    rows, others = budget_rows(METRICS, VALUES, Question())
    assert rows == [
        BudgetRow("exact", "min", None, 50.0),
        BudgetRow("num_parameters", "max", None, None),
        BudgetRow("latency_ms", "max", None, None),
    ]
    # Of evaluation questions no number is better than another.
    assert others == ["f1"]


def test_other_budgets_of_the_question_and_added_ones_have_rows_too() -> None:
    asked = Question({}, [Budget("exact", "max", 70.0), Budget("num_parameters", "max", 9e5)])
    rows, others = budget_rows(METRICS, VALUES, asked, ["f1"])
    assert [(row.metric, row.kind, row.limit) for row in rows] == [
        ("exact", "min", None),
        ("num_parameters", "max", 9e5),
        ("latency_ms", "max", None),
        ("f1", "min", None),
        ("exact", "max", 70.0),
    ]
    assert others == []


def test_any_stands_where_everything_is_allowed() -> None:
    most = options_of(BudgetRow("num_parameters", "max", None, None), [1e6, 2e6])
    least = options_of(BudgetRow("exact", "min", 55.0, None), [50.0, 60.0])
    assert most[-1] == ANY
    assert least[0] == ANY
    assert 55.0 in least
    assert options_of(BudgetRow("f1", "min", None, None), []) == [ANY]


def test_values_are_those_of_students() -> None:
    trials = pd.DataFrame({"trial": [0, 1, 2], "exact": [99.0, 60.0, None]})
    assert measured_values(trials, ["exact", "f1"]) == {"exact": [60.0], "f1": []}
