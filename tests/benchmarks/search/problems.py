"""The problems of the search benchmarks by name."""

from __future__ import annotations

from collections.abc import Callable

from tests.benchmarks.search import continuous
from tests.benchmarks.search.large_student import large_student
from tests.benchmarks.search.problem import BenchmarkProblem
from tests.benchmarks.search.small_student import small_student

PROBLEMS: dict[str, Callable[[], BenchmarkProblem]] = {
    "student-8": small_student,
    "student-14": large_student,
    "branin-currin": continuous.branin_currin,
    "zdt2": continuous.zdt2,
    "vehicle-safety": continuous.vehicle_safety,
    "dtlz2": continuous.dtlz2,
}
