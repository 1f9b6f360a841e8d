"""Curves of pre-trainings, of one experiment or of several, each line named by its method."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from dashboard.pretraining.metrics import COSTS, METRICS, SCORE
from engine.errors import SettingError
from engine.extraction.requirements import EXTRACT
from engine.launch import stored_spec
from storage.evaluation_points import evaluation_points
from storage.experiments import ExperimentRow
from storage.store import Store
from storage.trials import list_trials


def is_pretraining(row: ExperimentRow) -> bool:
    """Whether an experiment pre-trains students on text, and does not only extract an architecture."""
    if row.strategy == EXTRACT:
        return False
    try:
        spec = stored_spec(row)
    except SettingError:
        return False
    return spec.imported is None and spec.task.info.head == "masked_lm"


def curves_frame(store: Store, rows: Sequence[ExperimentRow]) -> pd.DataFrame:
    """Evaluations of all students, or of the best of very many.

    Returns:
        Columns experiment, trial, name (of the line: its method, and where there are several experiments the
        experiment's name before it), step, the metrics and the costs; empty while nothing is evaluated.
    """
    frames = []
    for row in rows:
        points = evaluation_points(store, row.experiment_id, [*METRICS, *COSTS], best_by=SCORE)
        if points.empty:
            continue
        names = _names(store, row, points["trial"].unique().tolist(), several=len(rows) > 1)
        frames.append(points.assign(experiment=row.name, name=points["trial"].map(names)))
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def _names(store: Store, row: ExperimentRow, numbers: Sequence[int], *, several: bool) -> dict[int, str]:
    """What each trial's line is called."""
    fixed = stored_spec(row).fixed.get("method")
    found = {}
    for trial in list_trials(store, row.experiment_id, numbers=numbers):
        method = trial.parameters.get("method", fixed)
        told = f"trial {trial.number}" if method is None else str(method)
        found[trial.number] = f"{row.name}: {told}" if several else told
    return found
