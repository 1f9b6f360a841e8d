"""The middle of the space: where there is no reference configuration, the likeliest place to find one that works."""

from __future__ import annotations

import numpy as np

from engine.strategies.candidates import neighbours
from engine.strategies.interface import SearchProblem, Suggestion


def suggest(problem: SearchProblem) -> Suggestion | None:
    """The configuration in the middle of every range, or a legal one near it; None when there is none near."""
    space = problem.space
    middle = space.from_unit([0.5] * len(space.parameters))
    if problem.is_legal(middle):
        return Suggestion(middle, "centre", note="the middle of the space")
    near = neighbours(space, [middle], 1, set(), np.random.default_rng(problem.seed), problem.is_legal)
    return Suggestion(near[0], "centre", note="near the middle of the space") if near else None
