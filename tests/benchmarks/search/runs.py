"""Runs of a method on a problem with a seed, each kept in a file of its own so that a benchmark can be resumed."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from engine.parameters import Configuration
from tests.benchmarks.search.method import Method
from tests.benchmarks.search.methods import CHEAP, start
from tests.benchmarks.search.problem import BenchmarkProblem, Metrics

CHEAP_TRIALS = 100
MODEL_TRIALS = 60
"""Trials of a run of methods that cost next to nothing, and of those that fit models."""


@dataclass(frozen=True, slots=True)
class TrialLine:
    """One trial of a run, as a line of its file.

    Attributes:
        number: from 1.
        state: completed, failed, or illegal when the proposal broke a rule.
        parameters: the configuration.
        measured: what the method was told.
        true: noise-free metrics, by which it is judged.
        share: per cent of the attainable hypervolume covered by the true metrics of all trials so far.
        seconds: CPU seconds of all ``ask`` and ``tell`` so far.
    """

    number: int
    state: str
    parameters: Configuration
    measured: Metrics | None
    true: Metrics | None
    share: float
    seconds: float


def trials_of(method: str) -> int:
    """Trials of a full run."""
    return CHEAP_TRIALS if method in CHEAP else MODEL_TRIALS


def path_of(folder: Path, problem: str, method: str, seed: int) -> Path:
    """File of a run."""
    return folder / f"{problem}.{method}.{seed}.jsonl"


def read(path: Path) -> list[TrialLine]:
    """The trials of a run; empty when it has not been made."""
    if not path.exists():
        return []
    return [TrialLine(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def run(problem: BenchmarkProblem, method: str, seed: int, trials: int, path: Path) -> None:
    """Make a run unless the file holds one of at least as many trials; it is written when complete."""
    if len(read(path)) >= trials:
        return
    lines = play(problem, start(method, problem.task, seed), seed, trials)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text("".join(json.dumps(asdict(line)) + "\n" for line in lines), encoding="utf-8")
    part.replace(path)


def play(problem: BenchmarkProblem, method: Method, seed: int, trials: int) -> list[TrialLine]:
    """Ask and tell; the noise of a trial depends on the seed and its number alone, whatever the method."""
    lines: list[TrialLine] = []
    seen: dict[int, Metrics] = {}
    seconds = 0.0
    for number in range(1, trials + 1):
        begin = time.process_time()
        configuration = method.ask()
        seconds += time.process_time() - begin
        state, measured, true = evaluate(problem, configuration, seed, number)
        if true is not None:
            seen[number] = true
        begin = time.process_time()
        method.tell(configuration, measured)
        seconds += time.process_time() - begin
        lines.append(TrialLine(number, state, configuration, measured, true, problem.share(seen), seconds))
    return lines


def evaluate(
    problem: BenchmarkProblem, configuration: Configuration, seed: int, number: int
) -> tuple[str, Metrics | None, Metrics | None]:
    """State, measured metrics and true metrics of a trial."""
    if not problem.task.space.allows(configuration):
        return "illegal", None, None
    true = problem.true(configuration)
    if true is None:
        return "failed", None, None
    return "completed", problem.measure(configuration, np.random.default_rng((seed, number))), true
