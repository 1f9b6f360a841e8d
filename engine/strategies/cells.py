"""Boxes that make up what a frontier does not dominate, so that a gain in hypervolume is a sum over them."""

from __future__ import annotations

from collections.abc import Sequence

import moocore
import torch
from botorch.utils.multi_objective.box_decompositions.non_dominated import FastNondominatedPartitioning
from torch import Tensor

MAX_FRONT = 60
"""Points of a frontier in three or more objectives that boxes are made of, those that add most to the hypervolume; the
number of boxes, and the time to make them, grows faster than that of points."""


def boxes(outcomes: Tensor, feasible: Tensor, reference: Tensor) -> tuple[Tensor, Tensor]:
    """Lower and upper corners of the boxes beyond each draw's frontier, shape (draws, boxes, objectives) each.

    Draws with fewer boxes than others are filled up with empty ones. Upper corners may be infinite.

    Args:
        outcomes: objectives to be maximised, shape (draws, trials, objectives).
        feasible: whether each trial meets the constraints, shape (draws, trials).
        reference: point that has to be exceeded to count, shape (objectives,).
    """
    found = []
    counted = feasible & (outcomes > reference).all(dim=-1)
    for points, counts in zip(outcomes, counted, strict=True):
        some = points[counts]
        front = some[moocore.is_nondominated(some.numpy(), maximise=True)] if len(some) else some
        found.append(_beyond(front, reference))
    return _stacked([lower for lower, _ in found], 0.0), _stacked([upper for _, upper in found], 0.0)


def _beyond(front: Tensor, reference: Tensor) -> tuple[Tensor, Tensor]:
    match reference.shape[0]:
        case 1:
            lower = front.max(dim=0).values if len(front) else reference
            return lower.unsqueeze(0), torch.full_like(lower, torch.inf).unsqueeze(0)
        case 2:
            return _strips(front, reference)
        case _:
            partitioning = FastNondominatedPartitioning(ref_point=reference, Y=_thinned(front, reference))
            lower, upper = partitioning.get_hypercell_bounds()
            return lower, upper


def _thinned(front: Tensor, reference: Tensor) -> Tensor:
    if len(front) <= MAX_FRONT:
        return front
    added = moocore.hv_contributions(front.numpy(), ref=reference.numpy(), maximise=True)
    return front[torch.as_tensor(added).argsort(descending=True)[:MAX_FRONT]]


def _strips(front: Tensor, reference: Tensor) -> tuple[Tensor, Tensor]:
    """One strip between each two neighbours on the staircase and one beyond either end."""
    ordered = front[torch.argsort(front[:, 0])]
    edges = torch.cat([reference[:1], ordered[:, 0]])
    floors = torch.cat([ordered[:, 1], reference[1:]])
    infinite = torch.full_like(edges[:1], torch.inf)
    upper = torch.cat([edges[1:], infinite])
    return torch.stack([edges, floors], -1), torch.stack([upper, infinite.expand(len(edges))], -1)


def _stacked(corners: Sequence[Tensor], value: float) -> Tensor:
    most = max(len(some) for some in corners)
    return torch.stack(
        [torch.nn.functional.pad(some, (0, 0, 0, most - len(some)), value=value) for some in corners]
    )
