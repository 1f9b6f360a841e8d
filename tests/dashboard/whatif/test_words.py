"""An answer in words and tables."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dashboard.whatif import words
from engine.whatif.answer import Answer, Estimate, Expected, Shipment
from tests.dashboard.whatif.answers import ANSWER, BASELINE, MEASURED, answered, exactly


def test_the_headline_says_what_to_count_on() -> None:
    told = words.headline(ANSWER)
    assert told == ("The best to be counted on has exact match 66.0 % (62.5 to 69.5) at 59.3 M parameters.")


def test_fixed_settings_and_what_breaks_budgets_are_told_as_such() -> None:
    assert words.headline(answered(is_fixed=True)).startswith("These settings are predicted to reach exact")
    assert ANSWER.best is not None
    broken = answered(best=replace(ANSWER.best, keeps=False))
    assert words.headline(broken).startswith("Nothing is predicted to keep everything asked")
    assert "too few trials" in words.headline(answered(best=None))


def test_a_cost_with_a_unit_needs_no_noun() -> None:
    best = Expected({}, {"exact": Estimate(66.0, 62.5, 69.5), "latency_ms": exactly(7.1)}, None, True, None)
    assert words.headline(answered(best=best, cost="latency_ms")).endswith("at 7.1 ms.")


def test_predictions_stand_beside_the_baseline() -> None:
    frame = words.predictions_frame(ANSWER, MEASURED[1])
    assert frame.to_dict("records") == [
        {
            "metric": "exact match",
            "predicted": "66.0 %",
            "90 % interval": "62.5 to 69.5",
            "baseline": "65.2 %",
            "difference": "+0.8 points",
        },
        {
            "metric": "parameters",
            "predicted": "59.3 M",
            "90 % interval": "exact",
            "baseline": "66.4 M",
            "difference": "\u221211 %",
        },
    ]
    assert set(words.predictions_frame(ANSWER, None)["baseline"]) == {"\u2013"}


def test_what_is_shipped_and_what_that_gives_up() -> None:
    assert ANSWER.shipment is not None
    assert words.shipment_lines(ANSWER, ANSWER.shipment) == [
        "**Trial 2**, measured: exact match 64.0 % (62.4 to 65.6), 52 M parameters.",
        "Trained and measured again: 63.5 % (61.0 to 66.0).",
        "The next better one up is trial 1: 1.2 points (-0.5 to 2.9) better for 14.4 M more parameters.",
        "Its exact match is truly better than the baseline's with probability 0.20 (from both measurements, their "
        "errors taken as independent).",
        "The next trial beats it by more than 0.8 points, the scatter of a measurement, with probability 0.40; any of "
        "the next 1, 0.70.",
    ]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"dearer": None}, "No dearer trial measured better."),
        ({"baseline": None}, "There is no measured baseline"),
        ({"baseline": 2}, "It is the baseline itself."),
        ({"beats_by": "model"}, "from the model, for want of standard errors"),
    ],
)
def test_other_shipments(change: dict[str, object], told: str) -> None:
    assert ANSWER.shipment is not None
    shipment: Shipment = replace(ANSWER.shipment, **change)  # type: ignore[arg-type]
    assert any(told in line for line in words.shipment_lines(ANSWER, shipment))


def test_alike_trials_are_told_by_their_differences() -> None:
    assert ANSWER.support is not None
    [row] = words.nearest_frame(ANSWER, ANSWER.support).to_dict("records")
    assert row == {
        "trial": 2,
        "alike": "0.98",
        "exact match": "64.0 %",
        "parameters": "52 M",
        "differs in": "n_layers 4",
    }
    assert words.differences({"a": 1}, {"a": 1}) == "nothing"


def test_other_tables_and_lines() -> None:
    assert words.settings_frame({"n_layers": 4, "alpha": 0.123456}, BASELINE).to_dict("list") == {
        "setting": ["n_layers", "alpha"],
        "value": ["4", "0.1235"],
        "baseline": ["6", "0.5"],
    }
    [row] = words.reliability_frame(ANSWER.reliability).to_dict("records")
    assert row["error, one left out"] == "1.5 points"
    assert row["its 90 % intervals held"] == "85 %"
    spread = ANSWER.spread
    assert words.spread_line("exact", spread["exact"]) == "exact match: 50.0 to 65.0, in the middle 60.0 %"
    assert words.spread_line("num_parameters", spread["num_parameters"]) == (
        "parameters: 52 M whatever is left free"
    )


def test_an_answer_without_cost_is_told_too() -> None:
    found: Answer = answered(cost=None)
    assert found.shipment is not None
    assert words.headline(found).endswith("66.0 % (62.5 to 69.5).")
    assert words.shipment_lines(found, replace(found.shipment, dearer=None))[0].endswith("(62.4 to 65.6).")
