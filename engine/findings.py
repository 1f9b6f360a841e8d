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
from engine.claims.evidence import Evidence, gather
from engine.claims.membership import membership, worth_training_again
from engine.claims.resampling import Paired
from engine.claims.words import better_sentence, share_sentence, smaller_sentence
from engine.kept import Kept
from engine.measured import Measured
from engine.metric_catalogue import METRICS
from engine.metrics import Metric, quality_and_cost
from engine.outcomes import Outcomes
from engine.parameters import configuration_key
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
    found: Outcomes,
    students: Sequence[TrialRow],
    measured: Mapping[int, Measured],
) -> Findings:
    """Findings of an experiment, remembered until a trial completes or is measured again.

    Args:
        store: the open database.
        experiment_id: the experiment.
        found: its completed students.
        students: its trials, the teacher's left out; of a large experiment at least ``found.contenders``.
        measured: completed trials by number.
    """
    numbers = found.contenders
    close = [measured[number] for number in numbers]
    if not close:
        return Findings()
    content = hash(tuple((item.number, *sorted(item.metrics.items())) for item in close))
    key = (store.path, experiment_id, found.metrics, content, len(found.frame))

    def make() -> Findings:
        rows = [trial for trial in students if trial.number in set(numbers)]
        among = None if len(numbers) == len(found.frame) else set(numbers)
        made = _find(found.metrics, close, rows, _paired(store, experiment_id, found.metrics, among))
        return made if among is None else _shared_by_all(made, found)

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


def _shared_by_all(made: Findings, found: Outcomes) -> Findings:
    """With the share counted over all trials; those that were left out are on the frontier in no resample."""
    left_out = dict.fromkeys(set(found.frame["number"]) - made.membership.keys(), 0.0)
    made = replace(made, membership={**made.membership, **left_out})
    names, baseline = quality_and_cost(found.metrics), found.baseline
    if made.share is None or names is None or baseline is None:
        return made
    quality, cost = (metric.name for metric in names)
    share = counted_share(found.metrics, found.columns, found.collapsed, baseline, quality, cost)
    told = None if share is None else share_sentence(share, quality, cost)
    return replace(made, share=share, share_claim=told)


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
