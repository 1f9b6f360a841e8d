"""Pre-training compared over steps or cost, for experiments whose task it is."""

from __future__ import annotations

import pandas as pd

from dashboard.charts.pretraining import SCORE, pretraining_chart
from dashboard.components.chart import chart
from dashboard.components.cost_axis import cost_axis
from dashboard.components.navigate import go
from dashboard.services import Services
from dashboard.views import colours
from engine.overview import Overview
from storage.curves import evaluations_frame
from storage.store import Store


def pretraining_panel(present: Services, view: Overview) -> None:
    """Draw the chart with the choice of its horizontal axis; a click on a point opens the trial."""
    over = cost_axis("over")
    chart(
        pretraining_chart(curves(present.store, view), colours(), over=over),
        key="pretraining",
        alt="Masked tokens guessed right by every trial as its training goes on",
        on_click=lambda number: go("trial", id=f"{view.experiment.name}/{number}"),
    )


def curves(store: Store, view: Overview) -> pd.DataFrame:
    """Evaluations of all students, as ``pretraining_chart`` takes them; a trial is named by its method."""
    frames = []
    for trial in view.students:
        found = evaluations_frame(store, trial.trial_id)
        if SCORE in set(found["name"]):
            table = found.pivot_table(index="step", columns="name", values="value").reset_index()
            name = str(trial.parameters.get("method", f"trial {trial.number}"))
            frames.append(table.assign(trial=trial.number, name=name))
    return pd.concat(frames) if frames else pd.DataFrame()
