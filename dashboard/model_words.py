"""How good a model is, in words."""

from __future__ import annotations

from engine.advice.predictability import UNPREDICTABLE

WELL = 0.5
"""Share of the variance from which a metric is predicted well."""

PREDICTS = "R\u00b2 is 1 for a model that is always right and 0 for one that always says the mean."


def quality_words(r_squared: float) -> str:
    """How well a metric is predicted, from the share of its variance that is explained in trials left out."""
    if r_squared >= WELL:
        return "predicted well"
    return "predicted roughly" if r_squared >= UNPREDICTABLE else "hardly predictable yet"
