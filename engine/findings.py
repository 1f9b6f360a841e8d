"""What an experiment has found so far: claims, how sure its frontier is, and which trials to train again."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from engine.claims.comparison import (
    Claim,
    Share,
    Smaller,
    better_at_equal_cost,
    better_or_smaller,
    counted_share,
    smaller_at_no_loss,
)
from engine.claims.contenders import contenders
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
        baseline = next((trial.number for trial in rows if trial.role == "baseline"), None)
        close = contenders(metrics, done, baseline)
        if len(close) == len(done):
            return _find(metrics, done, baseline, rows, _paired(store, experiment_id, metrics))
        numbers = {trial.number for trial in close}
        near = [row for row in rows if row.number in numbers]
        found = _find(metrics, close, baseline, near, _paired(store, experiment_id, metrics, numbers))
        return _shared_by_all(found, metrics, done, baseline)

    return _remembered.get(key, make)


def _find(
    metrics: Sequence[Metric],
    done: Sequence[Measured],
    baseline: int | None,
    rows: Sequence[TrialRow],
    paired: Mapping[str, Paired],
) -> Findings:
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


def _shared_by_all(
    found: Findings, metrics: Sequence[Metric], done: Sequence[Measured], baseline: int | None
) -> Findings:
    """With the share counted over all trials; those that were left out are on the frontier in no resample."""
    left_out = {trial.number: 0.0 for trial in done if trial.number not in found.membership}
    found = replace(found, membership={**found.membership, **left_out})
    if found.share is None:
        return found
    names = quality_and_cost(metrics)
    reference = next((trial for trial in done if trial.number == baseline), None)
    assert names is not None, "a share has two objectives"
    assert reference is not None, "a share has a baseline"
    quality, cost = (metric.name for metric in names)
    share = counted_share(metrics, done, reference, quality, cost)
    assert share is not None, "more trials than contenders are others than the baseline"
    return replace(found, share=share, share_claim=share_sentence(share, quality, cost))


def _paired(
    store: Store, experiment_id: int, metrics: Sequence[Metric], among: Collection[int] | None = None
) -> dict[str, Paired]:
    """Optimised and constrained metrics example by example, in their own units."""
    found = {}
    for metric in metrics:
        matrix = None if metric.role == "store" else example_matrix(store, experiment_id, metric.name, among)
        if matrix is not None:
            scale = 100 if METRICS[metric.name].unit == "%" else 1
            found[metric.name] = Paired(matrix.numbers, scale * matrix.values, matrix.weights)
    return found
