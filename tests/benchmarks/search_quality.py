"""Hypervolume against trials: this program's search beside its peers, on problems with a known answer.

``OMP_NUM_THREADS=1 python -m tests.benchmarks.search_quality --results DIR`` makes the runs that DIR lacks and prints
the tables; ``--methods ours`` makes ours alone, ``--tables`` makes none. Peers come with the extra ``peers``. Runs are
judged by the true metrics of the points they tried, and every trial counts, also those that fail or break a rule.
Ours never breaks one; how each peer is told of rules and failures is said where it is adapted.
"""

from __future__ import annotations

import argparse
import sys
import traceback
from itertools import product
from pathlib import Path

import torch

from tests.benchmarks.search.methods import METHODS
from tests.benchmarks.search.problems import PROBLEMS
from tests.benchmarks.search.runs import path_of, run, trials_of
from tests.benchmarks.search.tables import tables


def main() -> None:
    """Make runs, then print the tables; exits with 1 when a run failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=Path, required=True, help="folder of the runs, one file each")
    parser.add_argument("--problems", nargs="*", choices=PROBLEMS, default=list(PROBLEMS))
    parser.add_argument("--methods", nargs="*", choices=METHODS, default=list(METHODS))
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--trials", type=int, help="of each run; 100 for cheap methods and 60 for others")
    parser.add_argument("--tables", action="store_true", help="print the tables of the runs there are")
    options = parser.parse_args()
    torch.set_num_threads(1)
    failures = 0
    if not options.tables:
        # Seeds go outermost: an interrupted benchmark has whole seeds of all methods.
        for seed, name, method in product(range(options.seeds), options.problems, options.methods):
            try:
                run(
                    PROBLEMS[name](),
                    method,
                    seed,
                    options.trials or trials_of(method),
                    path_of(options.results, name, method, seed),
                )
            except Exception:  # noqa: BLE001 - a library that fails on one run must not end the benchmark
                failures += 1
                print(f"run failed: {name} {method} seed {seed}", file=sys.stderr)
                traceback.print_exc()
    print(tables(options.results, options.problems, options.methods, options.seeds))
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
