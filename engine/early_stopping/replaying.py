"""A replay of early stopping over a stored experiment, as plain JSON values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from engine.early_stopping.replay import Replay, replay
from engine.early_stopping.rows import recordings
from engine.early_stopping.words import stopping
from engine.errors import SettingError
from engine.launch import stored_spec
from engine.metrics import Metric
from engine.search_problems import search_problem
from engine.settings import Home
from engine.spec_sections import EarlyStoppingSection
from storage.experiments import get_experiment
from storage.store import Store
from storage.trials import list_trials

ReplayReport = dict[str, Any]
"""Keys: experiment, settings, objectives, trials (replayed), left_out (not complete), stopped (number, share, chance,
reason, metrics and on_frontier of each trial that stays stopped), resumed, share_saved, lost (frontier trials stopped
for good), volume_lost, forecasts, within and expected_within."""


def replay_experiment(
    store: Store, home: Home, name: str, changes: Mapping[str, float | str]
) -> ReplayReport:
    """What early stopping would have done to an experiment's completed trials.

    Args:
        store: the database.
        home: where trial folders are.
        name: the experiment.
        changes: settings of early stopping other than the experiment's own, as numbers or as text.

    Raises:
        UnknownNameError: when there is no such experiment.
        SettingError: when a setting is impossible, or no trial has learning curves.
    """
    experiment = get_experiment(store, name)
    spec = stored_spec(experiment)
    settings = _changed(spec.early_stopping, changes)
    shares = spec.training.shares()
    students = [trial for trial in list_trials(store, experiment.experiment_id) if trial.is_student]
    recorded = recordings(
        store, experiment.experiment_id, search_problem(store, home, experiment), students, shares
    )
    if len(shares) < 2 or not recorded:
        raise SettingError(
            f"{name} has no complete trial with several evaluations (training.evaluations = {len(shares)}); "
            "replay an experiment with 3 or more"
        )
    found = replay(spec.metrics, settings, shares, recorded)
    finals = {item.curve.number: dict(item.curve.final or {}) for item in recorded}
    return {
        "experiment": name,
        "settings": settings.model_dump(exclude={"enabled"}),
        "objectives": [metric.name for metric in spec.metrics if metric.role == "optimize"],
        "left_out": len(students) - len(recorded),
        **_report(found, spec.metrics, settings, finals),
    }


def _changed(settings: EarlyStoppingSection, changes: Mapping[str, float | str]) -> EarlyStoppingSection:
    try:
        return EarlyStoppingSection.model_validate(settings.model_dump() | dict(changes))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(("early_stopping", *(str(part) for part in first["loc"])))
        raise SettingError(f"{where}: {first['msg'].removeprefix('Value error, ')}") from error


def _report(
    found: Replay,
    metrics: tuple[Metric, ...],
    settings: EarlyStoppingSection,
    finals: Mapping[int, Mapping[str, float]],
) -> dict[str, Any]:
    return {
        "trials": found.trials,
        "stopped": [
            {
                "number": look.curve.number,
                "share": look.share,
                "chance": look.chance,
                "reason": stopping(look, metrics, settings.stop_below),
                "metrics": finals[look.curve.number],
                "on_frontier": look.curve.number in found.lost,
            }
            for look in found.stopped
        ],
        "resumed": found.resumed,
        "share_saved": found.share_saved,
        "lost": list(found.lost),
        "volume_lost": found.volume_lost,
        "forecasts": found.forecasts,
        "within": found.within,
        "expected_within": 1 - settings.stop_below,
    }
