"""An answer made by hand: three trials of which the middle one is to be shipped."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from engine.measured import Measured
from engine.metrics import Metric
from engine.whatif.answer import (
    Answer,
    Dearer,
    Estimate,
    Expected,
    FrontierPoint,
    MoreTrials,
    Near,
    Reliability,
    Shipment,
    Spread,
    Support,
)
from engine.whatif.question import Budget, Question

METRICS = (
    Metric(name="exact", direction="maximize", threshold=50.0),
    Metric(name="num_parameters", direction="minimize"),
)
BEST = {"n_layers": 5, "alpha": 0.7}
BASELINE = {"n_layers": 6, "alpha": 0.5}


def exactly(value: float) -> Estimate:
    return Estimate(value, value, value, is_exact=True)


ANSWER = Answer(
    question=Question({"alpha": 0.7}, [Budget("num_parameters", "max", 62e6)]),
    quality="exact",
    cost="num_parameters",
    trials=3,
    missing=0,
    is_fixed=False,
    best=Expected(
        BEST, {"exact": Estimate(66.0, 62.5, 69.5), "num_parameters": exactly(59.3e6)}, 0.9, True, 0.97
    ),
    support=Support(
        "good",
        "well supported by 3 trials",
        3,
        [Near(2, 0.98, {"n_layers": 4, "alpha": 0.7}, {"exact": 64.0, "num_parameters": 52e6})],
    ),
    spread={"exact": Spread(60.0, 50.0, 65.0), "num_parameters": Spread(52e6, 52e6, 52e6)},
    frontier=[
        FrontierPoint({"n_layers": 2, "alpha": 0.7}, Estimate(55.0, 50.0, 60.0), exactly(38e6)),
        FrontierPoint(BEST, Estimate(66.0, 62.5, 69.5), exactly(59.3e6)),
    ],
    shipment=Shipment(
        trial=2,
        parameters={"n_layers": 4, "alpha": 0.7},
        metrics={"exact": 64.0, "num_parameters": 52e6},
        standard_errors={"exact": 1.0},
        expected=Estimate(63.5, 61.0, 66.0),
        dearer=Dearer(1, "num_parameters", 14.4e6, 1.2, (-0.5, 2.9)),
        baseline=1,
        beats_baseline=0.2,
        beats_by="measurements",
        more=MoreTrials(0.8, [BEST], 0.6, 0.4, 0.7),
    ),
    reliability={"exact": Reliability(3, 1.5, 0.8, 0.7, 0.85, 1.2, "predicts exact well: R2 0.70")},
    notes=[],
)


def answered(**changes: Any) -> Answer:
    """The answer with some parts replaced."""
    return replace(ANSWER, **changes)


MEASURED = {
    0: Measured(0, {"exact": 79.0, "num_parameters": 110e6}, {}),
    1: Measured(1, {"exact": 65.2, "num_parameters": 66.4e6}, {"exact": 1.0}),
    2: Measured(2, {"exact": 64.0, "num_parameters": 52e6}, {"exact": 1.0}),
    3: Measured(3, {"exact": 40.0, "num_parameters": 30e6}, {"exact": 1.0}),
    4: Measured(4, {"exact": 60.0, "num_parameters": 60e6}, {"exact": 1.0}),
}

TRIALS = pd.DataFrame(
    {
        "trial": [0, 1, 2, 3, 4, 5],
        "role": ["teacher", "baseline", *["student"] * 4],
        "state": [*["completed"] * 5, "failed"],
        "status": ["reference", "baseline", "frontier", "below threshold", "dominated", "failed"],
        "on_frontier": [False, True, True, False, False, False],
        "progress": 1.0,
        "reason": None,
        "exact": [79.0, 65.2, 64.0, 40.0, 60.0, None],
        "num_parameters": [110e6, 66.4e6, 52e6, 30e6, 60e6, None],
    }
)
