"""Boxes beyond a frontier hold exactly the hypervolume that a point adds."""

from __future__ import annotations

import moocore
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.strategies.cells import boxes


def gain(point: torch.Tensor, lower: torch.Tensor, upper: torch.Tensor) -> float:
    """Volume of the part of the boxes below a point."""
    return float((torch.minimum(point, upper) - lower).clamp_min(0.0).prod(dim=-1).sum())


@given(data=st.data(), objectives=st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_boxes_hold_the_gain(data: st.DataObject, objectives: int) -> None:
    random = np.random.default_rng(data.draw(st.integers(0, 10**6)))
    count = data.draw(st.integers(1, 8))
    outcomes = torch.as_tensor(random.normal(size=(2, count, objectives)))
    feasible = torch.as_tensor(random.random((2, count)) < 0.8)
    reference = torch.full((objectives,), -0.7, dtype=torch.double)
    lower, upper = boxes(outcomes, feasible, reference)
    new = torch.as_tensor(random.normal(size=objectives) + 0.3)
    for draw in range(2):
        front = outcomes[draw][feasible[draw]]
        before, after = (
            _volume(points, reference) for points in (front, torch.cat([front, new.unsqueeze(0)]))
        )
        assert gain(new, lower[draw], upper[draw]) == pytest.approx(after - before, abs=1e-9)


def _volume(points: torch.Tensor, reference: torch.Tensor) -> float:
    inside = points[(points > reference).all(dim=-1)]
    if len(inside) == 0:
        return 0.0
    if reference.shape[0] == 1:
        return float(inside.max() - reference[0])
    return float(moocore.hypervolume(-inside.numpy(), ref=-reference.numpy()))


def test_a_long_frontier_is_thinned() -> None:
    random = np.random.default_rng(0)
    points = torch.as_tensor(np.abs(random.normal(size=(200, 3))))
    sphere = (points / points.norm(dim=-1, keepdim=True)).unsqueeze(0)
    reference = torch.zeros(3, dtype=torch.double)
    lower, upper = boxes(sphere, torch.ones(1, 200, dtype=torch.bool), reference)
    assert lower.shape[1] < 1000
    everything = torch.full((3,), 1.2, dtype=torch.double)
    beyond = gain(everything, lower[0], upper[0])
    assert beyond == pytest.approx(1.2**3 - _volume(sphere[0], reference), rel=0.04)
