"""The acquisition function: known metrics are exact in it, and it agrees with BoTorch's on what both can do."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from botorch.acquisition.multi_objective.logei import qLogNoisyExpectedHypervolumeImprovement
from botorch.models.model_list_gp_regression import ModelListGP
from botorch.sampling.normal import SobolQMCNormalSampler

from engine.distill.students.architecture import Architecture, flops, num_parameters
from engine.distill.students.sizes import StudentSizes
from engine.metrics import Metric
from engine.parameters import FloatParameter, IntegerParameter
from engine.space import SearchSpace
from engine.spec_sections import StudentSection
from engine.strategies.acquisition import improvement, reference
from engine.strategies.interface import Observation, SearchProblem
from engine.strategies.known import KnownFunctions
from engine.strategies.known_points import KnownPoints
from engine.strategies.models import fit
from tests.engine.strategies.test_nehvi import EXACT, SIZE, SQUARE, on_grid

TEACHER = Architecture("bert", 12, 12, 768, 3072, 12, 30522, 512, 2)
SIZES = StudentSizes(teacher=TEACHER, section=StudentSection(), fixed={}, length=384)
PARAMETERS = Metric(name="num_parameters", direction="minimize")
FLOPS = Metric(name="flops", direction="minimize")
SHAPES = SearchSpace(
    {
        "n_layers": IntegerParameter(low=1, high=20),
        "n_heads": IntegerParameter(low=1, high=12),
        "hidden_size": IntegerParameter(low=64, high=768),
        "alpha": FloatParameter(low=0, high=1),
    }
)


def shaped_trials(count: int) -> list[Observation]:
    random = np.random.default_rng(0)
    made: list[Observation] = []
    while len(made) < count:
        parameters = SHAPES.from_unit(random.random(4).tolist())
        sizes = SIZES.values(parameters)
        if sizes is not None:
            values = {**sizes, "exact": float(parameters["n_layers"]) + random.normal()}
            made.append(Observation(len(made) + 1, parameters, "completed", values))
    return made


def test_sizes_in_the_acquisition_equal_the_formula() -> None:
    """At every point, in every draw, with no model in between."""
    trials = shaped_trials(12)
    problem = SearchProblem(SHAPES, (EXACT, PARAMETERS, FLOPS), known=SIZES)
    surrogate = fit(problem, trials)
    assert [surrogate.metrics[i].name for i in surrogate.learned] == ["exact"]
    known = KnownPoints(surrogate)
    shapes = [trial.parameters for trial in shaped_trials(60)]
    exact = known(known.remember([dict(shape) for shape in shapes]))
    for row, shape in zip(exact.tolist(), shapes, strict=True):
        architecture = Architecture(
            "bert",
            int(shape["n_layers"]),
            int(shape["n_heads"]),
            int(shape["hidden_size"]),
            3072,
            int(shape["hidden_size"]) // 64,
            30522,
            512,
            2,
        )
        assert float(surrogate.scales[1].back(np.asarray(row[1]))) == pytest.approx(
            num_parameters(architecture)
        )
        assert float(surrogate.scales[2].back(np.asarray(row[2]))) == pytest.approx(flops(architecture, 384))
    predictions = surrogate.predict(shapes)
    assert (predictions.deviations[:, 1:] == 0).all()
    assert predictions.means[:, 1] == pytest.approx([SIZES.values(s)["num_parameters"] for s in shapes])  # type: ignore[index]


def test_a_known_function_has_a_gradient() -> None:
    problem = SearchProblem(
        SQUARE, (EXACT, SIZE), known=KnownFunctions({"size": lambda p: 100 * float(p["x"]) ** 2})
    )
    surrogate = fit(problem, on_grid())
    known = KnownPoints(surrogate)
    for x in (0.3, 1.0):
        points = known.remember([{"x": x, "y": 0.5}]).requires_grad_()
        [slope] = torch.autograd.grad(known(points)[0, 1], points)
        expected = -200 * x / surrogate.scales[1].deviation
        assert slope[0].tolist() == pytest.approx([expected, 0.0], rel=1e-3, abs=1e-6)


def test_it_agrees_with_botorch() -> None:
    """The same expectation estimated from other draws: the best points are the same, values are near."""
    problem = SearchProblem(SQUARE, (EXACT, SIZE))
    surrogate = fit(problem, on_grid())
    known = KnownPoints(surrogate)
    ours = improvement(surrogate, known, [], seed=1)
    theirs = qLogNoisyExpectedHypervolumeImprovement(
        model=ModelListGP(*surrogate.processes),
        ref_point=reference(surrogate.outcomes, [None, None], 2),
        X_baseline=surrogate.points,
        sampler=SobolQMCNormalSampler(torch.Size([512]), seed=1),
        prune_baseline=False,
    )
    points = known.remember([{"x": x, "y": y} for x in np.linspace(0, 1, 9) for y in np.linspace(0, 1, 9)])
    with torch.no_grad():
        mine, other = ours(points), theirs(points.unsqueeze(1))
    best = torch.topk(other, 15).indices
    assert float((mine[best] - other[best]).abs().mean()) < 0.3
    assert float(torch.corrcoef(torch.stack([mine.exp(), other.exp()]))[0, 1]) > 0.97


def test_a_pending_trial_takes_the_gain_away_from_its_place() -> None:
    surrogate = fit(SearchProblem(SQUARE, (EXACT, SIZE)), on_grid())
    known = KnownPoints(surrogate)
    place = {"x": 0.5, "y": 0.55}
    points = known.remember([place])
    with torch.no_grad():
        without = improvement(surrogate, known, [], seed=1)(points)
        pending = improvement(surrogate, known, [place], seed=1)(points)
    assert float(pending) < float(without) - 1.0
