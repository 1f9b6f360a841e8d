"""What a trial used of the machine: processors, memory and graphics cards over time."""

from __future__ import annotations

import streamlit as st

from dashboard import formats
from dashboard.charts.resources import busy_chart, memory_chart
from dashboard.components.chart import chart
from dashboard.services import Services
from dashboard.views import colours
from storage.resources import resources_frame
from storage.trials import TrialRow


def trial_resources(present: Services, trial: TrialRow) -> None:
    """Two charts, and the most that was used in words."""
    resources = resources_frame(present.store, trial.trial_id)
    left, right = st.columns(2)
    with left:
        chart(busy_chart(resources, colours()), key="busy", alt="Processor in use over time")
    with right:
        chart(memory_chart(resources, colours()), key="memory", alt="Memory in use over time")
    if resources.empty:
        st.caption(
            "No looks are stored of this trial. One that ends within half a second is never looked at; "
            "trials of earlier versions were not either."
        )
        return
    told = [
        f"Processor {resources['cpu_percent'].mean():.0f} % of a core on average, "
        f"{resources['cpu_percent'].max():.0f} % at most",
        f"memory at most {formats.size(1e6 * resources['memory_mb'].max())}",
    ]
    if resources["gpu_percent"].notna().any():
        told.append(f"graphics card {resources['gpu_percent'].mean():.0f} % busy on average")
    if resources["gpu_memory_mb"].notna().any():
        told.append(f"at most {formats.size(1e6 * resources['gpu_memory_mb'].max())} on it")
    st.caption(
        f"{', '.join(told)}. Main memory and processors are those of all processes of the trial; "
        "figures of graphics cards are of whole cards, which other programs may use too."
    )
