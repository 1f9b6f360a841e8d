"""Predictions point by point are those of the whole posterior."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.strategies.marginals import solved
from engine.strategies.processes import Memory, fitted


@pytest.mark.parametrize("known_noise", [False, True])
def test_moments_are_those_of_the_process(known_noise: bool) -> None:
    random = np.random.default_rng(0)
    points = torch.as_tensor(random.random((25, 3)))
    outcomes = 1.3 * torch.sin(6 * points[:, 0]) + 0.1 * torch.as_tensor(random.standard_normal(25))
    noise = torch.full_like(outcomes, 0.02) if known_noise else None
    process, _ = fitted("score", points, outcomes, noise, Memory())
    process.eval()
    asked = torch.as_tensor(random.random((40, 3)))
    with torch.no_grad():
        posterior = process.posterior(torch.cat([asked, points[:5]]))
    means, deviations = solved(process).moments(torch.cat([asked, points[:5]]))
    assert means == pytest.approx(posterior.mean[:, 0].numpy(), abs=1e-6)
    assert deviations == pytest.approx(posterior.variance[:, 0].sqrt().numpy(), rel=1e-4)
