"""How pre-trainings compare: where each has come to, and where it was when the least had been spent."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from dashboard import formats
from dashboard.pretraining.metrics import COSTS, SCORE


def comparison_frame(curves: pd.DataFrame, over: str, metric: str = SCORE) -> pd.DataFrame:
    """One row a trial, the best at the common cost first.

    Args:
        curves: as ``curves.curves_frame`` gives it.
        over: what the horizontal axis is: ``step`` or one of the costs.
        metric: what is compared.

    Returns:
        Columns experiment, trial, name, last (the metric's last value), at_common (its value where the trial that has
        spent least ended, straight lines between evaluations), the metric's last cost of every kind there is, and step.
    """
    if curves.empty or not {metric, over} <= set(curves):
        return pd.DataFrame()
    found = curves.dropna(subset=[metric, over])
    if found.empty:
        return pd.DataFrame()
    common = float(found.groupby(["experiment", "trial"], sort=False)[over].max().min())
    rows: list[dict[str, Any]] = []
    for _, part in found.groupby(["experiment", "trial"], sort=False):
        ordered = part.sort_values(over)
        last = ordered.iloc[-1]
        rows.append(
            {
                "experiment": last["experiment"],
                "trial": int(last["trial"]),
                "name": last["name"],
                "last": float(last[metric]),
                "at_common": float(np.interp(common, ordered[over], ordered[metric])),
                "step": int(last["step"]),
                **{name: float(last[name]) for name in COSTS if name in last and np.isfinite(last[name])},
            }
        )
    better = metric == SCORE
    return pd.DataFrame(rows).sort_values(
        ["at_common", "trial"], ascending=[not better, True], ignore_index=True
    )


def common_cost(curves: pd.DataFrame, over: str, metric: str = SCORE) -> float | None:
    """Cost at which all trials had an evaluation behind them: where the one that has spent least ended."""
    if curves.empty or not {metric, over} <= set(curves):
        return None
    ends = curves.dropna(subset=[metric, over]).groupby(["experiment", "trial"])[over].max()
    return None if ends.empty else float(ends.min())


def comparison_sentence(compared: pd.DataFrame, common: float, over: str, metric: str = SCORE) -> str | None:
    """Which trial is ahead at the same cost, and by how much; None where there is nothing to compare."""
    if len(compared) < 2:
        return None
    best, second = compared.iloc[0], compared.iloc[1]
    spent = (
        f"{common:,.0f} steps" if over == "step" else f"{formats.metric(over, common)} {_noun(over)}".strip()
    )
    told = formats.metric(metric, float(best["at_common"]))
    other = formats.metric(metric, float(second["at_common"]))
    return (
        f"After {spent} each, {best['name']} (trial {best['trial']}) has {told} {formats.label(metric)}, "
        f"{second['name']} (trial {second['trial']}) {other}."
    )


def _noun(name: str) -> str:
    """What a cost's value is called behind its unit."""
    return {"train_flops": "of training", "train_tokens": "tokens", "train_seconds": "of training"}[name]
