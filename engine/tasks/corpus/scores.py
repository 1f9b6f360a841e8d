"""Metrics of a masked-LM model from what it said of every hidden token."""

from __future__ import annotations

import math

import numpy as np

from engine.errors import DatasetError
from engine.tasks.bootstrap import grouped_mean
from engine.tasks.example_scores import by_group
from engine.tasks.interface import Outputs, Scores


def score_masked_lm(outputs: Outputs) -> Scores:
    """Accuracy, loss and perplexity at the hidden tokens; ``collapsed`` is 1 where every answer is the same word.

    The standard errors are those of ratios of sums over rows (Cochran, "Sampling Techniques", section 6.3), since the
    tokens of a row share its text and are not independent; that of the perplexity is exp(loss) times the loss's.

    Args:
        outputs: for every hidden token ``row``, ``answer``, ``correct`` and ``loss`` (cross-entropy in nats), see
            ``engine.distill.measuring.masked_lm_evaluation``.

    Raises:
        DatasetError: Nothing was hidden.
    """
    rows = outputs["row"]
    if not len(rows):
        raise DatasetError("no token of the evaluation text could be hidden; give more of it")
    numbers, row = np.unique(rows, return_inverse=True)
    names = [str(number) for number in numbers]
    figures = {
        "mlm_accuracy": outputs["correct"].astype(np.float64),
        "mlm_loss": outputs["loss"].astype(np.float64),
    }
    accuracy, accuracy_error = grouped_mean(figures["mlm_accuracy"], row)
    loss, loss_error = grouped_mean(figures["mlm_loss"], row)
    by_row = {name: by_group(names, values, row) for name, values in figures.items()}
    perplexity = math.exp(min(loss, 700.0))
    collapsed = float((outputs["answer"] == outputs["answer"][0]).all())
    metrics = {
        "mlm_accuracy": 100 * accuracy,
        "mlm_loss": loss,
        "perplexity": perplexity,
        "collapsed": collapsed,
    }
    if loss_error is None or accuracy_error is None:
        return Scores(metrics, {}, example_scores=by_row)
    errors = {
        "mlm_accuracy": 100 * accuracy_error,
        "mlm_loss": loss_error,
        "perplexity": perplexity * loss_error,
    }
    return Scores(metrics, errors, example_scores=by_row)
