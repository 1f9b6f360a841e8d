"""Questions as addresses: there and back, and what is not one is told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.whatif.address import EXPERIMENT, address, number_text, pin_text, pinned_to, read_question
from engine.parameters import CategoricalParameter, FloatParameter, IntegerParameter
from engine.space import SearchSpace
from engine.whatif.question import Budget, Pin, Question, Range

SPACE = SearchSpace(
    {
        "n_layers": IntegerParameter(low=1, high=12),
        "width": CategoricalParameter(values=(128, 256, 512)),
        "rate": FloatParameter(low=1e-5, high=0.123456789, log=True),
        "schedule": CategoricalParameter(values=("linear", "noam")),
    }
)
METRICS = ("exact", "num_parameters", "latency_ms")


def test_every_part_of_an_address_is_read() -> None:
    query = {
        EXPERIMENT: "demo",
        "n_layers": "4",
        "width": "128..256",
        "rate": "1e-4..1e-3",
        "schedule": "noam",
        "max.num_parameters": "45e6",
        "min.exact": "60",
    }
    read = read_question(query, SPACE, METRICS)
    assert read.problems == ()
    assert read.question == Question(
        {"n_layers": 4, "width": Range(128.0, 256.0), "rate": Range(1e-4, 1e-3), "schedule": "noam"},
        [Budget("num_parameters", "max", 45e6), Budget("exact", "min", 60.0)],
    )


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("n_layers", "13", "n_layers = 13 was not searched; it is 1 to 12"),
        ("n_layers", "2.5", "n_layers = 2.5 was not searched"),
        ("rate", "1..2", "reaches beyond what was searched"),
        ("schedule", "cosine", "schedule cannot be 'cosine'; it is linear or noam"),
        ("depth", "3", "depth is not searched, so it cannot be pinned; searched are n_layers (1 to 12)"),
        ("max.perplexity", "3", "no trial reports the metric 'perplexity'"),
        ("max.exact", "much", "is no budget; write METRIC=NUMBER"),
        ("rate", "", "pins nothing"),
    ],
)
def test_what_does_not_fit_is_left_out_and_told(name: str, value: str, told: str) -> None:
    read = read_question({name: value, "n_layers.": "2", "width": "256"}, SPACE, METRICS)
    assert read.question.pinned == {"width": 256}
    assert told in read.problems[0]
    assert len(read.problems) == 2


numbers = st.floats(1e-5, 0.123456789)
pins = st.fixed_dictionaries(
    {},
    optional={
        "n_layers": st.one_of(st.integers(1, 12), st.just(Range(2.0, 7.0))),
        "width": st.sampled_from([128, 256, 512]),
        "rate": st.one_of(numbers, st.tuples(numbers, numbers).map(lambda ends: Range(min(ends), max(ends)))),
        "schedule": st.sampled_from(["linear", "noam"]),
    },
)


@given(pins, st.floats(1.0, 1e9))
def test_an_address_restores_its_question(pinned: dict[str, Pin], limit: float) -> None:
    asked = Question(pinned, [Budget("num_parameters", "max", limit)])
    read = read_question(address("demo", asked), SPACE, METRICS)
    assert read.problems == ()
    assert read.question == asked


def test_numbers_are_as_short_as_they_can_be() -> None:
    assert [number_text(number) for number in (45e6, 0.1, 1e-5, 104174898)] == [
        *("45000000", "0.1", "1e-05", "104174898")
    ]
    assert pin_text(Range(2.0, 5.0)) == "2..5"


def test_settings_of_an_answer_are_pinned_in_six_digits_unless_they_lead_beyond_the_range() -> None:
    one = {"n_layers": 4, "width": 256, "rate": 0.0123456789, "schedule": "linear"}
    assert pinned_to(one, SPACE)["rate"] == "0.0123457"
    assert pinned_to(one | {"rate": 0.123456789}, SPACE)["rate"] == "0.123456789"


def test_a_configuration_is_pinned_whole() -> None:
    one = {"n_layers": 4, "width": 256, "rate": 1e-3, "schedule": "linear"}
    read = read_question(pinned_to(one, SPACE), SPACE, METRICS)
    assert read.question.pinned == one
