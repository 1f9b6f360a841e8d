"""Answers in sentences."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.whatif.answer import Answer, Dearer, Estimate, MoreTrials, Shipment, Spread
from engine.whatif.question import Budget, Question, Range
from engine.whatif.words import (
    interval_words,
    pin_words,
    probability_words,
    question_words,
    shipment_words,
    spread_words,
    value_words,
)

SHIPMENT = Shipment(
    trial=7,
    parameters={"n_layers": 4},
    metrics={"exact": 62.53, "num_parameters": 41e6},
    standard_errors={"exact": 1.2},
    expected=Estimate(61.9, 59.0, 64.8),
    dearer=Dearer(12, "num_parameters", 6.2e6, 1.34, (-0.5, 3.2)),
    baseline=1,
    beats_baseline=0.81,
    beats_by="measurements",
    more=MoreTrials(1.5, ({"n_layers": 5},) * 8, 0.4, 0.34, 0.995),
)
ANSWER = Answer(
    question=Question({"n_layers": 4, "alpha": Range(0.2, 0.5)}, [Budget("num_parameters", "max", 45e6)]),
    quality="exact",
    cost="num_parameters",
    trials=24,
    missing=0,
    is_fixed=False,
    best=None,
    support=None,
    spread={},
    frontier=(),
    shipment=SHIPMENT,
    reliability={},
    notes=(),
)


def test_the_shipment_is_told_with_what_it_gives_up() -> None:
    assert shipment_words(ANSWER, SHIPMENT) == [
        "Ship trial 7: exact 62.5 ±1.2, num_parameters 41 M.",
        "Trained and measured again, the model expects 61.9 (59.0 to 64.8).",
        "The next better one up is trial 12: 1.3 (-0.5 to 3.2) better in exact, 6.2 M more parameters.",
        "Its exact is truly better than the baseline's with probability 0.81 (from both measurements, their errors "
        "taken as independent).",
        "The next trial would be better by more than 1.5, the scatter of a measurement, with probability 0.34; any of "
        "the next 8, above 0.99.",
    ]


def test_what_is_not_known_is_not_told() -> None:
    bare = replace(
        SHIPMENT, expected=None, dearer=None, baseline=None, beats_baseline=None, beats_by=None, more=None
    )
    assert shipment_words(ANSWER, bare) == [
        "Ship trial 7: exact 62.5 ±1.2, num_parameters 41 M.",
        "No dearer trial measured better.",
        "There is no measured baseline to compare it with.",
    ]
    itself = replace(bare, baseline=7)
    assert shipment_words(replace(ANSWER, cost=None), itself)[1:] == ["It is the baseline itself."]


def test_the_question_on_one_line() -> None:
    assert question_words(ANSWER) == "n_layers = 4, alpha 0.2 to 0.5, num_parameters <= 45 M"
    assert question_words(replace(ANSWER, question=Question())) == "nothing pinned, no budget"
    assert pin_words("kept", "every other") == "kept = every other"
    assert pin_words("learning_rate", 3e-5) == "learning_rate = 3e-05"


def test_values_intervals_and_spreads() -> None:
    assert value_words("exact", 61.04) == "61.0"
    assert value_words("latency_ms", 7.94) == "7.94 ms"
    assert interval_words("latency_ms", Estimate(8.0, 7.1, 8.8)) == "7.1 ms to 8.8 ms"
    assert interval_words("num_parameters", Estimate(4e7, 4e7, 4e7, is_exact=True)) == "exact"
    assert spread_words("exact", Spread(48.1, 31.2, 60.4)) == (
        "Over what is left free, exact is from 31.2 to 60.4 in 90 % of cases, 48.1 in the middle."
    )
    assert (
        spread_words("num_parameters", Spread(4e7, 4e7, 4e7))
        == "num_parameters is 40 M whatever is left free."
    )


@pytest.mark.parametrize(
    ("probability", "words"), [(0.0, "below 0.01"), (0.014, "0.01"), (0.5, "0.50"), (0.999, "above 0.99")]
)
def test_probabilities(probability: float, words: str) -> None:
    assert probability_words(probability) == words
