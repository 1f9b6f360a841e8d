"""How often claims hold: synthetic experiments with a known truth, the interval of every claim against it.

Run it with ``python -m tests.benchmarks.claims_coverage [--repetitions 200]``. Each repetition draws new students,
new questions and new answers. Intervals are meant to hold in at least 90 % of them (two standard errors of that
share are 4 points at 200 repetitions). Indented rows show what the usual ways would have given.
"""

from __future__ import annotations

import argparse
from collections import defaultdict

import numpy as np

from engine.claims.comparison import better_at_equal_cost, better_or_smaller, smaller_at_no_loss
from engine.claims.evidence import Evidence
from engine.claims.gains import gains
from engine.claims.membership import membership
from engine.measured import NORMAL_95
from tests.engine.claims.known_truth import COST, QUALITY, World, observe, world

SCENARIOS = (
    # trials, questions, repeats of each configuration, standard deviation over seeds, correctness by question
    (12, 200, 1, 0.0, True),
    (60, 200, 1, 0.0, True),
    (60, 2000, 1, 0.0, True),
    (200, 2000, 1, 0.0, True),
    (60, 2000, 1, 0.0, False),
    (20, 2000, 3, 1.5, True),
)
Row = tuple[bool, float]
"""Whether an interval held, and how wide it was."""


def claimed(truth: World, evidence: Evidence, paired: dict) -> dict[str, Row]:
    """Each claim's interval against the truth."""
    rows: dict[str, Row] = {}
    smaller = smaller_at_no_loss(evidence, QUALITY, COST, paired)
    if smaller.saving is not None:
        rows["saving at no loss"] = _row(smaller.saving, truth.best_saving)
        rows["  redone in each resample"] = _row(_redone(truth, evidence), truth.best_saving)
        if smaller.confident is not None:
            gain = truth.gain[smaller.confident - 1]
            rows["named at no loss with confidence"] = (bool(gain >= 0), smaller.saving[0])
    for name, claim in (
        ("gain of the smaller", smaller.claim),
        ("gain of the better", better_at_equal_cost(evidence, QUALITY, COST, paired)),
    ):
        if claim is not None and claim.gain_interval is not None:
            true = truth.gain[claim.trial - 1]
            rows[name] = _row(claim.gain_interval, true)
            rows["  as if not picked out" + name.removeprefix("gain of")] = _row(
                _plain(evidence, claim.trial), true
            )
            if claim.kind == "smaller":
                rows["resamples at no loss / truly"] = (bool(true >= 0), claim.share_of_resamples or 0.0)
    share = better_or_smaller(evidence, QUALITY, COST)
    if share is not None and share.interval is not None:
        rows["share better or smaller"] = _row(share.interval, truth.share)
    return rows


def _row(interval: tuple[float, float], true: float) -> Row:
    low, high = interval
    # Shares and savings are given in steps; an end that is met exactly holds.
    return bool(low - 1e-9 <= true <= high + 1e-9), high - low


def _redone(truth: World, evidence: Evidence) -> tuple[float, float]:
    """Quantiles of the saving when the choice is redone in each resample: the plain bootstrap."""
    draws = evidence.spreads[QUALITY].draws
    chosen = np.where((draws >= draws[:, :1]) & (truth.saving > 0), truth.saving, 0.0).max(axis=1)
    low, high = np.quantile(chosen, (0.05, 0.95))
    return float(low), float(high)


def _plain(evidence: Evidence, number: int) -> tuple[float, float]:
    """The interval of one pair, as if it had been named beforehand."""
    found = gains(evidence, QUALITY)
    assert found is not None
    place = evidence.place(number)
    reach = NORMAL_95 * found.errors[place]
    return float(found.values[place] - reach), float(found.values[place] + reach)


def run(repetitions: int, seed: int) -> None:
    """Print a table for each scenario."""
    for trials, questions, repeats, deviation, paired in SCENARIOS:
        rng = np.random.default_rng(seed)
        rows: dict[str, list[Row]] = defaultdict(list)
        told: list[tuple[float, bool]] = []
        for _ in range(repetitions):
            truth = world(rng, trials, repeats)
            evidence, matrices = observe(rng, truth, questions, deviation, paired)
            for name, row in claimed(truth, evidence, matrices).items():
                rows[name].append(row)
            if repeats == 1:
                probabilities = membership(evidence)
                told += [
                    (probabilities[number], bool(truth.frontier[number - 1])) for number in evidence.numbers
                ]
        print(
            f"\n{trials} configurations x {repeats}, {questions} questions, "
            f"{'paired' if paired else 'independent errors'}, seeds {deviation:g} points"
        )
        for name, found in rows.items():
            held, width = np.array(found, dtype=float).T
            print(f"  {name:34s} n {len(found):4d}  holds {held.mean():.3f}  mean width {width.mean():.3f}")
        if told:
            _reliability(told)


def _reliability(told: list[tuple[float, bool]]) -> None:
    """Frontier membership as told, against how often it was true."""
    probability, true = np.array(told, dtype=float).T
    edges = np.array([0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0])
    place = np.clip(np.searchsorted(edges, probability, side="right") - 1, 0, len(edges) - 2)
    cells = [
        f"{probability[place == k].mean():.2f}->{true[place == k].mean():.2f}"
        for k in range(len(edges) - 1)
        if (place == k).any()
    ]
    print(f"  frontier membership, told->true    {'  '.join(cells)}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    run(given.repetitions, given.seed)
