"""The tabs of a trial's page: curves, parameters, metrics, log and files."""

from __future__ import annotations

import json

import pandas as pd
import streamlit as st

from dashboard import formats
from dashboard.charts.curves import evaluation_chart, loss_chart
from dashboard.components.chart import chart
from dashboard.components.cost_axis import cost_axis
from dashboard.components.model_download import model_download
from dashboard.components.suggestion_panel import suggestion_panel
from dashboard.components.usage import usage
from dashboard.loss_parts import loss_parts
from dashboard.scores import beside, main_score
from dashboard.services import Services
from dashboard.views import colours
from engine.distill.hyperparameters import HYPERPARAMETER_NAMES, Hyperparameters, hyperparameters
from engine.errors import BertFrontierError
from engine.exporting import model_folder
from engine.lifecycle import TrialState
from engine.metric_catalogue import METRICS
from engine.overview import Overview
from engine.trial_folder import TrialFolder
from storage.curves import evaluations_frame, events_frame, steps_frame
from storage.suggestions import get_suggestion
from storage.trials import TrialRow

LOG_BYTES = 30_000
"""Shown of the end of a log."""
SHOWN_EVENTS = 200
"""Events shown, the latest first."""


def curves(present: Services, view: Overview, trial: TrialRow) -> None:
    """Loss and evaluations as the training goes on."""
    steps = steps_frame(present.store, trial.trial_id)
    evaluations = evaluations_frame(present.store, trial.trial_id)
    head = view.spec.task.info.head
    over = cost_axis("over") if head == "masked_lm" else "step"
    left, right = st.columns(2)
    with left:
        settings = None if trial.role == "teacher" else _settings(view, trial)
        figure = loss_chart(steps, loss_parts(head, settings), colours())
        chart(figure, key="loss", alt="Training loss and its parts")
        if len(steps):
            last = steps.iloc[-1]
            st.caption(
                f"Step {last['step']:,.0f}, epoch {last['epoch']:.2f}, learning rate {last['learning_rate']:.3g}, "
                f"{last['examples_per_second']:,.0f} examples a second."
            )
    with right:
        if trial.role == "teacher" and evaluations.empty:
            st.caption("The teacher is measured once, at the end; see Metrics.")
            return
        score = main_score(view.spec)
        bound = next((metric.threshold for metric in view.spec.metrics if metric.name == score), None)
        figure = evaluation_chart(
            evaluations,
            score,
            colours(),
            beside=beside(view.spec, score),
            over=over,
            threshold=bound,
        )
        chart(figure, key="evaluations", alt=f"{formats.label(score)} at each evaluation")


def parameters(present: Services, view: Overview, trial: TrialRow) -> None:
    """Settings of the trial, those that differ from the baseline first, and who suggested it."""
    if trial.role == "teacher":
        st.caption(f"The teacher has no parameters here; it is {view.spec.teacher.model!r}.")
        return
    settings, reference = _settings(view, trial).model_dump(), _baseline_settings(view).model_dump()
    rows = [
        {
            "setting": name,
            "value": formats.parameter(settings[name]),
            "baseline": formats.parameter(reference[name]),
            "role": "searched"
            if name in view.spec.parameters
            else "fixed"
            if name in view.spec.fixed
            else "default",
        }
        for name in HYPERPARAMETER_NAMES
    ]
    order = {"searched": 0, "fixed": 1, "default": 2}
    rows.sort(key=lambda row: (row["value"] == row["baseline"], order[row["role"]]))
    left, right = st.columns([1.2, 1])
    with left:
        st.dataframe(pd.DataFrame(rows), hide_index=True, height="content", alt="Settings of the trial")
        st.caption("Settings that differ from the baseline stand first.")
    with right:
        suggestion_panel(
            view, trial, get_suggestion(present.store, view.experiment.experiment_id, trial.number)
        )


