"""Textbook problems without noise, as BoTorch defines them with their reference points and largest hypervolumes."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from botorch.test_functions.multi_objective import DTLZ2, ZDT2, BraninCurrin, VehicleSafety
from botorch.test_functions.multi_objective import MultiObjectiveTestProblem as Function

from engine.metrics import Metric
from engine.parameters import FloatParameter, Value
from engine.space import SearchSpace
from tests.benchmarks.search.problem import BenchmarkProblem, SearchTask


def branin_currin() -> BenchmarkProblem:
    """Two objectives of 2 parameters."""
    return _problem("branin-currin", BraninCurrin())


def zdt2() -> BenchmarkProblem:
    """Two objectives of 6 parameters; the frontier lies on a face of the space."""
    return _problem("zdt2", ZDT2(dim=6))


def dtlz2() -> BenchmarkProblem:
    """Three objectives of 6 parameters; the frontier is a part of a sphere."""
    return _problem("dtlz2", DTLZ2(dim=6, num_objectives=3))


def vehicle_safety() -> BenchmarkProblem:
    """Three objectives of 5 parameters: mass, acceleration and intrusion of a car in a crash.

    The largest hypervolume is that of a published approximate frontier, so a little more than 100 % is possible.
    """
    return _problem("vehicle-safety", VehicleSafety())


def _problem(name: str, function: Function) -> BenchmarkProblem:
    """All objectives are minimised, as the functions are defined."""
    space = SearchSpace(
        {
            f"x{i}": FloatParameter(low=low, high=high)
            for i, (low, high) in enumerate(function.bounds.T.tolist())
        }
    )
    metrics = tuple(
        Metric(name=f"f{i}", direction="minimize", threshold=limit)
        for i, limit in enumerate(function.ref_point.tolist())
    )

    def true(configuration: Mapping[str, Value]) -> dict[str, float]:
        point = torch.tensor([[float(configuration[x]) for x in space.parameters]], dtype=torch.double)
        return {f"f{i}": value for i, value in enumerate(function.evaluate_true(point)[0].tolist())}

    return BenchmarkProblem(SearchTask(name, space, metrics), true, lambda: float(function.max_hv), noise={})
