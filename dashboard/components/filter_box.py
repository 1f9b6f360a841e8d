"""The filter of an experiment's trials, which stands in the address and follows the brushes of charts."""

from __future__ import annotations

import streamlit as st

from dashboard import formats
from dashboard.components.address import note, text
from dashboard.trial_filter import parse_filter
from engine.errors import SettingError
from engine.overview import Overview
from storage.trial_pages import Condition

PARAMETER = "where"
PAGE = "p"
"""The page of the table, which means nothing under another filter."""
_HELP = (
    "Conditions on parameters, metrics, trial, state, role, on_frontier, seconds and attempts, joined by *and*: "
    "`n_layers <= 4`, `exact > 60`, `num_parameters = 30e6..60e6`, `state = failed|stopped`, `on_frontier = yes`."
)


def filter_box(view: Overview, names: list[str]) -> list[Condition] | None:
    """Draw the box; gives the conditions, None where they cannot be read, which is said.

    Args:
        view: the experiment.
        names: its parameters and metrics.
    """
    example = next(iter(view.spec.parameters), "trial")
    typed = text(
        "Filter",
        PARAMETER,
        forget=(PAGE,),
        placeholder=f"such as {example} <= 4 and state = completed",
        help=_HELP,
        type="search",
    )
    try:
        return parse_filter(typed, names)
    except SettingError as error:
        st.warning(formats.literal(f"{str(error)[:1].upper()}{str(error)[1:]}."))
        return None


def note_filter(written: str) -> None:
    """Write a filter into the address; for callbacks."""
    note(PARAMETER, written, forget=(PAGE,))
