"""Metrics of a masked-LM model from what it said of every hidden token."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import DatasetError
from engine.tasks.interface import Outputs, Scores


def score_masked_lm(outputs: Outputs) -> Scores:
    """Accuracy, loss and perplexity at the hidden tokens; ``collapsed`` is 1 where every answer is the same word.

    The standard errors are those of ratios of sums over rows (Cochran, "Sampling Techniques", section 6.3), since the
    tokens of a row share its text and are not independent; that of the perplexity is exp(loss) times the loss's.

    Args:
        outputs: for every hidden token ``row``, ``answer``, ``correct`` and ``loss`` (cross-entropy in nats), see
            ``engine.distill.masked_lm_evaluation``.

    Raises:
        DatasetError: Nothing was hidden.
    """
    rows = outputs["row"]
    if not len(rows):
        raise DatasetError("no token of the evaluation text could be hidden; give more of it")
    _, number, masks = np.unique(rows, return_inverse=True, return_counts=True)
    accuracy, accuracy_error = _ratio(np.bincount(number, outputs["correct"]), masks)
    loss, loss_error = _ratio(np.bincount(number, outputs["loss"]), masks)
    perplexity = math.exp(min(loss, 700.0))
    collapsed = float((outputs["answer"] == outputs["answer"][0]).all())
    metrics = {
        "mlm_accuracy": 100 * accuracy,
        "mlm_loss": loss,
        "perplexity": perplexity,
        "collapsed": collapsed,
    }
    if loss_error is None or accuracy_error is None:
        return Scores(metrics, {})
    errors = {
        "mlm_accuracy": 100 * accuracy_error,
        "mlm_loss": loss_error,
        "perplexity": perplexity * loss_error,
    }
    return Scores(metrics, errors)


def _ratio(sums: NDArray[Any], counts: NDArray[Any]) -> tuple[float, float | None]:
    """Ratio of the sums of rows, and its standard error; None of a single row."""
    ratio = float(sums.sum() / counts.sum())
    n = len(counts)
    if n < 2:
        return ratio, None
    spread = float(np.square(sums - ratio * counts).sum())
    return ratio, math.sqrt(spread * n / (n - 1)) / float(counts.sum())
