"""Whether what-if answers hold what they promise: intervals on held-out halves, and the chances of further trials.

Run from the repository: ``OMP_NUM_THREADS=1 python -m tests.benchmarks.whatif_coverage``. Each experiment is a number
of legal students of the invented surface, measured with noise; models see one half of them and predict the other;
``--home DIR --stored NAME ...`` does so with finished experiments. ``standard error`` says what a trial reports of the
noise: nothing, the truth, or a third of it (as when training itself adds more chance than the evaluation shows).
Coverage is the share of held-out outcomes inside their 90 % intervals, over all experiments; "80-97 %" is the share of
experiments whose own coverage lies in that range, which chance alone keeps many small ones from. Width is that of an
interval, in standard deviations of the outcomes.

The second table asks for the best configuration, with and without budgets, from whole experiments: how far its
prediction is above the truth on average, how often a new measurement of it is inside the interval, and how the
probabilities of the answers compare with how often the events were true (Brier score: their mean squared difference).
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np
import torch

from engine.metrics import Metric
from engine.parameters import Value
from engine.settings import Home
from engine.strategies import registry
from engine.strategies.interface import Observation, SearchProblem
from engine.strategies.known import KnownFunctions
from engine.strategies.sobol import legal_points
from engine.whatif.asking import answer, models_for
from engine.whatif.learning import Models
from engine.whatif.question import Budget, Question
from engine.whatif.stored import read_study, stored_study
from storage.store import Store
from tests.engine.strategies.student_surface import METRICS, SPACE, run, student

NOISE = 2.0
"""Standard deviation of a measured exact match about the surface."""

TIMING = 0.05
"""Relative standard deviation of a measured latency."""

REPORTED = {"none": None, "true": NOISE, "a third": NOISE / 3}
BASELINE: dict[str, Value] = {
    "learning_rate": 5e-5,
    "alpha": 0.5,
    "dropout": 0.1,
    "temperature": 3,
    "n_layers": 6,
    "n_heads": 12,
    "hidden_size": 768,
    "choice": "every other",
}


def latency(parameters: Mapping[str, Value]) -> float:
    """True latency in milliseconds."""
    return float(parameters["n_layers"]) * (float(parameters["hidden_size"]) / 256) ** 1.5


def problem_of(seed: int) -> SearchProblem:
    """The problem, with an exact size and a stored latency."""
    return SearchProblem(
        SPACE,
        (*METRICS, Metric(name="latency_ms", role="store")),
        seed=seed,
        known=KnownFunctions({"num_parameters": lambda one: student(one)["num_parameters"]}),
        baseline=BASELINE,
    )


def measure(random: np.random.Generator, parameters: Mapping[str, Value]) -> dict[str, float]:
    """A noisy measurement."""
    values = student(parameters)
    return {
        "exact": values["exact"] + NOISE * float(random.normal()),
        "num_parameters": values["num_parameters"],
        "latency_ms": latency(parameters) * float(np.exp(TIMING * random.normal())),
    }


def experiment(problem: SearchProblem, trials: int, design: str, reported: float | None) -> list[Observation]:
    """A finished experiment: students from all over the space, or those a search chooses."""
    random = np.random.default_rng(problem.seed)
    if design == "search":
        found = run(problem, partial(registry.suggest, "nehvi"), trials, partial(measure, random))
    else:
        points = legal_points(SPACE, problem.seed, 0, set(), problem.is_legal)
        found = [
            Observation(i + 1, one, "completed", measure(random, one))
            for i, one in enumerate([BASELINE, *islice(points, trials - 1)])
        ]
    if reported is None:
        return found
    return [
        Observation(one.number, one.parameters, "completed", one.metrics, {"exact": reported})
        for one in found
    ]


@dataclass(frozen=True)
class Held:
    """How the intervals of one experiment did.

    Attributes:
        inside: for each held-out outcome whether it was inside.
        width: mean width of an interval, in standard deviations of the outcomes.
    """

    inside: np.ndarray
    width: float


def held_out(models: Models, name: str, rest: list[Observation]) -> Held:
    """Intervals of trials the models have not seen."""
    means, deviations = models.predict([name], [dict(one.parameters) for one in rest])
    found = [
        models.estimate(name, float(m), float(d)) for m, d in zip(means[:, 0], deviations[:, 0], strict=True)
    ]
    outcomes = np.array([one.metrics[name] for one in rest])
    low, high = np.array([one.low for one in found]), np.array([one.high for one in found])
    return Held((low <= outcomes) & (outcomes <= high), float(np.mean(high - low)) / float(outcomes.std()))


def halves(seed: int, observations: list[Observation]) -> tuple[list[Observation], list[Observation]]:
    """Two random halves."""
    order = np.random.default_rng(1000 + seed).permutation(len(observations))
    middle = len(observations) // 2
    return [observations[i] for i in sorted(order[:middle])], [
        observations[i] for i in sorted(order[middle:])
    ]


def coverage(options: argparse.Namespace) -> None:
    """Print the table of coverages."""
    print(f"coverage of 90 % intervals on the held-out half, {options.seeds} experiments a line")
    print("design  standard error  trials  exact  80-97 %  width  widened  latency_ms  80-97 %  width")
    for design in options.designs:
        for name in options.reported:
            for trials in options.sizes:
                exact, slow, widened = [], [], []
                for seed in range(options.seeds):
                    problem = problem_of(seed)
                    shown, rest = halves(seed, experiment(problem, trials, design, REPORTED[name]))
                    models = models_for(problem, shown)
                    exact.append(held_out(models, "exact", rest))
                    slow.append(held_out(models, "latency_ms", rest))
                    widened.append(models.learned["exact"].reliability.widening)
                print(
                    f"{design:6s}  {name:14s}  {trials:6d}  {told(exact)}  {np.mean(widened):7.2f}  {told(slow, 10)}",
                    flush=True,
                )


def stored(options: argparse.Namespace) -> None:
    """Print coverages on held-out halves of finished experiments, over random halves."""
    print(f"coverage of 90 % intervals on held-out halves, {options.seeds} random halves an experiment")
    print("experiment            trials  metric          inside  80-97 %  width")
    with Store.open(Home(options.home).database) as store:
        studies = {name: read_study(stored_study(store, Home(options.home), name)) for name in options.stored}
    for name, (problem, observations) in studies.items():
        completed = [one for one in observations if one.state == "completed"]
        found: dict[str, list[Held]] = {}
        for seed in range(options.seeds):
            shown, rest = halves(seed, completed)
            models = models_for(problem, shown, options.metrics)
            for metric in models.learned:
                found.setdefault(metric, []).append(held_out(models, metric, rest))
        for metric, each in found.items():
            print(f"{name:20s}  {len(completed):6d}  {metric:14s}  {told(each, 6)}", flush=True)


def told(found: list[Held], wide: int = 5) -> str:
    """Coverage, share of experiments in the range, and width."""
    each = [float(one.inside.mean()) for one in found]
    within = np.mean([0.8 <= share <= 0.97 for share in each])
    width = np.mean([one.width for one in found])
    return f"{100 * np.concatenate([one.inside for one in found]).mean():{wide}.1f}  {100 * within:7.0f}  {width:5.2f}"


def chances(options: argparse.Namespace) -> None:
    """Print how predictions of the best, and the probabilities of the answers, compare with the truth."""
    print(
        "\nbest configuration, and probabilities said and true: the next trial, any of the next, and the shipped one"
    )
    print(
        "trials  best above truth  inside  next said  true  Brier  any said  true  Brier  baseline said  true  Brier"
    )
    for trials in options.sizes:
        rows = list(judged(options, trials))
        above, inside = (np.mean([row[kind] for row in rows]) for kind in ("above", "inside"))
        parts = [f"{trials:6d}  {above:16.1f}  {100 * inside:6.0f}"]
        for kind, wide in (("next", 9), ("any", 8), ("baseline", 13)):
            pairs = np.array([row[kind] for row in rows if kind in row])
            brier = np.mean((pairs[:, 0] - pairs[:, 1]) ** 2)
            parts.append(f"{pairs[:, 0].mean():{wide}.2f}  {pairs[:, 1].mean():4.2f}  {brier:5.3f}")
        print("  ".join(parts), flush=True)


def judged(options: argparse.Namespace, trials: int) -> Iterator[dict[str, float | tuple[float, float]]]:
    """What was said and what was true of single questions, with and without a budget."""
    for seed in range(options.seeds):
        problem, random = problem_of(seed), np.random.default_rng(2000 + seed)
        models = models_for(problem, experiment(problem, trials, options.designs[0], NOISE))
        for budgets in ((), (Budget("num_parameters", "max", 45e6),), (Budget("latency_ms", "max", 12.0),)):
            found = answer(models, Question({}, budgets))
            assert found.best is not None
            expected, true = found.best.estimates["exact"], student(found.best.parameters)["exact"]
            measured = true + NOISE * float(random.normal())
            row: dict[str, float | tuple[float, float]] = {
                "above": expected.mean - true,
                "inside": float(expected.low <= measured <= expected.high),
            }
            shipped = found.shipment
            if shipped is not None and shipped.beats_baseline is not None:
                is_better = student(shipped.parameters)["exact"] > student(BASELINE)["exact"]
                row["baseline"] = (shipped.beats_baseline, float(is_better))
            if shipped is not None and shipped.more is not None:
                now = student(shipped.parameters)["exact"] + shipped.more.margin
                better = [student(one)["exact"] > now and keeps(one, budgets) for one in shipped.more.chosen]
                row["next"] = (shipped.more.next, float(better[0]))
                row["any"] = (shipped.more.any, float(any(better)))
            yield row


def keeps(parameters: Mapping[str, Value], budgets: tuple[Budget, ...]) -> bool:
    """Whether a student truly keeps the budgets."""
    true = {**student(parameters), "latency_ms": latency(parameters)}
    return all(budget.keeps(true[budget.metric]) for budget in budgets)


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="*", default=[20, 40, 80])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--designs", nargs="*", choices=["sobol", "search"], default=["sobol"])
    parser.add_argument("--reported", nargs="*", choices=list(REPORTED), default=list(REPORTED))
    parser.add_argument("--home", type=Path, help="Home with finished experiments; with --stored.")
    parser.add_argument(
        "--stored", nargs="*", default=[], help="Finished experiments, instead of simulated ones."
    )
    parser.add_argument("--metrics", nargs="*", default=[], help="Their metrics, beside those they list.")
    parser.add_argument("--tables", nargs="*", choices=["coverage", "best"], default=["coverage", "best"])
    options = parser.parse_args()
    torch.set_num_threads(1)
    if options.stored:
        stored(options)
        return
    if "coverage" in options.tables:
        coverage(options)
    if "best" in options.tables:
        chances(options)


if __name__ == "__main__":
    main()
