"""The comparison of pre-trainings as a table to read."""

from __future__ import annotations

import pandas as pd

from dashboard import formats
from dashboard.pretraining.metrics import COSTS


def comparison_table(compared: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Rows of ``comparison_frame`` with units, under headings in words."""
    shown = pd.DataFrame({"method": compared["name"], "trial": compared["trial"]})
    shown[f"{formats.label(metric)} at the same cost"] = [
        formats.metric(metric, v) for v in compared["at_common"]
    ]
    shown["at its end"] = [formats.metric(metric, value) for value in compared["last"]]
    shown["steps"] = compared["step"]
    for name in COSTS:
        if name in compared:
            shown[formats.label(name)] = [formats.metric(name, value) for value in compared[name]]
    return shown
