"""What the report of an experiment says below its table."""

from __future__ import annotations

from typing import Any

from engine.cli.report_details import details


def summary(**more: Any) -> dict[str, Any]:
    return {
        "strategy": "nehvi",
        "trials": [
            {"number": number, "frontier_probability": share}
            for number, share in ((1, 1.0), (4, 0.52), (7, None))
        ],
        "train_again": [],
        "importance": {},
        "importance_needs": 0,
        "advice": [],
        **more,
    }


def test_nothing_to_say_is_nothing_said() -> None:
    assert details(summary()) == []


def test_open_places_on_the_frontier() -> None:
    assert details(summary(train_again=[4, 1])) == [
        "Open whether on the frontier, worth training again with other seeds: trial 4 (52 %), 1 (100 %)."
    ]


def test_importance_or_what_it_needs() -> None:
    assert details(summary(importance_needs=15)) == [
        "Importance of the parameters needs 15 more completed trials."
    ]
    assert details(summary(importance_needs=15, strategy="single")) == []
    shares = {f"p{number}": 0.4 / 2**number for number in range(7)}
    assert details(summary(importance={"exact": shares})) == [
        "What matters for exact: p0 40 %, p1 20 %, p2 10 %, p3 5 %, p4 2 %."
    ]


def test_advice_by_its_severity() -> None:
    advice = [
        {"severity": "warning", "sentence": "Too few.", "setting": "budget.trials"},
        {"severity": "note", "sentence": "It took 3 min.", "setting": None},
    ]
    assert details(summary(advice=advice)) == ["warning: Too few.", "note: It took 3 min."]
