"""Imports the program's own transformations, so that they are registered."""

from engine.agora.transformations import (
    crops,
    edits,
    exchanges,
    masked_replacement,
    negation,
    questions,
    synonyms,
)

__all__ = [
    "crops",
    "edits",
    "exchanges",
    "masked_replacement",
    "negation",
    "questions",
    "synonyms",
]
