"""CPU seconds of one thread for a suggestion, ours and the peers' in one run, measured in a loop.

``OMP_NUM_THREADS=1 python -m tests.benchmarks.suggest_time`` loads finished random trials of the student problem with
8 parameters into each method and then asks and tells as a search does, with whatever the method keeps from one
suggestion to the next. The first steps after loading are shown apart: there a method has nothing to start from.
"""

from __future__ import annotations

import argparse
import statistics
import time

import torch

from tests.benchmarks.search.methods import LABELS, METHODS, start
from tests.benchmarks.search.problem import BenchmarkProblem
from tests.benchmarks.search.random_search import RandomSearch
from tests.benchmarks.search.runs import evaluate
from tests.benchmarks.search.small_student import small_student
from tests.benchmarks.search.tables import markdown

FIRST_STEPS = 2
"""Steps after loading that are shown apart; Ax makes its first one without a model."""

SLOW = ("ax", "botorch")
SLOW_FROM = 500
"""Methods that take minutes a step from this number of trials on; they get fewer steps."""


def seconds_of(method: str, problem: BenchmarkProblem, trials: int, steps: int) -> list[float]:
    """CPU seconds of each ask and tell after ``trials`` finished trials."""
    run = start(method, problem.task, 0)
    random = RandomSearch(problem.task, 1)
    for number in range(1, trials + 1):
        configuration = random.ask()
        run.add(configuration, evaluate(problem, configuration, 0, number)[1])
    seconds = []
    for number in range(trials + 1, trials + steps + 1):
        begin = time.process_time()
        configuration = run.ask()
        spent = time.process_time() - begin
        _, measured, _ = evaluate(problem, configuration, 0, number)
        begin = time.process_time()
        run.tell(configuration, measured)
        seconds.append(spent + time.process_time() - begin)
    return seconds


def main() -> None:
    """Print one table, a row for each method and number of trials, as they are measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--methods", nargs="*", choices=METHODS, default=list(METHODS))
    parser.add_argument("--trials", type=int, nargs="*", default=[100, 500, 1000])
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--slow-steps", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(1)
    problem = small_student()
    head = ["method", "trials", "steps", "median", "mean", "max", "first after loading"]
    print(markdown([head]), flush=True)
    for method in options.methods:
        for trials in options.trials:
            steps = options.slow_steps if method in SLOW and trials >= SLOW_FROM else options.steps
            seconds = seconds_of(method, problem, trials, FIRST_STEPS + steps)
            first, rest = seconds[:FIRST_STEPS], seconds[FIRST_STEPS:]
            row = [LABELS[method], str(trials), str(steps)]
            row += [f"{figure:.3f}" for figure in (statistics.median(rest), statistics.mean(rest), max(rest))]
            row += [", ".join(f"{figure:.2f}" for figure in first)]
            print(f"| {' | '.join(row)} |", flush=True)


if __name__ == "__main__":
    main()
