"""The button that takes a trial's model away as a zip file, made when it is asked for."""

from __future__ import annotations

import streamlit as st

from dashboard.services import Services
from engine.errors import BertFrontierError
from engine.export.bundle import zipped_trial
from engine.exporting import model_folder


def model_download(present: Services, name: str, number: int, *, key: str, label: str) -> None:
    """Draw the button, or a dimmed one that says why there is no model.

    Args:
        present: the services.
        name: of the experiment.
        number: of the trial.
        key: of the button.
        label: of the button.
    """
    try:
        model_folder(present.home, name, number)
    except BertFrontierError as error:
        st.button(label, key=key, disabled=True, help=str(error))
        return
    st.download_button(
        label,
        data=lambda: zipped_trial(present.home, name, number),
        file_name=f"{name}-{number}.zip",
        mime="application/zip",
        key=key,
        on_click="ignore",
        help="A Hugging Face folder: weights, configuration, tokenizer and model card.",
    )
