"""Stores a study from elsewhere as an experiment whose trials have all ended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pandas as pd
from pydantic import ValidationError

from engine.controls import IMPORTED
from engine.errors import HomeError, SettingError, SpecificationError
from engine.experiment import ExperimentSpec
from engine.frontier import frontier
from engine.importing.study import Study, StudyTrial
from engine.launch import column_types
from engine.lifecycle import ExperimentState, TrialState
from engine.metric_catalogue import METRICS
from engine.parameters import Value
from engine.settings import Home
from engine.spec_files import to_toml
from engine.spec_sections import ImportedSection
from storage.experiments import ExperimentRow, create_experiment, get_experiment, move_experiment
from storage.imports import add_ended_trials
from storage.naming import free_name
from storage.store import Store
from storage.trials import set_frontier

BASELINE, STUDENT = "baseline", "student"


def import_study(
    store: Store, home: Home, study: Study, name: str, *, task: str = IMPORTED, baseline: int | None = None
) -> ExperimentRow:
    """Store a study.

    Its trials get numbers from 1; which number the other tool had for each stands in why it was suggested.

    Args:
        store: the database.
        home: the home folder, where the specification is written.
        study: the study.
        name: of the experiment; a number is added if it is taken.
        task: what the models were to do, in a word.
        baseline: number of the trial, as the other tool knew it, that all others are set against.

    Raises:
        SettingError: when the name cannot be used, or no completed trial has the baseline's number.
        SpecificationError: when the study has no or too many objectives.
        HomeError: when the specification cannot be written.
    """
    free_name(store, name)
    spec = specification(study, name, task, _baseline(study, baseline))
    experiments = home.path / "experiments"
    with store.write():
        left = [path.name for path in experiments.iterdir()] if experiments.is_dir() else []
        free = free_name(store, name, left)
        row = create_experiment(
            store,
            name=free,
            task=task,
            strategy=IMPORTED,
            budget_trials=len(study.trials),
            spec=spec.model_dump(mode="json"),
            spec_toml=to_toml(spec),
            parameters=_columns(study, spec),
            metrics={
                metric: "integer" if metric in METRICS and METRICS[metric].whole else "float"
                for metric in spec.metric_names()
            },
            state=ExperimentState.RUNNING,
        )
        rows = _rows(study, free, baseline)
        add_ended_trials(store, row.experiment_id, rows, _metrics(study), _evaluations(study))
        values = {
            number: trial.metrics
            for number, trial in enumerate(study.trials, 1)
            if trial.state == "completed"
        }
        set_frontier(store, row.experiment_id, frontier(spec.metrics, values))
        move_experiment(
            store,
            row.experiment_id,
            ExperimentState.COMPLETED,
            allowed_from=[ExperimentState.RUNNING],
            finished=True,
        )
        try:
            (experiments / free).mkdir(parents=True)
            (experiments / free / "experiment.toml").write_text(to_toml(spec), encoding="utf-8")
        except OSError as error:
            raise HomeError(
                f"{experiments / free} cannot be written ({error.strerror}); nothing was imported"
            ) from error
    return get_experiment(store, free)


def specification(study: Study, name: str, task: str, baseline: StudyTrial | None) -> ExperimentSpec:
    """The specification that says of a study what it says of an experiment that was run here."""
    reported = [metric.name for metric in study.metrics]
    reported += sorted({metric for trial in study.trials for metric in trial.metrics} - set(reported))
    document = {
        "name": name,
        "description": " ".join([f"Imported from {study.source}.", *study.notes]),
        "task": {"name": task},
        "imported": ImportedSection(source=study.source, metrics=tuple(reported)).model_dump(),
        "budget": {"trials": len(study.trials)},
        "parameters": {key: parameter.model_dump() for key, parameter in study.parameters.items()},
        "metrics": [metric.model_dump() for metric in study.metrics],
        "baseline": {key: baseline.parameters[key] for key in study.parameters} if baseline else {},
    }
    try:
        return ExperimentSpec.model_validate(document)
    except ValidationError as error:
        told = "; ".join(
            f"{'.'.join(str(part) for part in item['loc']) or 'study'}: {item['msg']}"
            for item in error.errors()
        )
        raise SpecificationError(f"the study cannot be imported: {told}") from error


def _baseline(study: Study, number: int | None) -> StudyTrial | None:
    if number is None:
        return None
    found = next((item for item in study.trials if item.number == number and item.state == "completed"), None)
    if found is None:
        raise SettingError(f"--baseline {number}: the study has no completed trial of that number")
    return found


def _columns(study: Study, spec: ExperimentSpec) -> dict[str, str]:
    """Type of each parameter's column, those included that only some trials have."""
    types = column_types(spec.space())
    for trial in study.trials:
        for name, value in trial.parameters.items():
            if name not in types or (name not in study.parameters and isinstance(value, str)):
                types[name] = _type(value)
    return types


def _type(value: Value) -> str:
    return "text" if isinstance(value, str) else "float"


def _rows(study: Study, name: str, baseline: int | None) -> pd.DataFrame:
    """The teacher's trial, of which nothing is known, and one for each trial of the study."""
    rows = [
        _row(name, 0, "teacher", TrialState.COMPLETED, "imported: nothing is known of a teacher", {}, None)
    ]
    for number, trial in enumerate(study.trials, 1):
        role = BASELINE if trial.number == baseline else STUDENT
        note = f"trial {trial.number} of {study.source}"
        reason = None if trial.state == "completed" else f"{trial.state}, as {note}"
        rows.append(_row(name, number, role, TrialState(trial.state), reason, trial.parameters, trial, note))
    return pd.DataFrame(rows)


def _row(
    name: str,
    number: int,
    role: str,
    state: TrialState,
    reason: str | None,
    parameters: dict[str, Value],
    trial: StudyTrial | None,
    note: str | None = None,
) -> dict[str, object]:
    return {
        "number": number,
        "role": role,
        "state": str(state),
        "reason": reason,
        "parameters": parameters,
        "progress": 1.0 if state == TrialState.COMPLETED else 0.0,
        "folder": f"experiments/{name}/{number:04d}",
        "started_at": _utc(trial.started_at if trial else None),
        "finished_at": _utc(trial.finished_at if trial else None),
        "note": note,
    }


def _utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(UTC).replace(tzinfo=None)


def _metrics(study: Study) -> list[tuple[int, str, float]]:
    return [
        (number, name, value)
        for number, trial in enumerate(study.trials, 1)
        for name, value in trial.metrics.items()
    ]


def _evaluations(study: Study) -> Sequence[tuple[int, int, str, float]]:
    return [
        (number, step, name, value)
        for number, trial in enumerate(study.trials, 1)
        for step, name, value in trial.evaluations
    ]
