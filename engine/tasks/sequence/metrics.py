"""Metrics of classification, regression and multiple-choice tasks, each with its standard error, in percent.

A score whose denominator is 0 (one class predicted throughout, constant predictions) is 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.tasks.bootstrap import FloatArray, IntArray, Measured, mean, of_sums, of_weights
from engine.tasks.sequence.records import Example
from engine.tasks.squad.scoring import exact, f1


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Answers of a model beside what is right, one row per example, or per question of multiple choice.

    Attributes:
        gold: The right class or value, shape (n,); 1 for a question.
        predicted: The predicted class or value, shape (n,); the label of the chosen candidate for a question.
        examples: The example, or the chosen candidate, of each row.
        classes: Number of classes; 1 for a regression.
    """

    gold: FloatArray
    predicted: FloatArray
    examples: Sequence[Example]
    classes: int

    def only(self, wanted: NDArray[np.bool_]) -> Judged:
        """The rows of a mask."""
        chosen = [item for item, kept in zip(self.examples, wanted, strict=True) if kept]
        return Judged(self.gold[wanted], self.predicted[wanted], chosen, self.classes)

    @property
    def subset(self) -> NDArray[np.str_]:
        """Subset of each row, shape (n,)."""
        return np.array([item.subset for item in self.examples], dtype=np.str_)

    @property
    def units(self) -> list[str]:
        """Names of the groups, in the order they come first."""
        return list(dict.fromkeys(item.unit for item in self.examples))

    @property
    def group(self) -> IntArray:
        """Number of the group of each row in ``units``, shape (n,)."""
        numbers = {name: number for number, name in enumerate(self.units)}
        return np.array([numbers[item.unit] for item in self.examples], dtype=np.int64)


Metric = Callable[[Judged], Measured | None]


def _accuracy(judged: Judged) -> Measured:
    return mean((judged.gold == judged.predicted).astype(np.float64), judged.group, judged.units)


def _of_subset(name: str) -> Metric:
    def accuracy(judged: Judged) -> Measured | None:
        wanted = judged.subset == name
        return _accuracy(judged.only(wanted)) if wanted.any() else None

    return accuracy


def _usual_accuracy(judged: Judged) -> Measured | None:
    """Accuracy on all but the mismatched examples, which MNLI reports by themselves."""
    wanted = judged.subset != "mismatched"
    return _accuracy(judged.only(wanted)) if wanted.any() else None


def _of_confusion(formula: Callable[[FloatArray], FloatArray]) -> Metric:
    """A metric of counts[..., gold, predicted]."""

    def metric(judged: Judged) -> Measured:
        size = judged.classes
        cells = np.zeros((len(judged.gold), size * size))
        place = (judged.gold * size + judged.predicted).astype(np.int64)
        cells[np.arange(len(place)), place] = 1
        return of_sums(cells, judged.group, lambda sums: formula(sums.reshape(-1, size, size)))

    return metric


def _class_f1(counts: FloatArray) -> tuple[FloatArray, FloatArray]:
    """F1 of each class, and in how many gold or predicted labels it occurs; both of shape (r, classes)."""
    right = np.diagonal(counts, axis1=1, axis2=2)
    occurs = counts.sum(axis=1) + counts.sum(axis=2)
    return _ratio(2 * right, occurs), occurs


def _positive_f1(counts: FloatArray) -> FloatArray:
    scores: FloatArray = _class_f1(counts)[0][:, -1]
    return scores


def _macro_f1(counts: FloatArray) -> FloatArray:
    """Mean over the classes that occur."""
    scores, occurs = _class_f1(counts)
    return _ratio(scores.sum(axis=1), (occurs > 0).sum(axis=1).astype(np.float64))


def _mcc(counts: FloatArray) -> FloatArray:
    """Matthews correlation for any number of classes (Gorodkin 2004, Comp. Biol. Chem. 28, R_K)."""
    total = counts.sum(axis=(1, 2))
    gold, predicted = counts.sum(axis=2), counts.sum(axis=1)
    right = np.trace(counts, axis1=1, axis2=2)
    above = right * total - (gold * predicted).sum(axis=1)
    below = (total**2 - (predicted**2).sum(axis=1)) * (total**2 - (gold**2).sum(axis=1))
    return _ratio(above, np.sqrt(below))


