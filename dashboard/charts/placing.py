"""Where trials are drawn between two axes, and how the axes are marked."""

from __future__ import annotations

from typing import Any

import pandas as pd

from dashboard.tables import Status
from engine.metric_catalogue import METRICS

MARGIN_SHARE = 0.07
"""How far beyond the data trials without a value are drawn, as a share of the data's range."""

FEW_DECADES = 10**3.5
"""On a logarithmic axis that spans less, 2 and 5 have tick marks as well as 1."""


def placed(trials: pd.DataFrame, x: str, y: str) -> pd.DataFrame:
    """Trials with the columns ``at_x`` and ``at_y`` where they are drawn; stopped ones are left out.

    Failed, waiting and running trials that lack a value lie in a margin beyond the data.
    """
    drawn = trials[~trials["status"].isin([Status.STOPPED, Status.DATA])].copy()
    waiting = drawn["status"].isin([Status.FAILED, Status.RUNNING])
    for name, place, beyond in ((x, "at_x", "high"), (y, "at_y", "low")):
        drawn[place] = values_of(drawn, name)
        if not pd.api.types.is_numeric_dtype(drawn[place]):
            continue
        numbers = drawn[place]
        if numbers.notna().any():
            low, high = float(numbers.min()), float(numbers.max())
            reach = MARGIN_SHARE * ((high - low) or abs(high) or 1.0)
            drawn.loc[waiting & numbers.isna(), place] = high + reach if beyond == "high" else low - reach
    return drawn[drawn["at_x"].notna() & drawn["at_y"].notna()]


def values_of(trials: pd.DataFrame, name: str) -> pd.Series[Any]:
    """A column as floats, or as it is where it holds names; all missing where there is no such column."""
    values = trials[name] if name in trials else pd.Series(None, index=trials.index, dtype=float)
    numbers = pd.to_numeric(values, errors="coerce").astype(float)
    return values if numbers.notna().sum() < values.notna().sum() else numbers


def mark_axes(figure: Any, drawn: pd.DataFrame, x: str, y: str, log: frozenset[str]) -> None:  # noqa: ANN401
    """Logarithmic axes; counts with the prefixes k, M, G, T; words in the order in which trials first had them.

    Args:
        figure: is changed.
        drawn: as ``placed`` gives it.
        x: name of the horizontal axis.
        y: name of the vertical axis.
        log: names of the axes that are logarithmic.
    """
    for name, axis, place in ((x, "xaxis", "at_x"), (y, "yaxis", "at_y")):
        if name in log:
            few = drawn[place].max() < FEW_DECADES * drawn[place].min()
            figure.update_layout({axis: {"type": "log", "tickformat": "~g", "dtick": "D2" if few else None}})
        if name in METRICS:
            figure.update_layout({axis: {"exponentformat": "SI"}})
            if axis == "xaxis" and drawn[place].nunique() == 1:
                # Otherwise the axis would span a millionth of the one value.
                value = float(drawn[place].iloc[0])
                reach = MARGIN_SHARE * abs(value) or 1.0
                figure.update_layout({axis: {"range": [value - reach, value + reach]}})
        elif not pd.api.types.is_numeric_dtype(drawn[place]):
            words = list(dict.fromkeys(drawn.sort_values("trial")[place]))
            figure.update_layout(
                {axis: {"type": "category", "categoryorder": "array", "categoryarray": words}}
            )
