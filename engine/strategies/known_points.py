"""Known metrics as a function of encoded points, with a gradient where a continuous parameter moves them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from engine.parameters import Configuration
from engine.strategies.models import Surrogate

STEP = 1e-4
"""Step of the differences that stand for a gradient, as a share of the parameter's range."""

DIGITS = 12
"""Decimal places to which points are told apart."""


@dataclass(slots=True)
class KnownPoints:
    """Known metrics of points, on their scales.

    A point is only a row of numbers; which configuration its discrete columns stand for must have been said by
    ``remember``, which the optimiser does for every configuration it looks at.

    Attributes:
        surrogate: the models whose known metrics are meant.
    """

    surrogate: Surrogate
    _configurations: dict[bytes, Configuration] = field(default_factory=dict)
    _values: dict[bytes, list[float]] = field(default_factory=dict)

    def remember(self, configurations: Sequence[Configuration]) -> Tensor:
        """The configurations as points, shape (configurations, columns)."""
        points = self.surrogate.encoding.encode(configurations)
        for configuration, row in zip(configurations, points, strict=True):
            self._configurations.setdefault(self._key(row), configuration)
        return torch.as_tensor(points)

    def __call__(self, points: Tensor) -> Tensor:
        """Known metrics of points, shape (..., metrics), 0 for the learned ones."""
        if points.requires_grad and self._moving():
            found: Tensor = _Differentiable.apply(points, self)  # type: ignore[no-untyped-call]
            return found
        return self.values(points.detach())

    def values(self, points: Tensor) -> Tensor:
        """As a call, without a gradient."""
        rows = points.reshape(-1, points.shape[-1]).numpy()
        found = np.array([self._of(row) for row in rows])
        return torch.as_tensor(found).reshape(*points.shape[:-1], -1)

    def _of(self, row: Any) -> list[float]:  # noqa: ANN401 - a numpy row
        exact = row.round(DIGITS).tobytes()
        found = self._values.get(exact)
        if found is None:
            configuration = self._configurations[self._key(row)]
            moved = self.surrogate.encoding.moved(configuration, row.tolist())
            found = self.surrogate.known_scaled(moved)
            self._values[exact] = found
        return found

    def _key(self, row: Any) -> bytes:  # noqa: ANN401
        """What tells a point's discrete columns apart."""
        fixed = row.copy()
        fixed[list(self.surrogate.encoding.continuous)] = 0.0
        key: bytes = fixed.round(DIGITS).tobytes()
        return key

    def _moving(self) -> list[int]:
        """Continuous columns that known metrics may depend on."""
        known = self.surrogate.problem.known
        read = None if known is None else known.parameters
        continuous = self.surrogate.encoding.continuous
        return [column for column, name in continuous.items() if read is None or name in read]


class _Differentiable(torch.autograd.Function):
    """Values with forward differences (backward ones at the upper bound) as gradient."""

    @staticmethod
    def forward(ctx: Any, points: Tensor, known: KnownPoints) -> Tensor:  # noqa: ANN401
        ctx.known = known
        values = known.values(points.detach())
        ctx.save_for_backward(points, values)
        return values

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> tuple[Tensor, None]:  # noqa: ANN401
        points, values = ctx.saved_tensors
        known: KnownPoints = ctx.known
        result = torch.zeros_like(points)
        for column in known._moving():
            step = torch.where(points[..., column] + STEP <= 1.0, STEP, -STEP)
            moved = points.detach().clone()
            moved[..., column] += step
            slope = (known.values(moved) - values) / step.unsqueeze(-1)
            result[..., column] = (gradients[0] * slope).sum(dim=-1)
        return result, None
