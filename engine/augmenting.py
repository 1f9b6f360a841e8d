"""Agora between the database and its algorithm: the record of rounds read from rows, and the trials that come next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.agora.hyperparameter_sets import SEED
from engine.agora.mistakes import RIGHT
from engine.agora.requirements import agora_metric, agora_plan, agora_sets
from engine.agora.rounds import (
    End,
    Made,
    Make,
    RoundRecord,
    Train,
    best_of_round,
    dropped_by_round,
    next_step,
    sets_by_round,
)
from engine.agora.theory import TeacherCheck, check_teacher
from engine.experiment import ExperimentSpec
from engine.lifecycle import FINAL_TRIAL_STATES, TrialState
from engine.tasks.predictions import read_predictions
from engine.trial_folder import TrialFolder
from storage.agora import (
    AgoraRound,
    AgoraTrial,
    NewAgoraTrial,
    add_agora_trials,
    agora_trials,
    put_rounds,
)
from storage.store import Store
from storage.trials import AUGMENTATION, NewTrial, metrics_of

Found = Mapping[int, Mapping[str, tuple[float, float | None]]]


def read_record(spec: ExperimentSpec, trials: Sequence[AgoraTrial], metrics: Found) -> list[RoundRecord]:
    """What is finished of each round.

    Args:
        spec: the experiment's specification.
        trials: those with a round.
        metrics: final metrics of its trials, by number.
    """
    score = agora_metric(spec)
    accuracies: list[dict[str, float | None]] = []
    made: dict[int, Made] = {}
    for trial in trials:
        found = metrics.get(trial.number, {}) if trial.state == TrialState.COMPLETED else {}
        if trial.set_id is None:
            if found:
                made[trial.round - 1] = Made(int(found["mistakes"][0]), int(found["accepted"][0]))
            continue
        while len(accuracies) <= trial.round:
            accuracies.append({})
        if trial.state in FINAL_TRIAL_STATES:
            accuracies[trial.round][trial.set_id] = found[score][0] if score in found else None
    return [RoundRecord(done, made.get(number)) for number, done in enumerate(accuracies)]


def advance(store: Store, experiment_id: int, spec: ExperimentSpec) -> End | str | None:
    """Add the trials that come next, if all of those before have ended, and store what rounds came to.

    Asked again with the same rows it does nothing more, so that it goes on exactly wherever it was stopped.

    Returns:
        The end, when nothing is left to do; a sentence, when the data of a round could not be made; or None.
    """
    trials = agora_trials(store, experiment_id)
    record = read_record(spec, trials, metrics_of(store, experiment_id))
    for trial in trials:
        if trial.set_id is None and trial.state in (TrialState.FAILED, TrialState.STOPPED):
            return f"the data of round {trial.round} could not be made: {trial.reason or trial.state}"
    step = next_step(agora_plan(spec), record)
    put_rounds(store, experiment_id, _rounds(spec, trials, record))
    if isinstance(step, End):
        return step
    new = _new_trials(spec, step, trials, record)
    add_agora_trials(store, experiment_id, new, state=TrialState.QUEUED)
    return None


def teacher_check(teacher: TrialFolder) -> TeacherCheck | None:
    """The teacher's accuracy against the bound of the theory; None where answers are not right or wrong.

    Args:
        teacher: folder of the teacher's trial.
    """
    if not teacher.predictions.exists():
        return None
    scores = [item["score"] for item in read_predictions(teacher.predictions).values() if "score" in item]
    return check_teacher(scores.count(RIGHT), len(scores)) if scores else None


def _new_trials(
    spec: ExperimentSpec, step: Train | Make, trials: Sequence[AgoraTrial], record: Sequence[RoundRecord]
) -> list[NewAgoraTrial]:
    numbers = {(trial.round, trial.set_id): trial.number for trial in trials}
    best = [best_of_round(record, number) for number in range(step.round)]
    parents = tuple(numbers[item.round, item.set] for item in best if item is not None)
    if isinstance(step, Make):
        if (step.round, None) in numbers:
            return []
        return [NewAgoraTrial(NewTrial(AUGMENTATION, {}, spec.seed), step.round, None, parents)]
    sets = {item.id: item.values for item in agora_sets(spec)}
    return [
        NewAgoraTrial(
            NewTrial(
                "student",
                {name: value for name, value in sets[chosen].items() if name != SEED},
                int(sets[chosen][SEED]),
            ),
            step.round,
            chosen,
            parents,
        )
        for chosen in step.sets
        if (step.round, chosen) not in numbers
    ]


def _rounds(
    spec: ExperimentSpec, trials: Sequence[AgoraTrial], record: Sequence[RoundRecord]
) -> list[AgoraRound]:
    plan = agora_plan(spec)
    numbers = {(trial.round, trial.set_id): trial.number for trial in trials}
    found = []
    for number, (sets, dropped) in enumerate(
        zip(sets_by_round(plan, record), dropped_by_round(plan, record), strict=False)
    ):
        best = best_of_round(record, number)
        found.append(
            AgoraRound(
                round=number,
                sets=sets,
                best_trial=None if best is None else numbers[number, best.set],
                best_set=None if best is None else best.set,
                best_score=None if best is None else best.accuracy,
                metric=agora_metric(spec),
                dropped=dropped,
                reading=plan.pruning,
            )
        )
    return found
