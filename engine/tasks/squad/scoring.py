"""The official SQuAD 2.0 evaluation, written from its description: exact match, F1, no-answer thresholds."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.errors import DatasetError
from engine.tasks.squad.records import Question

FloatArray = NDArray[np.float64]

ARTICLES = re.compile(r"\b(a|an|the)\b")
PUNCTUATION = str.maketrans("", "", string.punctuation)
# Distance kept from the outermost odds where the best threshold answers everything or nothing, in logits.
EDGE_MARGIN = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """Result of an evaluation.

    Attributes:
        metrics: The official names. ``exact``, ``f1``, ``HasAns_*``, ``NoAns_*``, ``best_exact`` and
            ``best_f1`` in percent; ``*total`` in questions; ``best_*_thresh`` in the units of the
            null odds. Names of an empty subset are left out, and the best-threshold figures where no
            odds were given.
        standard_error: Standard error of the mean over questions for each percentage except the best
            ones, in percent points. 0 for a single question.
        exact: Exact match of each question, 0 or 1, in the order of the questions.
        f1: F1 of each question in [0, 1], in the order of the questions.
    """

    metrics: dict[str, float]
    standard_error: dict[str, float]
    exact: FloatArray
    f1: FloatArray


def normalise(text: str) -> str:
    """Lower the case, delete ASCII punctuation, blank out the words a, an, the, and collapse white space."""
    return " ".join(ARTICLES.sub(" ", text.lower().translate(PUNCTUATION)).split())


def exact(prediction: str, golds: Sequence[str]) -> float:
    """Return 1 if the normalised prediction equals a normalised gold, else 0.

    Golds that normalise to nothing are left out; with none left, the gold is the empty string.
    """
    return float(normalise(prediction) in _normalised_golds(golds))


def f1(prediction: str, golds: Sequence[str]) -> float:
    """Return the best F1, in [0, 1], of the prediction's words against those of a gold, as multisets.

    With no words on one side F1 is 1 if there are none on the other side, else 0. Golds as in ``exact``.
    """
    words = normalise(prediction).split()
    return max(_word_f1(words, gold.split()) for gold in _normalised_golds(golds))


def _normalised_golds(golds: Iterable[str]) -> list[str]:
    return [gold for gold in map(normalise, golds) if gold] or [""]


def _word_f1(prediction: list[str], gold: list[str]) -> float:
    if not prediction or not gold:
        return float(prediction == gold)
    shared = (Counter(prediction) & Counter(gold)).total()
    if not shared:
        return 0.0
    precision, recall = shared / len(prediction), shared / len(gold)
    return 2 * precision * recall / (precision + recall)


def score(
    questions: Sequence[Question],
    predictions: Mapping[str, str],
    null_odds: Mapping[str, float] | None = None,
    threshold: float = 0.0,
) -> Scores:
    """Evaluate predictions.

    Args:
        questions: The questions; ids are unique.
        predictions: Text by question id. With ``null_odds`` the best non-empty text of each question,
            which is replaced by "" where the question's odds are above ``threshold``; without, the final
            text, where "" means "no answer".
        null_odds: By question id, how much the model prefers no answer (null score minus best span score).
        threshold: See ``predictions``; in the units of the odds.

    Raises:
        DatasetError: There is no question, or a question has no prediction or no finite odds.
    """
    raw_texts = _of_each(questions, predictions, "prediction")
    texts = raw_texts
    if null_odds is not None:
        odds = _odds_of_each(questions, null_odds)
        texts = ["" if odd > threshold else text for odd, text in zip(odds, raw_texts, strict=True)]
    exacts, f1s = _each(questions, texts, exact), _each(questions, texts, f1)
    metrics, errors = _summary(questions, exacts, f1s)
    if null_odds is not None:
        for name, function in (("exact", exact), ("f1", f1)):
            raw = _each(questions, raw_texts, function)
            metrics |= _official_best(questions, raw_texts, raw, odds, name)
    return Scores(metrics, errors, exacts, f1s)


def calibrate(
    questions: Sequence[Question],
    best_texts: Mapping[str, str],
    null_odds: Mapping[str, float],
    metric: Literal["exact", "f1"] = "exact",
) -> float:
    """Return the threshold that maximises a metric on held-back questions, to be applied to others.

    Every distinct outcome is tried: answering none, and answering those up to each of the sorted
    odds. A threshold lies half way between neighbouring odds, not on one, so that it does not hang on one
    question; answering all or none puts it ``EDGE_MARGIN`` beyond the outermost odds, or at 0 if 0 lies
    farther out. Among equally good outcomes the threshold nearest 0 is taken, the negative one of two.

    Args:
        questions: The held-back questions; never those the result is reported on.
        best_texts: The best non-empty text by question id.
        null_odds: Null score minus best span score by question id.
        metric: What to maximise.

    Raises:
        DatasetError: There is no question, or a question has no prediction or no finite odds.
    """
    texts = _of_each(questions, best_texts, "prediction")
    odds = _odds_of_each(questions, null_odds)
    function = exact if metric == "exact" else f1
    gain = _each(questions, texts, function) - _each(questions, [""] * len(texts), function)
    levels, group = np.unique(odds, return_inverse=True)
    totals = np.concatenate([[0.0], np.cumsum(np.bincount(group, weights=gain, minlength=len(levels)))])
    middle = levels[:-1] + (levels[1:] - levels[:-1]) / 2
    middle = np.where(middle < levels[1:], middle, levels[:-1])
    none, everything = min(levels[0] - EDGE_MARGIN, 0.0), max(levels[-1] + EDGE_MARGIN, 0.0)
    thresholds = np.concatenate([[none], middle, [everything]])
    # Sums of F1 in a different order differ in the last bits; such outcomes are equally good.
    best = thresholds[totals >= totals.max() - 1e-9]
    return float(best[np.argmin(np.abs(best))])


def _official_best(
    questions: Sequence[Question], texts: Sequence[str], raw: FloatArray, odds: FloatArray, name: str
) -> dict[str, float]:
    """Walk the questions from the surest answer on, as the official script does, and keep the best sum.

    As there: the threshold is 0 if answering nothing is best, and the walk can stop between questions of
    equal odds, which no threshold can. ``calibrate`` does neither.
    """
    answerable = np.array([item.answerable for item in questions])
    given = np.array([bool(text) for text in texts])
    change = np.where(answerable, raw, np.where(given, -1.0, 0.0))
    order = np.argsort(odds, kind="stable")
    sums = np.count_nonzero(~answerable) + np.concatenate([[0.0], np.cumsum(change[order])])
    best = int(np.argmax(sums))
    return {
        f"best_{name}": 100.0 * float(sums[best]) / len(questions),
        f"best_{name}_thresh": float(odds[order[best - 1]]) if best else 0.0,
    }


def _summary(
    questions: Sequence[Question], exacts: FloatArray, f1s: FloatArray
) -> tuple[dict[str, float], dict[str, float]]:
    answerable = np.array([item.answerable for item in questions])
    subsets = {"": np.ones_like(answerable), "HasAns_": answerable, "NoAns_": ~answerable}
    metrics: dict[str, float] = {}
    errors: dict[str, float] = {}
    for prefix, mask in subsets.items():
        if not mask.any():
            continue
        for name, values in (("exact", exacts[mask]), ("f1", f1s[mask])):
            metrics[prefix + name] = 100.0 * float(values.mean())
            errors[prefix + name] = _standard_error(values)
        metrics[f"{prefix}total"] = int(mask.sum())
    return metrics, errors


def _standard_error(values: FloatArray) -> float:
    return 100.0 * float(values.std(ddof=1)) / len(values) ** 0.5 if len(values) > 1 else 0.0


def _each(
    questions: Sequence[Question], texts: Sequence[str], function: Callable[[str, Sequence[str]], float]
) -> FloatArray:
    values = [
        function(text, [answer.text for answer in item.answers])
        for item, text in zip(questions, texts, strict=True)
    ]
    return np.array(values, dtype=np.float64)


def _of_each(questions: Sequence[Question], values: Mapping[str, str], what: str) -> list[str]:
    if not questions:
        raise DatasetError("there are no questions to score; check the evaluation part of the dataset")
    missing = [item.id for item in questions if item.id not in values]
    if missing:
        raise DatasetError(
            f"{len(missing)} of {len(questions)} questions have no {what}, first {missing[0]!r}; "
            "decode the logits of the same questions"
        )
    return [values[item.id] for item in questions]


def _odds_of_each(questions: Sequence[Question], null_odds: Mapping[str, float]) -> FloatArray:
    odds = np.array([null_odds.get(item.id, np.nan) for item in questions], dtype=np.float64)
    if not np.isfinite(odds).all():
        first = questions[int(np.argmin(np.isfinite(odds)))].id
        raise DatasetError(
            f"question {first!r} has no finite null odds ({null_odds.get(first)}); "
            "decode the logits of the same questions"
        )
    return odds
