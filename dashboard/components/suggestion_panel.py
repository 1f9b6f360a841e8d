"""Why a trial was chosen, and how well the strategy foresaw it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import formats
from engine.measured import NORMAL_95
from engine.overview import Overview
from storage.suggestions import SuggestionRow
from storage.trials import TrialRow

DECISIVE = 3
"""Settings named as those that move a metric most."""

_STRATEGIES = {
    "baseline": "It is the reference configuration, run first.",
    "sobol": "A quasi-random point, which spreads the first trials over the space.",
    "centre": "It is the middle of the space, the likeliest place to find a configuration that works.",
    "transfer": "It was on the frontier of an earlier experiment on the same space.",
    "grid": "A point of the grid, every one of which is trained.",
    "extract": "It stands in the sorted space where an architecture is to be trained.",
    "single": "The reference configuration once more, with another seed.",
    "person": "A person chose it.",
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
    if suggestion.model:
        st.caption(_models(suggestion.model))
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


def _models(model: Mapping[str, Any]) -> str:
    """What the models had to go on, and which settings moved each metric most."""
    told = [f"Models of {model['trials']} trials"]
    if model["known"]:
        told.append(f"exact by formula: {', '.join(model['known'])}")
    for name, found in model["learned"].items():
        shortest = sorted(found["length_scales"].items(), key=lambda pair: pair[1])[:DECISIVE]
        told.append(
            f"{formats.label(name)} moved most by {', '.join(parameter for parameter, _ in shortest)}"
        )
    return " \u00b7 ".join(told)
