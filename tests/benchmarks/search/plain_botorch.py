"""BoTorch's qLogNEHVI in the loop of its tutorials: one Gaussian process a metric, a mixed optimiser, nothing more."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from functools import partial

import torch
from botorch.acquisition.multi_objective.logei import qLogNoisyExpectedHypervolumeImprovement
from botorch.acquisition.multi_objective.objective import IdentityMCMultiOutputObjective
from botorch.fit import fit_gpytorch_mll
from botorch.models import ModelListGP, SingleTaskGP
from botorch.models.transforms.input import NumericToCategoricalEncoding
from botorch.optim.optimize_mixed import optimize_acqf_mixed_alternating
from botorch.sampling.normal import SobolQMCNormalSampler
from gpytorch.mlls import SumMarginalLogLikelihood
from scipy.stats import qmc
from torch import Tensor

from engine.metrics import objectives
from engine.parameters import Configuration, configuration_key
from engine.space import SearchSpace
from tests.benchmarks.search.method import INITIAL, instead_of_failure
from tests.benchmarks.search.problem import Metrics, SearchTask
from tests.benchmarks.search.unit_cube import UnitCube

SAMPLES = 64
RESTARTS = 4
RAW_SAMPLES = 128
FIT_ITERATIONS = 75


class PlainBoTorch:
    """Starts with quasi-random points; what a failed trial did not measure is given the thresholds' values.

    The reference point and the constraints come from the thresholds. A proposal that breaks a rule, or has been
    made before, is replaced by the legal and new neighbour (one parameter moved) of highest acquisition.
    """

    def __init__(self, task: SearchTask, seed: int) -> None:
        warnings.simplefilter("ignore")
        self.task = task
        self.seed = seed
        self.cube = UnitCube(task.space)
        self.metrics = [
            *objectives(task.metrics),
            *(metric for metric in task.metrics if metric.role == "constrain"),
        ]
        self.initial = _quasi_random(task.space, seed)
        self.points: list[Configuration] = []
        self.outcomes: list[list[float]] = []

    def ask(self) -> Configuration:
        if len(self.points) < INITIAL:
            return next(self.initial)
        torch.manual_seed(self.seed * 1000 + len(self.points))
        acquisition = self._acquisition()
        best, _ = optimize_acqf_mixed_alternating(
            acquisition,
            bounds=torch.tensor(self.cube.bounds, dtype=torch.double),
            discrete_dims=self.cube.grids,
            cat_dims=self.cube.categories,
            q=1,
            raw_samples=RAW_SAMPLES,
            num_restarts=RESTARTS,
            options={"maxiter_alternating": 8, "batch_limit": 8, "init_batch_limit": 64},
        )
        return self._legal(acquisition, best[0])

    def tell(
        self, configuration: Configuration, metrics: Metrics | None, errors: Mapping[str, float] | None = None
    ) -> None:
        values = metrics or instead_of_failure(self.task, configuration)
        self.points.append(configuration)
        self.outcomes.append([metric.sign * values[metric.name] for metric in self.metrics])

    add = tell

    def _acquisition(self) -> qLogNoisyExpectedHypervolumeImprovement:
        points = torch.tensor([self.cube.encode(point) for point in self.points], dtype=torch.double)
        outcomes = torch.tensor(self.outcomes, dtype=torch.double)
        model = ModelListGP(
            *(
                SingleTaskGP(points, outcomes[:, i : i + 1], input_transform=self._one_hot())
                for i in range(len(self.metrics))
            )
        )
        fit_gpytorch_mll(
            SumMarginalLogLikelihood(model.likelihood, model),
            optimizer_kwargs={"options": {"maxiter": FIT_ITERATIONS}},
        )
        limits = [metric.sign * metric.threshold for metric in self.metrics]
        count = len(objectives(self.task.metrics))
        return qLogNoisyExpectedHypervolumeImprovement(
            model=model,
            ref_point=limits[:count],
            X_baseline=points,
            sampler=SobolQMCNormalSampler(torch.Size([SAMPLES]), seed=self.seed + len(self.points)),
            objective=IdentityMCMultiOutputObjective(outcomes=list(range(count))),
            constraints=[partial(_shortfall, i, limits[i]) for i in range(count, len(limits))] or None,
            prune_baseline=True,
        )

    def _one_hot(self) -> NumericToCategoricalEncoding | None:
        sizes = {column: len(values) for column, values in self.cube.categories.items()}
        if not sizes:
            return None
        return NumericToCategoricalEncoding(
            dim=len(self.task.space.parameters),
            categorical_features=sizes,
            encoders={column: partial(_encode, size) for column, size in sizes.items()},
        )

    def _legal(self, acquisition: qLogNoisyExpectedHypervolumeImprovement, best: Tensor) -> Configuration:
        taken = {configuration_key(configuration) for configuration in self.points}
        found = self.cube.decode(best.tolist())
        if self.task.space.meets_rules(found) and configuration_key(found) not in taken:
            return found
        moved = []
        for column, values in {**self.cube.grids, **self.cube.categories}.items():
            for value in values:
                point = best.clone()
                point[column] = value
                configuration = self.cube.decode(point.tolist())
                if (
                    self.task.space.meets_rules(configuration)
                    and configuration_key(configuration) not in taken
                ):
                    moved.append(point)
        if not moved:
            return found
        with torch.no_grad():
            values = acquisition(torch.stack(moved).unsqueeze(1))
        return self.cube.decode(moved[int(values.argmax())].tolist())


def _quasi_random(space: SearchSpace, seed: int) -> Iterator[Configuration]:
    """The legal points of a scrambled Sobol sequence."""
    sequence = qmc.Sobol(len(space.parameters), rng=seed)
    while True:
        configuration = space.from_unit(sequence.random()[0].tolist())
        if space.meets_rules(configuration):
            yield configuration


def _encode(size: int, codes: Tensor) -> Tensor:
    return torch.nn.functional.one_hot(codes.round().long(), size).double()


def _shortfall(output: int, limit: float, samples: Tensor) -> Tensor:
    return limit - samples[..., output]
