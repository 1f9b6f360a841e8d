"""Exports and measurements of a trial's model that take a while: started here, done by processes of their own."""

from __future__ import annotations

import streamlit as st

from dashboard import formats
from dashboard.components.notices import attempt
from dashboard.live import REFRESH_SECONDS
from dashboard.services import Services
from engine.access import refresh_trial
from engine.errors import BertFrontierError
from engine.export.onnx_session import require_onnx
from engine.jobs.desk import forget_job, job_status, start_job, stop_job
from engine.jobs.state import JobKind, JobStatus, job_folder
from engine.metric_catalogue import FULL
from engine.overview import Overview
from storage.trials import TrialRow

_EXPORTS = {
    JobKind.ONNX: ("ONNX", "The model, and an ONNX file that is checked against it."),
    JobKind.INT8: ("ONNX in 8 bits", "With a second ONNX file in 8 bits, compared with the first and timed."),
}


def model_exports(present: Services, name: str, number: int) -> None:
    """A button for each kind of export, its progress while it is made, and the file when it is ready."""
    try:
        require_onnx()
    except BertFrontierError as error:
        st.caption(formats.literal(str(error)))
        return
    for kind in _EXPORTS:
        _job(present, name, number, kind)


def whole_measurement(present: Services, view: Overview, trial: TrialRow) -> None:
    """Measuring on all evaluation examples, where the search looked at a sample."""
    name, number = view.experiment.name, trial.number
    found = view.measured.get(number)
    if found is None or not view.spec.task.eval_samples:
        return
    status = job_status(present.home, name, number, JobKind.CONFIRM)
    known = any(metric.startswith(FULL) for metric in found.metrics)
    if status is not None and status.state == "done" and not known:
        # Its process wrote what it found into the trial's events; the owner of the database reads them.
        refresh_trial(present.store, present.home, name, number)
        st.rerun()
    if known:
        st.markdown("It was measured on all evaluation examples: see Metrics.")
        return
    _job(present, name, number, JobKind.CONFIRM)


def _job(present: Services, name: str, number: int, kind: JobKind) -> None:
    """Draw a job; while it is under way it looks for itself."""
    status = job_status(present.home, name, number, kind)
    if status is not None and status.state == "running":
        st.fragment(_progress, run_every=REFRESH_SECONDS / 2)(present, name, number, kind)
    else:
        _offer(present, name, number, kind, status)


def _progress(present: Services, name: str, number: int, kind: JobKind) -> None:
    status = job_status(present.home, name, number, kind)
    if status is None or status.state != "running":
        st.rerun()
    label = _label(kind)
    with st.container(horizontal=True, vertical_alignment="center", key=f"job {kind}"):
        doing = f"{label}: {status.doing}, {formats.duration(status.seconds)}"
        st.progress(min(1.0, status.share), text=doing, width="stretch")
        st.button("Cancel", key=f"cancel {kind}", on_click=stop_job, args=(present.home, name, number, kind))


def _offer(present: Services, name: str, number: int, kind: JobKind, status: JobStatus | None) -> None:
    label = _label(kind)
    with st.container(horizontal=True, vertical_alignment="center", key=f"job {kind}"):
        if status is not None and status.state == "done" and kind in _EXPORTS:
            result = job_folder(present.home, name, number, kind).result
            st.download_button(
                f"Download {label} (zip, {formats.size(result.stat().st_size)})",
                data=lambda: result.open("rb"),
                file_name=f"{name}-{number}-{kind}.zip",
                mime="application/zip",
                key=f"download {kind}",
                on_click="ignore",
            )
            st.button(
                "Make it again",
                type="tertiary",
                key=f"again {kind}",
                on_click=_again,
                args=(present, name, number, kind),
            )
            return
        st.button(
            f"Make {label}" if kind in _EXPORTS else label,
            key=f"start {kind}",
            on_click=attempt,
            args=(start_job, present.home, name, number, kind),
            help=_EXPORTS[kind][1] if kind in _EXPORTS else None,
        )
        if status is not None and status.state == "failed":
            st.markdown(f":red[It failed:] {formats.literal(status.doing)}", width="stretch")


def _again(present: Services, name: str, number: int, kind: JobKind) -> None:
    forget_job(present.home, name, number, kind)
    attempt(start_job, present.home, name, number, kind)


def _label(kind: JobKind) -> str:
    return _EXPORTS[kind][0] if kind in _EXPORTS else "Measure on all evaluation examples"
