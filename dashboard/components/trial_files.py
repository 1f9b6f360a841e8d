"""A trial's model to take away, how to repeat the trial, and the files in its folder."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import streamlit as st

from dashboard import formats
from dashboard.components.model_download import model_download
from dashboard.components.model_jobs import model_exports, whole_measurement
from dashboard.components.notices import attempt
from dashboard.components.usage import usage
from dashboard.services import Services
from engine.errors import BertFrontierError
from engine.exporting import model_folder
from engine.lifecycle import TrialState
from engine.overview import Overview
from engine.queueing import check_open, queue_trial
from storage.trials import TrialRow

MOST_FILES = 500
"""Files that are listed."""


def trial_files(present: Services, view: Overview, trial: TrialRow) -> None:
    """Exports, use, repetition and files."""
    if present.shared:
        st.info("Files and models are not part of a shared view. Ask whoever shared it with you.")
        return
    name = view.experiment.name
    try:
        model_folder(present.home, name, trial.number)
    except BertFrontierError as error:
        st.info(formats.literal(_no_model(trial, str(error))))
    else:
        left, right = st.columns([1, 1.2], gap="medium")
        with left:
            st.markdown("**Take the model away**")
            st.caption("A Hugging Face folder with its card: `transformers` loads it as it is.")
            model_download(
                present, name, trial.number, key="download_model", label="Download the model (zip)"
            )
            model_exports(present, name, trial.number)
            if trial.state == TrialState.COMPLETED:
                _repeat(present, view, trial)
        with right:
            st.markdown("**Use it**")
            st.code(usage(view.spec.task.info.head, f"{name}-{trial.number}"), language="python")
    _files(present.home.path / trial.folder)


def _repeat(present: Services, view: Overview, trial: TrialRow) -> None:
    """Repeating the trial bit by bit, and training it again with another seed."""
    name = f"{view.experiment.name}/{trial.number}"
    st.markdown("**Repeat it**", help="On the same processor the same bits are expected.")
    st.code(f"bert-frontier replay {name} --home {present.home.path}", language="bash", wrap_lines=True)
    whole_measurement(present, view, trial)
    try:
        check_open(view.experiment)
        reason = None
    except BertFrontierError as error:
        reason = str(error)
    st.button(
        "Train it again with another seed",
        key="another_seed",
        disabled=reason is not None,
        on_click=attempt,
        args=(_train_again, present, view.experiment.name, trial),
        help=reason
        or "One more trial of this experiment, to see how much of its score is the luck of the seed.",
    )


def _train_again(present: Services, name: str, trial: TrialRow) -> None:
    note = f"trial {trial.number} again, with another seed"
    added = queue_trial(present.store, present.home, name, trial.parameters, note=note)
    st.toast(f"Trial {added.number} is queued.")


def _files(folder: Path) -> None:
    found = [path for path in sorted(folder.rglob("*")) if path.is_file()] if folder.is_dir() else []
    st.markdown("**Files**")
    st.caption(f"In {formats.literal(str(folder))}")
    if not found:
        return
    rows = [
        {"file": str(path.relative_to(folder)), "size": formats.size(path.stat().st_size)}
        for path in found[:MOST_FILES]
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, height="content", width=460, alt="Files of the trial")
    if len(found) > MOST_FILES:
        st.caption(f"The first {MOST_FILES} of {len(found):,} files.")


def _no_model(trial: TrialRow, reason: str) -> str:
    if trial.state in (TrialState.QUEUED, TrialState.RUNNING):
        return "There is no model yet: it is written when the trial completes."
    return reason[:1].upper() + reason[1:] + "."
