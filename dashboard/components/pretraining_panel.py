"""Pre-training on the page of its experiment: the curves, and the way to the view that compares."""

from __future__ import annotations

from dashboard.charts.pretraining import pretraining_chart
from dashboard.components.chart import chart
from dashboard.components.cost_axis import cost_axis
from dashboard.components.navigate import go, link
from dashboard.pretraining.curves import curves_frame
from dashboard.services import Services
from dashboard.views import colours
from engine.overview import Overview


def pretraining_panel(present: Services, view: Overview) -> None:
    """Draw the chart with the choice of its horizontal axis; a click on a point opens the trial."""
    over = cost_axis("over")
    chart(
        pretraining_chart(curves_frame(present.store, [view.experiment]), colours(), over=over),
        key="pretraining",
        alt="Masked tokens guessed right by every trial as its training goes on",
        on_click=lambda number: go("trial", id=f"{view.experiment.name}/{number}"),
    )
    link("pretraining", ":blue[Compare the methods at the same cost]", id=view.experiment.name)
