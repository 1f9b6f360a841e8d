"""What an experiment has found so far: claims, how sure its frontier is, and which trials to train again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from engine.claims.comparison import (
    Claim,
    Share,
    Smaller,
    better_at_equal_cost,
    better_or_smaller,
    smaller_at_no_loss,
)
from engine.claims.evidence import Evidence, gather
from engine.claims.membership import membership, worth_training_again
from engine.claims.resampling import Paired
from engine.claims.words import better_sentence, share_sentence, smaller_sentence
from engine.kept import Kept
from engine.measured import Measured
from engine.metric_catalogue import METRICS
from engine.metrics import Metric, quality_and_cost
from engine.space import configuration_key
from storage.example_scores import example_matrix
from storage.store import Store
from storage.trials import TrialRow

KEPT = 64
"""Experiments whose findings are remembered until another trial completes."""


@dataclass(frozen=True, slots=True)
class Findings:
    """What may be said.

    Attributes:
        smaller: the least cost at no loss; None before the baseline is measured.
        better: the best at about equal cost, if any is better.
        share: how many students beat the baseline in one thing or the other.
        claims: the first two as sentences; none before the baseline is measured.
        share_claim: the third as a sentence.
        membership: probability of each completed student to be on the frontier, by number.
        again: numbers of the trials worth training again with other seeds, the most undecided first.
    """

    smaller: Smaller | None = None
    better: Claim | None = None
    share: Share | None = None
    claims: tuple[str, ...] = ()
    share_claim: str | None = None
    membership: Mapping[int, float] = field(default_factory=dict)
    again: tuple[int, ...] = ()


_remembered: Kept[Findings] = Kept(KEPT)


def findings(
    store: Store,
    experiment_id: int,
    metrics: Sequence[Metric],
    students: Sequence[TrialRow],
    measured: Mapping[int, Measured],
) -> Findings:
    """Findings of an experiment, remembered until a trial completes or is measured again.

    Args:
        store: the open database.
        experiment_id: the experiment.
        metrics: those of the specification.
        students: its trials, the teacher's left out.
        measured: completed trials by number.
    """
    done = [measured[trial.number] for trial in students if trial.number in measured]
    if not done:
        return Findings()
    content = hash(tuple((item.number, *sorted(item.metrics.items())) for item in done))
    key = (store.path, experiment_id, tuple(metrics), content)

    def make() -> Findings:
        rows = [trial for trial in students if trial.number in measured]
        return _find(metrics, done, rows, _paired(store, experiment_id, metrics))

    return _remembered.get(key, make)


def _find(
    metrics: Sequence[Metric],
    done: Sequence[Measured],
    rows: Sequence[TrialRow],
    paired: Mapping[str, Paired],
) -> Findings:
    baseline = next((trial.number for trial in rows if trial.role == "baseline"), None)
    configurations = {trial.number: configuration_key(trial.parameters) for trial in rows}
    evidence = gather(metrics, done, baseline, paired, configurations)
    probabilities = membership(evidence)
    again = tuple(worth_training_again(evidence, probabilities))
    names = quality_and_cost(metrics)
    if names is None or evidence.baseline is None:
        return Findings(membership=probabilities, again=again)
    return _claimed(
        evidence, names[0].name, names[1].name, paired, Findings(membership=probabilities, again=again)
    )


def _claimed(
    evidence: Evidence, quality: str, cost: str, paired: Mapping[str, Paired], found: Findings
) -> Findings:
    smaller = smaller_at_no_loss(evidence, quality, cost, paired)
    better = better_at_equal_cost(evidence, quality, cost, paired)
    share = better_or_smaller(evidence, quality, cost)
    return Findings(
        smaller=smaller,
        better=better,
        share=share,
        claims=(smaller_sentence(smaller, cost), *([better_sentence(better)] if better else [])),
        share_claim=None if share is None else share_sentence(share, quality, cost),
        membership=found.membership,
        again=found.again,
    )


def _paired(store: Store, experiment_id: int, metrics: Sequence[Metric]) -> dict[str, Paired]:
    """Optimised and constrained metrics example by example, in their own units."""
    found = {}
    for metric in metrics:
        matrix = None if metric.role == "store" else example_matrix(store, experiment_id, metric.name)
        if matrix is not None:
            scale = 100 if METRICS[metric.name].unit == "%" else 1
            found[metric.name] = Paired(matrix.numbers, scale * matrix.values, matrix.weights)
    return found