def metrics(view: Overview, trial: TrialRow) -> None:
    """Every metric the trial reported, with interval and difference to the baseline."""
    found = view.measured.get(trial.number)
    if found is None:
        st.caption(
            "Metrics are final when the trial has completed; those measured on the way are under Curves."
        )
        return
    baseline = view.baseline
    known = [name for name in METRICS if name in found.metrics]
    rows = [
        {
            "metric": formats.label(name),
            "name": name,
            "value": formats.metric(name, found.metrics[name]),
            "90 % interval": _spread(name, found.metrics[name], found.standard_errors.get(name)),
            "to the baseline": formats.difference(name, found.metrics[name], baseline.metrics[name])
            if baseline is not None and name in baseline.metrics and METRICS[name].better
            else "",
        }
        for name in [*known, *sorted(set(found.metrics) - set(known))]
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, height="content", alt="All metrics of the trial")


def log(present: Services, trial: TrialRow) -> None:
    """What the trial said: its events, the latest first, and the end of its log file."""
    events = events_frame(present.store, trial.trial_id, limit=1_000_000).tail(SHOWN_EVENTS)[::-1]
    output = _tail(TrialFolder(present.home.path / trial.folder))
    if output:
        st.markdown("**Output of its process**")
        st.code(output, language=None, wrap_lines=True, height=300)
    st.markdown("**Events**, the latest first")
    if events.empty:
        st.caption("It has not written anything yet.")
        return
    told = pd.DataFrame(
        {
            "time (UTC)": events["ts"],
            "event": events["kind"],
            "attempt": events["attempt"],
            "what it says": [
                _told(kind, body) for kind, body in zip(events["kind"], events["body"], strict=True)
            ],
        }
    )
    columns = {
        "time (UTC)": st.column_config.DatetimeColumn(format="HH:mm:ss.SSS", width=110),
        "event": st.column_config.TextColumn(width=90),
        "attempt": st.column_config.NumberColumn(width=70),
    }
    st.dataframe(told, hide_index=True, column_config=columns, height=360, alt="Events of the trial")


def files(present: Services, view: Overview, trial: TrialRow) -> None:
    """Files in the trial's folder, and its model to take away."""
    name = view.experiment.name
    try:
        model_folder(present.home, name, trial.number)
    except BertFrontierError as error:
        st.info(formats.literal(_no_model(trial, str(error))))
    else:
        st.markdown("The model is a Hugging Face folder: `transformers` loads it as it is.")
        with st.container(horizontal=True):
            model_download(
                present, name, trial.number, key="download_model", label="Download the model (zip)"
            )
        st.code(usage(view.spec.task.info.head, f"{name}-{trial.number}"), language="python")
    folder = present.home.path / trial.folder
    rows = [
        {"file": str(path.relative_to(folder)), "size": formats.size(path.stat().st_size)}
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    ]
    st.caption(f"In {folder}")
    if rows:
        st.dataframe(
            pd.DataFrame(rows), hide_index=True, height="content", width=460, alt="Files of the trial"
        )


def _settings(view: Overview, trial: TrialRow) -> Hyperparameters:
    return hyperparameters(view.spec.fixed, trial.parameters)


def _baseline_settings(view: Overview) -> Hyperparameters:
    return hyperparameters(view.spec.fixed, view.spec.baseline_configuration())


def _spread(name: str, value: float, error: float | None) -> str:
    return formats.interval(name, value, error).partition(" (")[2].rstrip(")")


def _no_model(trial: TrialRow, reason: str) -> str:
    if trial.state in (TrialState.QUEUED, TrialState.RUNNING):
        return "There is no model yet: it is written when the trial completes."
    return reason[:1].upper() + reason[1:] + "."


def _tail(folder: TrialFolder) -> str:
    try:
        with folder.log.open("rb") as file:
            file.seek(max(0, folder.log.stat().st_size - LOG_BYTES))
            return file.read().decode("utf-8", errors="replace").strip()
    except FileNotFoundError:
        return ""


def _told(kind: str, body: str) -> str:
    """The body of an event as a short line."""
    content = json.loads(body)
    if kind == "progress":
        return f"{100 * content.get('fraction', 0):.0f} %  {content.get('message', '')}"
    pairs = content.get("metrics", content)
    return ", ".join(f"{key} {_short(value)}" for key, value in pairs.items() if key != "standard_errors")


def _short(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
