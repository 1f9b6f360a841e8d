"""Seconds for one suggestion, and hypervolume against quasi-random search, on a synthetic student problem.

Run from the repository: ``OMP_NUM_THREADS=1 python -m tests.benchmarks.bench_suggestions``. Times are CPU
seconds of one thread, which other work on the machine disturbs little; hypervolumes are means and standard
deviations over seeds, in billions (exact points times parameters beyond the reference).
"""

from __future__ import annotations

import argparse
import statistics
import time
from functools import partial

import numpy as np

from engine.frontier import hypervolume
from engine.strategies import nehvi, registry
from engine.strategies.interface import Observation, SearchProblem, Suggestion
from tests.engine.strategies.student_surface import METRICS, REFERENCE, SPACE, run, student


def uniform(problem: SearchProblem, observations: list[Observation]) -> list[Suggestion]:
    """Plain random search by rejection, as a yardstick."""
    random = np.random.default_rng((problem.seed, len(observations)))
    while True:
        parameters = problem.space.from_unit(random.random(len(problem.space.parameters)).tolist())
        if problem.space.meets_rules(parameters):
            return [Suggestion(parameters, "random")]


def seconds_for_one(trials: int, noise: float, repeats: int) -> list[float]:
    """CPU seconds of ``repeats`` suggestions after ``trials`` quasi-random trials with noisy quality."""
    random = np.random.default_rng(0)

    def measure(parameters: dict[str, float | int | str]) -> dict[str, float]:
        values = student(parameters)
        return {**values, "exact": values["exact"] + noise * random.normal()}

    problem = SearchProblem(SPACE, METRICS, seed=1)
    seen = run(problem, partial(registry.suggest, "sobol"), trials, measure)
    times = []
    for repeat in range(repeats):
        start = time.process_time()
        nehvi.suggest(SearchProblem(SPACE, METRICS, seed=repeat), seen)
        times.append(time.process_time() - start)
    return times


def volumes(suggest: object, marks: list[int], seeds: int) -> dict[int, list[float]]:
    """Hypervolume at each mark for each seed."""
    found: dict[int, list[float]] = {mark: [] for mark in marks}
    for seed in range(seeds):
        trials = run(SearchProblem(SPACE, METRICS, seed=seed), suggest, max(marks))
        for mark in marks:
            values = {trial.number: trial.metrics for trial in trials[:mark]}
            found[mark].append(hypervolume(METRICS, values, REFERENCE) / 1e9)
    return found


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, nargs="*", default=[20, 50, 100, 200])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--marks", type=int, nargs="*", default=[10, 20, 30, 40])
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args()
    print("trials  CPU seconds for one suggestion (median, largest)")
    for trials in options.trials:
        times = seconds_for_one(trials, 0.5, options.repeats)
        print(f"{trials:6d}  {statistics.median(times):.2f}  {max(times):.2f}", flush=True)
    if options.seeds < 2:
        return
    print(f"hypervolume in billions after {options.marks} trials, {options.seeds} seeds")
    for name, suggest in (
        ("random", uniform),
        ("sobol", partial(registry.suggest, "sobol")),
        ("nehvi", partial(registry.suggest, "nehvi")),
    ):
        found = volumes(suggest, options.marks, options.seeds)
        figures = [f"{statistics.mean(v):.2f} +- {statistics.stdev(v):.2f}" for v in found.values()]
        print(f"{name:7s} {'   '.join(figures)}", flush=True)


if __name__ == "__main__":
    main()
