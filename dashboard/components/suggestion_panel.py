"""Why a trial was chosen, and how well the strategy foresaw it."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import formats
from engine.claims import NORMAL_95
from engine.overview import Overview
from storage.suggestions import SuggestionRow
from storage.trials import TrialRow

_STRATEGIES = {
    "baseline": "It is the reference configuration, run first.",
    "sobol": "A quasi-random point, which spreads the first trials over the space.",
    "grid": "A point of the grid, every one of which is trained.",
    "single": "The reference configuration once more, with another seed.",
    "nehvi": "Bayesian optimisation chose it, as the point expected to enlarge the frontier most.",
}


def suggestion_panel(view: Overview, trial: TrialRow, suggestion: SuggestionRow | None) -> None:
    """Who suggested the trial, and what was predicted of it against what was measured."""
    st.markdown("**Why this configuration**")
    if suggestion is None:
        st.caption("No strategy suggested it.")
        return
    st.markdown(_STRATEGIES.get(suggestion.strategy, suggestion.strategy))
    told = [f"strategy {suggestion.strategy}"]
    if suggestion.seconds:
        told.append(f"chosen in {formats.duration(suggestion.seconds)}")
    if suggestion.note:
        told.append(formats.literal(suggestion.note))
    st.caption(" \u00b7 ".join(told))
    if not suggestion.predicted:
        return
    found = view.measured.get(trial.number)
    rows = []
    for name, (mean, deviation) in suggestion.predicted.items():
        value = None if found is None else found.metrics.get(name)
        reach = NORMAL_95 * deviation
        within = "" if value is None else "yes" if abs(value - mean) <= reach else "no"
        rows.append(
            {
                "metric": formats.label(name),
                "predicted": formats.interval(name, mean, deviation),
                "measured": formats.metric(name, value),
                "within": within,
            }
        )
    st.dataframe(pd.DataFrame(rows), hide_index=True, alt="Predicted against measured")
    st.caption("Predicted before it ran, with 90 % intervals.")
