"""What an Agora run has come to: its best student, its convergent set, teacher and theory beside it, and its cost."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.agora.hyperparameter_sets import SEED
from engine.agora.requirements import AGORA, agora_metric, agora_plan, agora_sets
from engine.agora.rounds import RoundRecord, best_ever, convergent_set
from engine.agora.theory import TeacherCheck, least_accuracy
from engine.errors import SettingError
from engine.experiment import ExperimentSpec
from engine.lifecycle import FINAL_TRIAL_STATES
from engine.metric_words import format_value
from engine.parameters import CategoricalParameter, Value
from storage.agora_views import RoundRow, StudentRow

MAKING = ("generation", "labelling", "encoding", "looking")
"""Steps of making data whose times are known."""


@dataclass(frozen=True, slots=True)
class Best:
    """The best student of all rounds: its trial, round, set and score."""

    trial: int
    round: int
    set_id: str
    score: float


@dataclass(frozen=True, slots=True)
class Costs:
    """Where the time went, over all rounds.

    Attributes:
        seconds: by step: training, generation, labelling, encoding, looking, and other (starting processes, reading
            data); of processes that ran side by side all count.
        shares: of all of it, by step, 0 to 1; empty before anything has ended.
        labels_per_second: examples the teacher was asked about in a second; None where it was asked nothing.
        cached: share of the labels that were known already, 0 to 1; None where nothing was labelled.
    """

    seconds: Mapping[str, float]
    shares: Mapping[str, float]
    labels_per_second: float | None
    cached: float | None


@dataclass(frozen=True, slots=True)
class AgoraReport:
    """An Agora run at a glance.

    Attributes:
        metric: what ranks students.
        rounds: its rounds.
        best: the best student ever seen; None before there is one.
        convergent: id of the convergent hyperparameter set; None before a round is complete.
        sets: values of each set by id.
        teacher_score: the teacher's score.
        check: the teacher against the bound of the theory; None where that cannot be said.
        theory: least accuracy by round, in percent, as long as the metric is an accuracy; else empty.
        costs: where the time went.
    """

    metric: str
    rounds: Sequence[RoundRow]
    best: Best | None
    convergent: str | None
    sets: Mapping[str, Mapping[str, Value]]
    teacher_score: float | None
    check: TeacherCheck | None
    theory: Sequence[float]
    costs: Costs


def tell(
    spec: ExperimentSpec,
    rounds: Sequence[RoundRow],
    students: Sequence[StudentRow],
    *,
    teacher_score: float | None = None,
    check: TeacherCheck | None = None,
) -> AgoraReport:
    """The report of a run as its rows stand.

    Args:
        spec: of the experiment.
        rounds: all of them.
        students: all of them.
        teacher_score: of the metric that ranks students.
        check: as ``augmenting.teacher_check`` gives it.

    Raises:
        SettingError: The experiment is no Agora run.
    """
    if spec.strategy.name != AGORA:
        raise SettingError(f"{spec.name} is no Agora run; its strategy is {spec.strategy.name}")
    record = [
        RoundRecord(
            {
                item.set_id: item.score
                for item in students
                if item.round == row.round and item.state in FINAL_TRIAL_STATES
            }
        )
        for row in rounds
    ]
    found = best_ever(record)
    trials = {(item.round, item.set_id): item.trial for item in students}
    metric = agora_metric(spec)
    return AgoraReport(
        metric=metric,
        rounds=rounds,
        best=found and Best(trials[found.round, found.set], found.round, found.set, found.accuracy),
        convergent=convergent_set(agora_plan(spec), record),
        sets={item.id: item.values for item in agora_sets(spec)},
        teacher_score=teacher_score,
        check=check,
        theory=[100 * least_accuracy(row.round + 1) for row in rounds] if metric == "accuracy" else [],
        costs=_costs(rounds),
    )


def rerun(spec: ExperimentSpec, values: Mapping[str, Value], name: str) -> ExperimentSpec:
    """The experiment that runs the same rounds over one set alone, such as the convergent one, and drops none.

    Args:
        spec: of the run.
        values: of the set, with its seed.
        name: of the run, as stored.
    """
    parameters = {key: CategoricalParameter(values=(value,)) for key, value in values.items() if key != SEED}
    agora = spec.agora.model_dump() | {"seeds": (values[SEED],), "chs_only": True, "max_sets": 0}
    return spec.changed(
        name=f"{name[:56]}-chs",
        description=f"A rerun of {name} over its convergent hyperparameter set alone.",
        parameters={key: item.model_dump() for key, item in parameters.items()},
        agora=agora,
    )


def sentences(report: AgoraReport) -> list[str]:
    """The report in words."""
    told = []
    if report.best is not None:
        score = format_value(report.metric, report.best.score)
        told.append(
            f"The best student is trial {report.best.trial} of round {report.best.round}, with {score} "
            f"({told_set(report.sets[report.best.set_id])})."
        )
        if report.teacher_score is not None:
            away = report.best.score - report.teacher_score
            told.append(
                f"The teacher has {format_value(report.metric, report.teacher_score)}; the student is "
                f"{abs(away):.1f} points {'above' if away >= 0 else 'below'} it."
            )
    if report.convergent is not None:
        told.append(
            f"The convergent hyperparameter set so far is {report.convergent}: "
            f"{told_set(report.sets[report.convergent])}."
        )
    if report.check is not None:
        told.append(report.check.words)
    return [*told, *_cost_sentences(report.costs)]


def told_set(values: Mapping[str, Value]) -> str:
    """A hyperparameter set on one line."""
    return ", ".join(
        f"{name} = {value:.4g}" if isinstance(value, float) else f"{name} = {value}"
        for name, value in values.items()
    )


def _costs(rounds: Sequence[RoundRow]) -> Costs:
    seconds = {
        step: math.fsum(getattr(row, f"{step}_seconds") or 0.0 for row in rounds)
        for step in ("training", *MAKING)
    }
    whole = math.fsum(row.data_seconds or 0.0 for row in rounds)
    seconds["other"] = max(0.0, whole - math.fsum(seconds[step] for step in MAKING))
    total = math.fsum(seconds.values())
    asked, labelled = (sum(getattr(row, name) or 0 for row in rounds) for name in ("asked", "labelled"))
    return Costs(
        seconds,
        {step: value / total for step, value in seconds.items()} if total else {},
        asked / seconds["labelling"] if asked and seconds["labelling"] else None,
        1 - asked / labelled if labelled else None,
    )


def _cost_sentences(costs: Costs) -> list[str]:
    if not costs.shares:
        return []
    shares = ", ".join(f"{name} {100 * share:.1f} %" for name, share in costs.shares.items())
    told = [f"Of the time of all rounds: {shares}."]
    if costs.labels_per_second is not None and costs.cached is not None:
        told.append(
            f"The teacher labelled {costs.labels_per_second:,.0f} examples a second; {100 * costs.cached:.0f} % of the "
            "labels were known already."
        )
    return told
