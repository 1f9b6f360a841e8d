"""The evaluation against published figures, hand-worked cases, and a slow search over all thresholds."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import DatasetError
from engine.tasks.squad.loading import Answer, Question, load_squad
from engine.tasks.squad.scoring import calibrate, exact, f1, normalise, score


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The  Old\tMill", "old mill"),
        ("a an the", ""),
        ("Theatre anthem", "theatre anthem"),
        ("U.S.A.", "usa"),
        ("the-end", "theend"),
        ("«Élan» \u2013 naïve", "«élan» \u2013 naïve"),
        ("a—b", "—b"),
        ("the end", "end"),
        ("1,000.50", "100050"),
        ("  !?  ", ""),
    ],
)
def test_normalise(text: str, expected: str) -> None:
    assert normalise(text) == expected


@pytest.mark.parametrize(
    ("prediction", "golds", "expected_exact", "expected_f1"),
    [
        ("The Old Mill!", ["old mill"], 1, 1),
        ("old stone mill", ["old mill"], 0, 0.8),
        ("mill", ["river", "the old mill", "wind mill"], 0, 2 / 3),
        ("the the", ["x"], 0, 0),
        ("", [], 1, 1),
        ("the", [], 1, 1),
        ("x", [], 0, 0),
        ("", ["x"], 0, 0),
        ("", ["the", "!"], 1, 1),
        ("", ["the", "x"], 0, 0),
        ("x x y", ["x y y"], 0, 2 / 3),
        ("Ångström", ["ångström"], 1, 1),
        ("A\N{COMBINING RING ABOVE}", ["Å"], 0, 0),
    ],
)
def test_exact_and_f1(prediction: str, golds: list[str], expected_exact: float, expected_f1: float) -> None:
    assert exact(prediction, golds) == expected_exact
    assert f1(prediction, golds) == pytest.approx(expected_f1)


GOLDEN = {
    "bert_single_google": (78.742, 81.775, 74.106, 80.182, 83.364),
    "nlnet_single": (75.828, 78.778, 69.619, 75.528, 82.019),
    "bidaf_elmo": (65.704, 67.876, 61.420, 65.772, 69.975),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_published_predictions_give_the_published_scores(shared_data: Path, name: str) -> None:
    questions = load_squad(shared_data / "squad" / "dev-v2.0.json.gz").questions
    path = shared_data / "squad" / "reference_predictions" / f"dev-v2.0_{name}.json.gz"
    metrics = score(questions, json.loads(gzip.decompress(path.read_bytes()))).metrics
    keys = ("exact", "f1", "HasAns_exact", "HasAns_f1", "NoAns_exact")
    assert [round(metrics[key], 3) for key in keys] == list(GOLDEN[name])
    assert (metrics["total"], metrics["HasAns_total"], metrics["NoAns_total"]) == (11_873, 5_928, 5_945)


def has(identifier: str, text: str = "gold answer") -> Question:
    return Question(identifier, "?", text, (Answer(text, 0),))


def no(identifier: str) -> Question:
    return Question(identifier, "?", "context")


def test_worked_example() -> None:
    questions = [has("a"), has("b"), no("c"), no("d")]
    texts = {"a": "gold answer", "b": "gold", "c": "wrong", "d": "wrong"}
    odds = {"a": -3.0, "b": 2.0, "c": -1.0, "d": 1.0}
    scores = score(questions, texts, odds)
    expected = {
        "exact": 50.0,
        "f1": 50.0,
        "total": 4,
        "HasAns_exact": 50.0,
        "HasAns_f1": 50.0,
        "HasAns_total": 2,
        "NoAns_exact": 50.0,
        "NoAns_f1": 50.0,
        "NoAns_total": 2,
        "best_exact": 75.0,
        "best_exact_thresh": -3.0,
        "best_f1": 75.0,
        "best_f1_thresh": -3.0,
    }
    assert scores.metrics == expected
    assert scores.exact.tolist() == [1, 0, 0, 1]
    assert scores.standard_error["exact"] == pytest.approx(100 * np.std([1, 0, 0, 1], ddof=1) / 2)
    assert score(questions, texts, odds, threshold=2.0).f1.tolist() == pytest.approx([1, 2 / 3, 0, 0])
    assert score(questions, texts, odds, threshold=-1.0).exact.tolist() == [1, 0, 0, 1]
    assert calibrate(questions, texts, odds) == -2.0


def test_absent_subsets_and_odds_leave_their_names_out() -> None:
    assert set(score([has("a")], {"a": ""}).metrics) == {
        "exact", "f1", "total", "HasAns_exact", "HasAns_f1", "HasAns_total",
    }  # fmt: skip
    alone = score([no("a")], {"a": ""}, {"a": 1.0})
    assert "HasAns_exact" not in alone.metrics
    assert alone.metrics["best_exact"] == 100
    assert alone.standard_error == {"exact": 0, "f1": 0, "NoAns_exact": 0, "NoAns_f1": 0}


def test_missing_predictions_and_odds_are_refused() -> None:
    with pytest.raises(DatasetError, match="1 of 2 questions have no prediction, first 'b'"):
        score([has("a"), has("b")], {"a": ""})
    with pytest.raises(DatasetError, match="'b' has no finite null odds"):
        score([has("a"), has("b")], {"a": "", "b": ""}, {"a": 1.0, "b": float("nan")})
    with pytest.raises(DatasetError, match="no questions"):
        score([], {})
    with pytest.raises(DatasetError, match="no questions"):
        calibrate([], {}, {})


# Texts whose normalised form is empty only when they are: elsewhere the official walk and its own
# thresholded score disagree.
texts = st.sampled_from(["gold answer", "gold", "wrong", "the gold", ""])
case = st.tuples(st.booleans(), texts, st.sampled_from([-2.5, -1.0, -0.25, 0.0, 0.5, 1.0, 3.0]))
cases = st.lists(case, min_size=1, max_size=12)


def unpack(rows: list[tuple[bool, str, float]]) -> tuple[list[Question], dict[str, str], dict[str, float]]:
    questions = [has(str(n)) if answerable else no(str(n)) for n, (answerable, _, _) in enumerate(rows)]
    return (
        questions,
        {str(n): text for n, (_, text, _) in enumerate(rows)},
        {str(n): odds for n, (_, _, odds) in enumerate(rows)},
    )


def official_walk(rows: list[tuple[bool, str, float]], name: str) -> tuple[float, float]:
    """The best-threshold search in the words of the evaluation's description."""
    value = exact if name == "exact" else f1
    current = best = sum(not answerable for answerable, _, _ in rows)
    threshold = 0.0
    for answerable, text, odds in sorted(rows, key=lambda row: row[2]):
        if answerable:
            current += value(text, ["gold answer"])
        elif text:
            current -= 1
        if current > best + 1e-12:
            best, threshold = current, odds
    return 100 * best / len(rows), threshold


