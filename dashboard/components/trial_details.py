"""A trial's parameters against the baseline's, and everything it measured."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import formats
from dashboard.components.suggestion_panel import suggestion_panel
from dashboard.services import Services
from engine.metric_catalogue import METRICS, metric_info
from engine.overview import Overview
from storage.suggestions import get_suggestion
from storage.trials import TrialRow


def parameters(present: Services, view: Overview, trial: TrialRow) -> None:
    """Settings of the trial, those that differ from the baseline first, and who suggested it."""
    if trial.role == "teacher":
        st.caption(f"The teacher has no parameters here; it is {view.spec.teacher.model!r}.")
        return
    if not trial.is_student:
        st.caption("This trial makes the training data of a round of Agora; it has no parameters.")
        return
    left, right = st.columns([1.2, 1])
    with left:
        shown = parameters_frame(view, trial)
        st.dataframe(shown, hide_index=True, height="content", alt="Settings of the trial")
        st.caption("Settings that differ from the baseline stand first.")
    with right:
        suggestion_panel(
            view, trial, get_suggestion(present.store, view.experiment.experiment_id, trial.number)
        )


def parameters_frame(view: Overview, trial: TrialRow) -> pd.DataFrame:
    """One row a setting: columns setting, value, baseline, role (searched, fixed, default) and differs."""
    settings = view.spec.settings(trial.parameters)
    reference = view.spec.settings(view.spec.baseline_configuration())
    rows = [
        {
            "setting": name,
            "value": formats.parameter(settings[name]),
            "baseline": formats.parameter(reference.get(name)),
            "role": "searched"
            if name in view.spec.parameters
            else "fixed"
            if name in view.spec.fixed
            else "default",
            "differs": "\u25cf" if settings[name] != reference.get(name) else "",
        }
        for name in settings
    ]
    order = {"searched": 0, "fixed": 1, "default": 2}
    rows.sort(key=lambda row: (row["differs"] == "", order[row["role"]]))
    return pd.DataFrame(rows)


def metrics(view: Overview, trial: TrialRow) -> None:
    """Every metric the trial reported, with interval, exact value and difference to the baseline."""
    shown = metrics_frame(view, trial)
    if shown is None:
        st.caption(
            "Metrics are final when the trial has completed; those measured on the way are under Curves."
        )
        return
    columns = {
        "exactly": st.column_config.TextColumn("exactly", alignment="right"),
        "value": st.column_config.TextColumn("value", alignment="right"),
        "to the baseline": st.column_config.TextColumn("to the baseline", alignment="right"),
    }
    st.dataframe(
        shown, hide_index=True, height="content", column_config=columns, alt="All metrics of the trial"
    )


def metrics_frame(view: Overview, trial: TrialRow) -> pd.DataFrame | None:
    """One row a metric, in the catalogue's order; None while the trial has none."""
    found = view.measured.get(trial.number)
    if found is None:
        return None
    baseline = view.baseline
    known = [name for name in METRICS if name in found.metrics]
    rows = [
        {
            "metric": formats.label(name),
            "name": name,
            "value": formats.metric(name, found.metrics[name]),
            "90 % interval": _spread(name, found.metrics[name], found.standard_errors.get(name)),
            "to the baseline": formats.difference(name, found.metrics[name], baseline.metrics[name])
            if baseline is not None and name in baseline.metrics and metric_info(name).better
            else "",
            "exactly": formats.in_full(name, found.metrics[name]),
        }
        for name in [*known, *sorted(set(found.metrics) - set(known))]
    ]
    return pd.DataFrame(rows)


def _spread(name: str, value: float, error: float | None) -> str:
    return formats.interval(name, value, error).partition(" (")[2].rstrip(")")
