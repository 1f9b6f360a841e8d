"""An Optuna study as its storage has it, and what becomes of it here."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.errors import SettingError
from engine.importing.optuna_values import Range, finite_numbers, joined
from engine.importing.study import Study, StudyTrial
from engine.importing.wishes import MetricWish, Wishes
from engine.metrics import Metric

METRIC_NAMES = "study:metric_names"
"""System attribute of a study with the names of its objectives."""
STATES = {"COMPLETE": "completed", "PRUNED": "stopped", "FAIL": "failed"}
"""States of trials that have ended."""


@dataclass(slots=True)
class OptunaTrial:
    """A trial as stored: parameters as Optuna's own numbers, each with its range."""

    number: int
    state: str
    parameters: dict[str, tuple[Range, float]] = field(default_factory=dict)
    values: list[float | None] = field(default_factory=list)
    intermediate: dict[int, float] = field(default_factory=dict)
    attributes: dict[str, Any] = field(default_factory=dict)
    started_at: datetime | None = None
    finished_at: datetime | None = None


@dataclass(slots=True)
class OptunaStudy:
    """A study as stored; directions are ``MAXIMIZE`` or ``MINIMIZE``."""

    name: str
    directions: list[str]
    metric_names: list[str]
    trials: list[OptunaTrial]


def chosen_name(names: Collection[str], wanted: str | None, file: str) -> str:
    """The study to take.

    Raises:
        SettingError: when it is not there, or it is not clear which one is meant.
    """
    listed = ", ".join(sorted(names)) or "none"
    if wanted is not None:
        if wanted not in names:
            raise SettingError(f"--study {wanted!r}: {file} has no such study; it has: {listed}")
        return wanted
    if len(names) != 1:
        raise SettingError(f"{file} has {len(names)} studies; name one with --study: {listed}")
    return next(iter(names))


def converted(study: OptunaStudy, wishes: Wishes) -> Study:
    """The study in the program's own terms.

    Raises:
        SettingError: when nothing in it has ended, or what is wished for does not fit it.
    """
    objectives = _objectives(study, wishes.metrics)
    others = wishes.metrics[len(objectives) :]
    sources = {wish.source: wish.metric.name for wish in others}
    ended = [trial for trial in study.trials if trial.state in STATES]
    completed = [trial for trial in ended if trial.state == "COMPLETE" and _is_measured(trial)]
    if not completed:
        raise SettingError(f"no trial of the study {study.name!r} is complete; there is nothing to import")
    always = [name for name in completed[0].parameters if all(name in item.parameters for item in completed)]
    kept = [trial for trial in ended if set(always) <= trial.parameters.keys() and _can_be_kept(trial)]
    sometimes = {name for trial in kept for name in trial.parameters} - set(always)
    names = [metric.name for metric in objectives]
    return Study(
        source=f"Optuna study {study.name}",
        metrics=(*objectives, *(wish.metric for wish in others)),
        parameters={name: joined(trial.parameters[name][0] for trial in kept) for name in always},
        trials=tuple(_trial(trial, names, sources) for trial in sorted(kept, key=lambda item: item.number)),
        notes=tuple(_notes(len(study.trials) - len(ended), len(ended) - len(kept), sometimes)),
    )


def _objectives(study: OptunaStudy, wishes: Sequence[MetricWish]) -> list[Metric]:
    """Objectives by the names a person gives them, else those the study has, else ``value``."""
    if 0 < len(wishes) < len(study.directions):
        raise SettingError(
            f"the study {study.name!r} has {len(study.directions)} objectives, but {len(wishes)} --metric; name all"
        )
    several = len(study.directions) > 1
    found = []
    for place, stored in enumerate(study.directions):
        direction = stored.lower()
        if direction not in ("maximize", "minimize"):
            raise SettingError(f"the study {study.name!r} has no direction for objective {place}")
        usual = f"value_{place}" if several else "value"
        name = study.metric_names[place] if place < len(study.metric_names) else usual
        metric = Metric.model_validate({"name": name, "direction": direction})
        if wishes:
            metric = wishes[place].metric
            if metric.direction != direction:
                raise SettingError(
                    f"--metric {metric.name}:{metric.direction}: objective {place} of the study {study.name!r} "
                    f"is to {direction}"
                )
        found.append(metric)
    return found


def _is_measured(trial: OptunaTrial) -> bool:
    return bool(trial.values) and all(value is not None and math.isfinite(value) for value in trial.values)


def _can_be_kept(trial: OptunaTrial) -> bool:
    return trial.state != "COMPLETE" or _is_measured(trial)


def _trial(trial: OptunaTrial, objectives: Sequence[str], sources: Mapping[str, str]) -> StudyTrial:
    numbers = finite_numbers(trial.attributes)
    measured = {sources.get(name, name): value for name, value in numbers.items()}
    if trial.state == "COMPLETE":
        measured |= {
            name: value for name, value in zip(objectives, trial.values, strict=True) if value is not None
        }
    # Only studies of one objective report values on the way.
    way = sorted((step, value) for step, value in trial.intermediate.items() if math.isfinite(value))
    return StudyTrial.model_validate(
        {
            "number": trial.number,
            "state": STATES[trial.state],
            "parameters": {name: item.value(stored) for name, (item, stored) in trial.parameters.items()},
            "metrics": measured if trial.state == "COMPLETE" else {},
            "evaluations": [(step, objectives[0], value) for step, value in way],
            "started_at": trial.started_at,
            "finished_at": trial.finished_at,
        }
    )


def _notes(unended: int, unusable: int, sometimes: Collection[str]) -> list[str]:
    notes = []
    if unended:
        notes.append(f"{_trials(unended)} not ended, and left out.")
    if unusable:
        notes.append(f"{_trials(unusable)} not all parameters or no finite values, and left out.")
    if sometimes:
        notes.append(
            f"Not every trial has {', '.join(sorted(sometimes))}: kept with the trials, but not taken as searched."
        )
    return notes


def _trials(count: int) -> str:
    return "1 trial has" if count == 1 else f"{count} trials have"