def _pearson(judged: Judged) -> Measured:
    x, y = judged.gold - judged.gold.mean(), judged.predicted - judged.predicted.mean()
    moments = np.stack([np.ones_like(x), x, y, x * x, y * y, x * y], axis=1)
    return of_sums(moments, judged.group, _correlation)


def _correlation(sums: FloatArray) -> FloatArray:
    n, x, y, xx, yy, xy = sums.T
    spread_x, spread_y = xx / n - (x / n) ** 2, yy / n - (y / n) ** 2
    # What rounding leaves of a constant's spread is no spread.
    spread_x = np.where(spread_x > 1e-12 * xx / n, spread_x, 0.0)
    spread_y = np.where(spread_y > 1e-12 * yy / n, spread_y, 0.0)
    return _ratio(xy / n - x * y / n**2, np.sqrt(spread_x * spread_y))


def _spearman(judged: Judged) -> Measured:
    def score(weights: FloatArray) -> FloatArray:
        x, y = _ranks(judged.gold, weights), _ranks(judged.predicted, weights)
        n = weights.sum(axis=1, keepdims=True)
        x, y = (
            x - (weights * x).sum(axis=1, keepdims=True) / n,
            y - (weights * y).sum(axis=1, keepdims=True) / n,
        )
        moments = [weights.sum(axis=1), *(np.sum(weights * z, axis=1) for z in (x, y, x * x, y * y, x * y))]
        return _correlation(np.stack(moments, axis=1))

    return of_weights(judged.group, score)


def _ranks(values: FloatArray, weights: FloatArray) -> FloatArray:
    """Mean ranks of values that count ``weights`` times each, shape (r, n)."""
    levels, level = np.unique(values, return_inverse=True)
    order = np.argsort(level, kind="stable")
    starts = np.searchsorted(level[order], np.arange(len(levels)))
    counts = np.add.reduceat(weights[:, order], starts, axis=1)
    ranks: FloatArray = (np.cumsum(counts, axis=1) - counts + (counts + 1) / 2)[:, level]
    return ranks


def _all_of_group(agrees: NDArray[np.bool_], judged: Judged) -> Measured:
    wrong = np.bincount(judged.group, weights=~agrees)
    return mean((wrong == 0).astype(np.float64), np.arange(len(wrong)), judged.units)


def _exact_questions(judged: Judged) -> Measured:
    return _all_of_group(judged.gold == judged.predicted, judged)


def _gender_parity(judged: Judged) -> Measured | None:
    """Pairs that differ in a pronoun's gender only and get the same answer."""
    if not all(item.group for item in judged.examples):
        return None
    group = judged.group
    first = judged.predicted[np.unique(group, return_index=True)[1]]
    return _all_of_group(judged.predicted == first[group], judged)


def _of_texts(function: Callable[[str, Sequence[str]], float]) -> Metric:
    def metric(judged: Judged) -> Measured:
        values = [function(item.candidate, item.golds) for item in judged.examples]
        return mean(np.array(values, dtype=np.float64), judged.group, judged.units)

    return metric


def _ratio(above: FloatArray, below: FloatArray) -> FloatArray:
    result: FloatArray = np.divide(above, below, out=np.zeros_like(below), where=below > 0)
    return result


CLASS_METRICS: Mapping[str, Metric] = {
    "accuracy": _usual_accuracy,
    "f1": _of_confusion(_positive_f1),
    "macro_f1": _of_confusion(_macro_f1),
    "mcc": _of_confusion(_mcc),
}
"""Metrics any classification task can report; ``f1`` is that of the last class and needs two classes."""

VALUE_METRICS: Mapping[str, Metric] = {"pearson": _pearson, "spearman": _spearman}
"""Metrics any regression can report."""

METRICS: Mapping[str, Metric] = {
    **CLASS_METRICS,
    **VALUE_METRICS,
    "mismatched_accuracy": _of_subset("mismatched"),
    "high_accuracy": _of_subset("high"),
    "middle_accuracy": _of_subset("middle"),
    "f1a": _of_confusion(_positive_f1),
    "em": _exact_questions,
    "exact": _of_texts(exact),
    "word_f1": _of_texts(f1),
    "gender_parity": _gender_parity,
}
"""All metrics by name; one gives None where the data it needs are missing."""