@given(cases, st.sampled_from(["exact", "f1"]))
def test_best_threshold_is_the_official_walk(rows: list[tuple[bool, str, float]], name: str) -> None:
    metrics = score(*unpack(rows)).metrics
    best, threshold = official_walk(rows, name)
    assert metrics[f"best_{name}"] == pytest.approx(best)
    assert metrics[f"best_{name}_thresh"] == threshold


@given(cases, st.sampled_from(["exact", "f1"]))
def test_calibration_finds_the_best_of_all_thresholds(
    rows: list[tuple[bool, str, float]], name: Literal["exact", "f1"]
) -> None:
    questions, best_texts, odds = unpack(rows)

    def at(threshold: float) -> float:
        return score(questions, best_texts, odds, threshold).metrics[name]

    threshold = calibrate(questions, best_texts, odds, name)
    candidates = [-100.0, *odds.values(), *(value - 0.01 for value in odds.values())]
    assert at(threshold) == pytest.approx(max(map(at, candidates)))
    assert threshold not in odds.values() or threshold == 0.0
    assert at(threshold) <= score(questions, best_texts, odds).metrics[f"best_{name}"] + 1e-9


@given(cases, st.floats(-4, 4))
def test_odds_only_decide_which_texts_are_blanked(
    rows: list[tuple[bool, str, float]], threshold: float
) -> None:
    questions, best_texts, odds = unpack(rows)
    final = {key: "" if odds[key] > threshold else text for key, text in best_texts.items()}
    left, right = score(questions, best_texts, odds, threshold), score(questions, final)
    assert right.metrics.items() <= left.metrics.items()
    np.testing.assert_array_equal(left.f1, right.f1)
    assert left.metrics["exact"] == pytest.approx(100 * left.exact.mean())
    assert left.metrics["exact"] <= left.metrics["f1"] + 1e-9


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([(True, "gold answer", 2.0)], 3.0),
        ([(True, "gold answer", -2.0)], 0.0),
        ([(False, "wrong", -2.0)], -3.0),
        ([(False, "wrong", 2.0)], 0.0),
        ([(True, "gold answer", -4.0), (False, "wrong", -1.0)], -2.5),
        ([(True, "gold answer", 1.0), (True, "wrong", 3.0), (False, "wrong", 9.0)], 2.0),
    ],
)
def test_calibrated_threshold_lies_between_observed_odds(
    rows: list[tuple[bool, str, float]], expected: float
) -> None:
    assert calibrate(*unpack(rows)) == expected


def test_calibration_separates_neighbouring_floats() -> None:
    low, high = 1.0, float(np.nextafter(1.0, 2.0))
    questions, best_texts, odds = unpack([(True, "gold answer", low), (False, "wrong", high)])
    threshold = calibrate(questions, best_texts, odds)
    assert score(questions, best_texts, odds, threshold).metrics["exact"] == 100
