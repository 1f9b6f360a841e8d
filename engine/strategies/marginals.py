"""Predictions of a Gaussian process point by point: exact, and without the covariance of all points with each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from botorch.models.gp_regression import SingleTaskGP
from torch import Tensor

from engine.strategies.processes import length_scales, noise_variances

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Marginals:
    """A process with its equations solved.

    Attributes:
        mean: constant mean of the process.
        lengths: length scale of each column.
        data: encoded configurations of the trials, divided by the length scales, shape (trials, columns).
        root: lower Cholesky factor of the covariance of all measurements, shape (trials, trials).
        weights: of the kernel at each trial, shape (trials,).
    """

    mean: float
    lengths: Tensor
    data: Tensor
    root: Tensor
    weights: Tensor

    def moments(self, points: Tensor) -> tuple[Array, Array]:
        """Mean and standard deviation of the true value at each point.

        Source: Rasmussen & Williams 2006, Gaussian Processes for Machine Learning, equations 2.25 and 2.26.

        Args:
            points: encoded configurations, shape (points, columns).

        Returns:
            Two arrays of shape (points,), on the process's scale.
        """
        cross = rbf(points / self.lengths, self.data)
        half = torch.linalg.solve_triangular(self.root, cross.T, upper=False)
        variances = (1.0 - half.square().sum(dim=0)).clamp_min(0.0)
        return (self.mean + cross @ self.weights).numpy(), variances.sqrt().numpy()


def solved(process: SingleTaskGP) -> Marginals:
    """Solve the equations of a fitted process with an RBF kernel of variance 1 and no transforms."""
    with torch.no_grad():
        points, outcomes = process.train_inputs[0], process.train_targets
        lengths = torch.tensor(length_scales(process), dtype=points.dtype)
        mean = float(process.mean_module.constant.detach())
        data = points / lengths
        root = torch.linalg.cholesky(rbf(data, data) + noise_variances(process).diag())
        weights = torch.cholesky_solve((outcomes - mean).unsqueeze(-1), root)[:, 0]
    return Marginals(mean, lengths, data, root, weights)


def rbf(left: Tensor, right: Tensor) -> Tensor:
    """RBF kernel of points divided by their length scales."""
    squares = left.square().sum(-1, keepdim=True) + right.square().sum(-1) - 2 * left @ right.T
    return torch.exp(-0.5 * squares.clamp_min(0.0))
