"""Compute to equal hypervolume with and without early stopping, simulated; and replays of real experiments.

Run from the repository::

    OMP_NUM_THREADS=1 python -m tests.benchmarks.early_stopping --results DIR --problem student-14 --strategy nehvi
    OMP_NUM_THREADS=1 python -m tests.benchmarks.early_stopping --home DIR --experiment NAME

A simulated search (see ``simulated_students``) without early stopping evaluates each student once, at its end, and has
``--compute`` trainings of a BERT of six layers and width 768 to spend. With early stopping it has as much. The ratio is
the compute after which the latter's completed students cover the hypervolume that the former reached, by the compute
the former took; it is above 1 where early stopping did harm, and counts as 2 where the hypervolume was not reached.
Hypervolume is that of noise-free metrics. Runs are kept in ``--results`` and not made again.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scipy.stats import binomtest

from engine.cli.early_stopping import replay_text
from engine.early_stopping.replaying import replay_experiment
from engine.evaluation_shares import evaluation_shares
from engine.settings import Home
from engine.spec_sections import EarlyStoppingSection
from storage.store import Store
from tests.benchmarks.search.problems import PROBLEMS
from tests.benchmarks.simulated_students import Search

NOT_REACHED = 2.0
"""Ratio of a run that did not reach the hypervolume with the compute that the other had in all."""

LEVELS = (0.9, 0.95, 1.0)
"""Shares of the hypervolume reached without early stopping."""


@dataclass(frozen=True, slots=True)
class Variant:
    """A way to search: settings of early stopping, and what the strategy learns from stopped trials."""

    name: str
    shares: tuple[float, ...]
    settings: EarlyStoppingSection
    teach: bool = True


@dataclass(frozen=True, slots=True)
class Run:
    """What became of a run: compute spent and share of hypervolume after every evaluation, and counts of trials."""

    history: list[tuple[float, float]]
    states: dict[str, int]
    resumed: int

    def reached(self, share: float) -> float:
        """Compute after which that share of hypervolume was covered; infinite if it never was."""
        return next((spent for spent, covered in self.history if covered >= share - 1e-9), math.inf)


def variants(evaluations: int, first: float, stop_below: float) -> Iterator[Variant]:
    """Without early stopping, with it, and with it while stopped trials teach nothing."""
    off, shares = EarlyStoppingSection(enabled=False), evaluation_shares(evaluations, first)
    on = EarlyStoppingSection(stop_below=stop_below, resume_above=min(1.0, stop_below + 0.2))
    yield Variant("without", (1.0,), off)
    yield Variant("with", shares, on)
    yield Variant("with, untaught", shares, on, teach=False)


def run(problem: str, strategy: str, variant: Variant, seed: int, compute: float, folder: Path) -> Run:
    """A run, made unless its file is there."""
    shares = "-".join(f"{share:.3g}" for share in variant.shares)
    name = f"{problem}.{strategy}.{variant.name}.{variant.settings.stop_below:g}.{shares}.{compute:g}.{seed}.json"
    path = folder / name.replace(", ", "-")
    if not path.exists():
        search = Search(
            PROBLEMS[problem](), strategy, seed, variant.settings, variant.shares, teach=variant.teach
        )
        history: list[tuple[float, float]] = []
        for spent, covered in search.run():
            history.append((spent, covered))
            if spent >= compute:
                break
        states: dict[str, int] = {}
        for trial in search.trials:
            states[trial.state] = states.get(trial.state, 0) + 1
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"history": history, "states": states, "resumed": search.resumed}))
    found = json.loads(path.read_text())
    return Run([(spent, covered) for spent, covered in found["history"]], found["states"], found["resumed"])


def ratios(without: list[Run], others: list[Run], level: float) -> list[float]:
    """Compute to equal hypervolume, by that without early stopping, one ratio a seed."""
    found = []
    for base, other in zip(without, others, strict=True):
        goal = level * base.history[-1][1]
        ratio = other.reached(goal) / base.reached(goal)
        found.append(min(NOT_REACHED, ratio))
    return found


def simulate(options: argparse.Namespace) -> None:
    """Make the runs and print the table."""
    made: dict[str, list[Run]] = {}
    chosen = list(variants(options.evaluations, options.first, options.stop_below))
    for seed in range(options.seeds):
        for variant in chosen:
            found = run(options.problem, options.strategy, variant, seed, options.compute, options.results)
            made.setdefault(variant.name, []).append(found)
    shares = ", ".join(f"{share:.2g}" for share in chosen[1].shares)
    print(
        f"{options.problem}, {options.strategy}, {options.seeds} seeds, compute {options.compute:g}, "
        f"stop_below {options.stop_below:g}, evaluations after {shares} of a training"
    )
    for name, runs in made.items():
        trials = statistics.mean(sum(one.states.values()) for one in runs)
        completed = statistics.mean(one.states.get("completed", 0) for one in runs)
        resumed = statistics.mean(one.resumed for one in runs)
        covered = [one.history[-1][1] for one in runs]
        print(
            f"{name:15s} trials {trials:.1f}, completed {completed:.1f}, resumed {resumed:.1f}; "
            f"hypervolume covered {statistics.mean(covered):.1f} +- {error(covered):.1f} %"
        )
    for name in list(made)[1:]:
        for level in LEVELS:
            print(f"{name:15s} {told(ratios(made['without'], made[name], level), level)}")


def told(found: list[float], level: float) -> str:
    """Mean ratio with its standard error, on the logarithm, and whether it is below 1 beyond chance."""
    logarithms = [math.log(ratio) for ratio in found]
    middle, spread = statistics.mean(logarithms), error(logarithms)
    better = sum(ratio < 1 for ratio in found)
    missed = sum(ratio >= NOT_REACHED for ratio in found)
    test = binomtest(better, len(found)).pvalue
    return (
        f"to {100 * level:.0f} % of the hypervolume: geometric mean {math.exp(middle):.2f} "
        f"({math.exp(middle - spread):.2f} to {math.exp(middle + spread):.2f}), median {statistics.median(found):.2f}, "
        f"below 1 in {better} of {len(found)} (sign test p {test:.2g}), not reached in {missed}"
    )


def error(values: list[float]) -> float:
    """Standard error of the mean."""
    return statistics.stdev(values) / math.sqrt(len(values)) if len(values) > 1 else 0.0


def replayed(options: argparse.Namespace) -> None:
    """Replay a complete experiment at several settings."""
    home = Home(options.home.absolute())
    with Store.open(home.database) as store:
        for stop_below in (0.02, 0.05, 0.1, 0.2, 0.3):
            changes = {"stop_below": stop_below, "resume_above": stop_below + 0.2}
            print(replay_text(replay_experiment(store, home, options.experiment, changes)), end="\n\n")


def main() -> None:
    """Simulate, or replay an experiment where one is named."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--problem", choices=("student-8", "student-14"), default="student-14")
    parser.add_argument("--strategy", choices=("sobol", "nehvi"), default="nehvi")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--compute", type=float, default=20.0)
    parser.add_argument("--evaluations", type=int, default=5)
    parser.add_argument("--first", type=float, default=1 / 16)
    parser.add_argument("--stop-below", type=float, default=0.1)
    parser.add_argument("--results", type=Path, default=Path("early-stopping-results"))
    parser.add_argument("--home", type=Path)
    parser.add_argument("--experiment")
    options = parser.parse_args()
    if options.experiment:
        replayed(options)
    else:
        simulate(options)


if __name__ == "__main__":
    main()
