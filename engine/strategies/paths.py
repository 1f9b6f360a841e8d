"""Functions drawn from a Gaussian process's posterior, which cost next to nothing to evaluate and to differentiate."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from botorch.models.gp_regression import SingleTaskGP
from botorch.utils.sampling import draw_sobol_normal_samples
from torch import Tensor

from engine.strategies.marginals import rbf
from engine.strategies.processes import length_scales, noise_variances

FREQUENCIES = 512
"""Random Fourier features of the prior are as many sines and as many cosines."""


@dataclass(frozen=True, slots=True)
class Paths:
    """Posterior draws of one process as functions of a point.

    By Matheron's rule a draw of the prior plus the kernel's correction at the data is a draw of the posterior. The
    prior is approximated by random Fourier features, the correction is exact.

    Source: Wilson et al. 2020, "Efficiently sampling functions from Gaussian process posteriors", arXiv 2002.09309,
    equation 13.

    Attributes:
        mean: constant mean of the process.
        lengths: length scale of each column.
        data: encoded configurations, divided by the length scales, shape (trials, columns).
        weights: of the kernel at each trial, shape (trials, draws).
        frequencies: of the features, shape (columns, features).
        amplitudes: of sines and cosines, shape (2 * features, draws).
    """

    mean: float
    lengths: Tensor
    data: Tensor
    weights: Tensor
    frequencies: Tensor
    amplitudes: Tensor

    def __call__(self, points: Tensor) -> Tensor:
        """Values of every draw at points of shape (points, columns), as (draws, points)."""
        scaled = points / self.lengths
        values = self.mean + _features(scaled, self.frequencies) @ self.amplitudes
        return (values + rbf(scaled, self.data) @ self.weights).T


def draw(process: SingleTaskGP, count: int, seed: int) -> Paths:
    """Draw functions.

    Args:
        process: a fitted process with an RBF kernel and no transforms.
        count: how many functions.
        seed: of all randomness.
    """
    points, outcomes = process.train_inputs[0], process.train_targets
    lengths = torch.tensor(length_scales(process), dtype=points.dtype)
    mean = float(process.mean_module.constant.detach())
    columns = points.shape[-1]
    frequencies = draw_sobol_normal_samples(columns, FREQUENCIES, seed=seed).to(points).T
    generator = torch.Generator().manual_seed(seed)
    amplitudes = torch.randn(2 * FREQUENCIES, count, generator=generator, dtype=points.dtype)
    amplitudes *= math.sqrt(1 / FREQUENCIES)
    data = points / lengths
    noise = noise_variances(process)
    prior = mean + _features(data, frequencies) @ amplitudes
    errors = torch.randn(
        len(points), count, generator=generator, dtype=points.dtype
    ) * noise.sqrt().unsqueeze(-1)
    root = torch.linalg.cholesky(rbf(data, data) + noise.diag())
    weights = torch.cholesky_solve(outcomes.unsqueeze(-1) - prior - errors, root)
    return Paths(mean, lengths, data, weights, frequencies, amplitudes)


def _features(scaled: Tensor, frequencies: Tensor) -> Tensor:
    angles = scaled @ frequencies
    return torch.cat([angles.sin(), angles.cos()], dim=-1)
