"""Tables over runs: hypervolume at marks, trials to 90 per cent, and sign tests of ours against each peer."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from pathlib import Path

from scipy.stats import binomtest

from tests.benchmarks.search.methods import LABELS
from tests.benchmarks.search.runs import TrialLine, path_of, read

MARKS = (20, 30, 40, 60, 100)
PAIRED_MARKS = (20, 30, 40, 60)
GOAL = 90.0
"""Per cent of the attainable hypervolume that counts as having found the frontier."""
OURS = "ours"

Runs = dict[int, list[TrialLine]]
"""The trials of each seed."""


def tables(results: Path, problems: Sequence[str], methods: Sequence[str], seeds: int) -> str:
    """Both tables of every problem that has runs, in Markdown."""
    parts = []
    for problem in problems:
        found = {
            method: {
                seed: lines
                for seed in range(seeds)
                if (lines := read(path_of(results, problem, method, seed)))
            }
            for method in methods
        }
        found = {method: runs for method, runs in found.items() if runs}
        if found:
            parts.append(f"### {problem}\n\n{_quality(found)}")
        if OURS in found and len(found) > 1:
            parts.append(_signs(found))
    return "\n\n".join(parts)


def _quality(found: dict[str, Runs]) -> str:
    """Mean +- standard error of the share at each mark, the median trials to the goal, and the cost."""
    rows = [
        [
            "per cent of attainable",
            "seeds",
            *(f"N={mark}" for mark in MARKS),
            "to 90 %",
            "illegal",
            "failed",
            "CPU s",
        ]
    ]
    for method, runs in found.items():
        last = [lines[-1] for lines in runs.values()]
        rows.append(
            [
                LABELS[method],
                str(len(runs)),
                *(_mean(shares_at(runs, mark)) for mark in MARKS),
                _median([trials_to(lines, GOAL) for lines in runs.values()]),
                _share(runs, "illegal"),
                _share(runs, "failed"),
                f"{statistics.mean(line.seconds for line in last):.1f}",
            ]
        )
    return markdown(rows)


def _signs(found: dict[str, Runs]) -> str:
    """For each peer and mark: seeds won and lost by ours, and the two-sided p value."""
    rows = [["ours against (won-lost, p)", *(f"N={mark}" for mark in PAIRED_MARKS)]]
    for method in found:
        if method != OURS:
            pairs = [paired(found[OURS], found[method], mark) for mark in PAIRED_MARKS]
            rows.append(
                [LABELS[method], *(f"{won}-{lost}, {sign_test(won, lost):.3f}" for won, lost in pairs)]
            )
    return markdown(rows)


def shares_at(runs: Runs, mark: int) -> dict[int, float]:
    """Share after ``mark`` trials for each seed whose run is that long."""
    return {seed: lines[mark - 1].share for seed, lines in runs.items() if len(lines) >= mark}


def paired(ours: Runs, theirs: Runs, mark: int) -> tuple[int, int]:
    """Seeds on which ours is ahead after ``mark`` trials, and seeds on which it is behind."""
    left, right = shares_at(ours, mark), shares_at(theirs, mark)
    common = left.keys() & right.keys()
    return sum(left[seed] > right[seed] for seed in common), sum(left[seed] < right[seed] for seed in common)


def sign_test(won: int, lost: int) -> float:
    """Two-sided probability of a split at least as uneven when both are equally good; ties are left out."""
    return float(binomtest(won, won + lost).pvalue) if won + lost else 1.0


def trials_to(lines: Sequence[TrialLine], goal: float) -> float:
    """Trials until the share reaches the goal, infinite when it does not."""
    return next((float(line.number) for line in lines if line.share >= goal), math.inf)


def markdown(rows: Sequence[Sequence[str]]) -> str:
    """A table, the first row its head."""
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([lines[0], "|" + " --- |" * len(rows[0]), *lines[1:]])


def _mean(values: dict[int, float]) -> str:
    if not values:
        return "-"
    if len(values) == 1:
        return f"{next(iter(values.values())):.1f}"
    error = statistics.stdev(values.values()) / math.sqrt(len(values))
    return f"{statistics.mean(values.values()):.1f} ± {error:.1f}"


def _median(counts: Sequence[float]) -> str:
    middle = statistics.median(counts)
    return "-" if math.isinf(middle) else f"{middle:.0f}"


def _share(runs: Runs, state: str) -> str:
    """Trials in a state, in per cent of all."""
    states = [line.state for lines in runs.values() for line in lines]
    return f"{100 * states.count(state) / len(states):.0f} %"
