"""Claims in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.claims.comparison import Claim, Share, Smaller
from engine.claims.words import better_sentence, share_sentence, smaller_sentence
from engine.metric_words import duration, format_value, less, more, percent

SURE = Claim(
    kind="smaller",
    trial=23,
    quality="exact",
    cost="num_parameters",
    quality_value=67.1,
    cost_value=51.48e6,
    quality_gain=1.3,
    cost_saving=0.22,
    gain_interval=(0.1, 2.5),
    share_of_resamples=0.98,
    p_value=0.02,
    paired=True,
    seeds=None,
)
DOUBTFUL = replace(SURE, quality_gain=0.3, gain_interval=(-0.9, 1.5))


def smaller(found: Smaller) -> str:
    return smaller_sentence(found, "num_parameters")


def test_a_sure_claim() -> None:
    assert smaller(Smaller(SURE, (0.22, 0.251), 23, 7)) == (
        "22 % fewer parameters than the baseline at no loss, 90 % interval 22 to 25: trial 23, 51.5 M, exact 67.1 "
        "(+1.3, 90 % interval +0.1 to +2.5)"
    )


def test_a_doubtful_claim_says_so_and_names_what_is_sure() -> None:
    text = "22 % fewer parameters within the error of the baseline, 90 % interval"
    assert smaller(Smaller(DOUBTFUL, (0.0, 0.251), None, 7)).startswith(f"{text} 0 to 25: trial 23")
    assert smaller(Smaller(DOUBTFUL, (0.1, 0.251), 14, 7)) == (
        f"{text} 10 to 25: trial 23, 51.5 M, exact 67.1 (+0.3, 90 % interval -0.9 to +1.5); "
        "10 % at no loss with 95 % confidence: trial 14"
    )


def test_how_the_errors_came_about_is_said() -> None:
    assert "(+0.3, no standard errors)" in smaller(Smaller(replace(DOUBTFUL, gain_interval=None)))
    assert "at no loss" in smaller(Smaller(replace(DOUBTFUL, gain_interval=None)))
    alone = smaller(Smaller(replace(DOUBTFUL, paired=False, seeds=0.7), (0.0, 0.3)))
    assert "+1.5, errors taken as independent, seeds of training included)" in alone


@pytest.mark.parametrize(
    ("cost", "told"),
    [
        ("num_parameters", "fewer parameters"),
        ("train_flops", "fewer FLOPs of training"),
        ("latency_ms", "lower latency"),
        ("model_mb", "fewer megabytes"),
    ],
)
def test_nothing_found_names_the_cost(cost: str, told: str) -> None:
    assert smaller_sentence(Smaller(None), cost) == f"No trial so far matches the baseline with {told}."
    assert smaller_sentence(Smaller(None, (0.0, 0.31), None, 7), cost) == (
        f"No trial so far matches the baseline with {told}; trial 7 with 31 % {told} may, within its error."
    )


def test_better_at_equal_size() -> None:
    claim = replace(
        SURE, kind="better", quality_value=70.3, quality_gain=3.5, cost_saving=-1 / 66, cost_value=67e6
    )
    assert better_sentence(claim) == (
        "exact 70.3 (+3.5, 90 % interval +0.1 to +2.5) at 1.5 % more parameters compared with the baseline: "
        "trial 23, 67 M"
    )
    assert "at the same cost compared" in better_sentence(replace(claim, cost_saving=0.0))
    assert "within 5 % of its cost" in better_sentence(None)


def test_scores_up_to_one_have_three_decimals() -> None:
    claim = replace(
        DOUBTFUL, quality="f1", quality_value=0.812, quality_gain=0.012, gain_interval=(-0.01, 0.034)
    )
    assert "f1 0.812 (+0.012, 90 % interval -0.010 to +0.034)" in smaller(Smaller(claim, (0.0, 0.3)))


def test_share() -> None:
    told = "80 % of 40 other students have fewer parameters or a better exact than the baseline"
    assert share_sentence(Share(0.8, 40, (0.75, 0.851)), "exact", "num_parameters") == (
        f"{told}, 90 % interval 75 to 85."
    )
    for interval in (None, (0.8, 0.8)):
        assert share_sentence(Share(0.8, 40, interval), "exact", "num_parameters") == f"{told}."


def test_values_with_units() -> None:
    pairs = (("flops", 4.4e9), ("run_ms", 12345.0), ("model_mb", 25.0), ("num_parameters", 512.0))
    assert [format_value(*pair) for pair in pairs] == ["4.4 G", "12300 ms", "25 MB", "512"]
    assert [percent(share) for share in (0.22, 0.015, 0.0, 1.0)] == ["22 %", "1.5 %", "0 %", "100 %"]
    assert [duration(seconds) for seconds in (8.42, 31, 90, 5400, 2e5)] == [
        "8.4 s",
        "31 s",
        "1.5 min",
        "1.5 h",
        "2.3 d",
    ]
    assert (less("unheard_of"), more("unheard_of")) == ("lower unheard_of", "higher unheard_of")
