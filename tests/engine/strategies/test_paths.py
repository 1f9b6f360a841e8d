"""Functions drawn from a posterior agree with the posterior itself."""

from __future__ import annotations

import pytest
import torch

from engine.strategies.interface import SearchProblem
from engine.strategies.models import fit
from engine.strategies.paths import draw
from tests.engine.strategies.test_nehvi import EXACT, SQUARE, on_grid

POINTS = [{"x": x, "y": y} for x, y in ((0.05, 0.1), (0.5, 0.5), (0.2, 0.9), (0.8, 0.3))]


def test_moments_are_those_of_the_process() -> None:
    surrogate = fit(SearchProblem(SQUARE, (EXACT,)), on_grid())
    [process] = surrogate.processes
    points = surrogate.encode(POINTS)
    values = draw(process, 4096, seed=3)(points)
    with torch.no_grad():
        posterior = process.posterior(points)
    expected, variance = posterior.mean[:, 0], posterior.variance[:, 0]
    assert torch.allclose(values.mean(dim=0), expected, atol=0.03)
    assert torch.allclose(values.std(dim=0), variance.sqrt(), atol=0.03)
    covariance = torch.cov(values.T)
    assert torch.allclose(covariance, posterior.distribution.covariance_matrix, atol=0.03)


def test_the_same_seed_draws_the_same_functions() -> None:
    surrogate = fit(SearchProblem(SQUARE, (EXACT,)), on_grid())
    points = surrogate.encode(POINTS)
    first, second, other = (draw(surrogate.processes[0], 8, seed)(points) for seed in (1, 1, 2))
    assert torch.equal(first, second)
    assert not torch.allclose(first, other)


def test_a_gradient_is_that_of_the_function() -> None:
    surrogate = fit(SearchProblem(SQUARE, (EXACT,)), on_grid())
    path = draw(surrogate.processes[0], 2, seed=1)
    point = torch.tensor([[0.4, 0.6]], dtype=torch.double, requires_grad=True)
    [slope] = torch.autograd.grad(path(point)[0, 0], point)
    step = torch.tensor([[1e-6, 0.0]], dtype=torch.double)
    with torch.no_grad():
        difference = (path(point + step) - path(point - step))[0, 0] / 2e-6
    assert float(slope[0, 0]) == pytest.approx(float(difference), rel=1e-4)
