"""What matters, what is still open, and what to change: the advice on an experiment."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import formats
from engine.advice.advise import advise
from engine.importance import Importance
from engine.overview import Overview
from engine.what_matters import what_matters


def advice_panel(view: Overview) -> None:
    """Draw warnings, notes, the trials worth training again, and the importance of parameters."""
    for advice in advise(view):
        if advice.severity == "warning":
            st.warning(formats.literal(advice.sentence))
        else:
            st.markdown(formats.literal(advice.sentence))
    if view.findings.again:
        named = ", ".join(
            f"{number} ({formats.share(view.findings.membership[number])})" for number in view.findings.again
        )
        st.markdown(f"Open whether on the frontier, worth training again with other seeds: trial {named}.")
    if view.spec.parameters:
        _importance(what_matters(view))


def _importance(found: Importance) -> None:
    st.subheader("What matters")
    if found.missing:
        st.caption(f"Importance of the parameters needs {found.missing} more completed trials.")
        return
    table = pd.DataFrame(
        {formats.label(metric): dict(shares) for metric, shares in found.by_metric.items()}
    ).rename_axis("parameter")
    table = table.sort_values(list(table.columns), ascending=False).reset_index()
    columns = {
        name: st.column_config.ProgressColumn(name, format="percent", min_value=0, max_value=1)
        for name in table.columns[1:]
    }
    st.dataframe(table, column_config=columns, hide_index=True, alt="Importance of each parameter by metric")
    st.caption("Share of what a forest of extremely randomised trees reads off each parameter.")
