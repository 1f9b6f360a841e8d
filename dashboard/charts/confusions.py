"""Which label a model gives where which one is right, as a table of coloured cells."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from dashboard.charts.layout import FONT_SIZE, arrange
from dashboard.palette import Palette

TITLE = "Answers given for each right label, in percent of the examples with that label"


def confusions_chart(confusions: pd.DataFrame, colours: Palette) -> Any:  # noqa: ANN401 - plotly is untyped
    """A cell for each pair of labels; each row adds up to 100 %.

    Args:
        confusions: columns gold, answer and examples.
        colours: the palette in force.
    """
    table = confusions.pivot_table(
        index="gold", columns="answer", values="examples", aggfunc="sum", fill_value=0
    )
    labels = list(dict.fromkeys([*table.index, *table.columns]))
    table = table.reindex(index=list(table.index), columns=labels, fill_value=0)
    shares = 100 * table.div(table.sum(axis=1), axis=0)
    figure = go.Figure(
        go.Heatmap(
            z=shares.to_numpy().tolist(),
            x=[str(label) for label in labels],
            y=[str(label) for label in table.index],
            customdata=table.to_numpy().tolist(),
            text=[
                [f"{share:.0f} %<br>{count:,}" for share, count in zip(row, counts, strict=True)]
                for row, counts in zip(shares.to_numpy(), table.to_numpy(), strict=True)
            ],
            texttemplate="%{text}",
            textfont={"size": FONT_SIZE},
            colorscale=[[0, colours.background], [1, colours.frontier]],
            zmin=0,
            zmax=100,
            xgap=2,
            ygap=2,
            showscale=False,
            hovertemplate="right: %{y}<br>given: %{x}<br>%{z:.1f} %, %{customdata:,} examples<extra></extra>",
        )
    )
    height = 150 + 52 * len(table)
    arrange(figure, colours, title=TITLE, x="answer", y="right label", height=height, revision="confusions")
    figure.update_yaxes(autorange="reversed", showgrid=False, type="category")
    figure.update_xaxes(showgrid=False, type="category")
    return figure
