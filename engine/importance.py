"""How much each parameter matters for each metric, once there are enough trials to tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.parameters import CategoricalParameter, Value
from engine.space import SearchSpace

TRIALS_EACH = 5
"""Completed trials for each parameter from which importance is told, as SigOpt has it."""
TREES = 100

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Importance:
    """Importance of the parameters.

    Attributes:
        by_metric: for each metric the share of each parameter, the largest first; empty while trials are missing.
        missing: completed trials still needed; 0 once there are enough.
    """

    by_metric: Mapping[str, Mapping[str, float]]
    missing: int


def importance(
    space: SearchSpace,
    configurations: Sequence[Mapping[str, Value]],
    metrics: Mapping[str, Sequence[float]],
) -> Importance:
    """Importance of every parameter for every metric, as SigOpt's server computes it.

    Impurity importance of extremely randomised trees (Geurts et al. 2006; 100 trees, seed 0) that predict the metric,
    scaled to [0, 1], from the parameters, those with a logarithmic scale as log10. Categorical parameters enter as
    one column a value, whose importances are added up. A metric that never changes gives every parameter the same.

    Args:
        space: the parameters.
        configurations: of completed trials.
        metrics: their values by metric, all finite, one a configuration.
    """
    missing = max(0, TRIALS_EACH * len(space.parameters) - len(configurations))
    if missing or not space.parameters:
        return Importance({}, missing)
    columns, owners = _columns(space, configurations)
    found = {}
    for name, values in metrics.items():
        shares = _shares(columns, np.asarray(values, dtype=np.float64))
        by_parameter = dict.fromkeys(space.parameters, 0.0)
        for owner, share in zip(owners, shares, strict=True):
            by_parameter[owner] += float(share)
        total = sum(by_parameter.values())
        if total == 0:
            by_parameter = dict.fromkeys(by_parameter, 1.0)
            total = float(len(by_parameter))
        ranked = sorted(by_parameter.items(), key=lambda pair: -pair[1])
        found[name] = {parameter: share / total for parameter, share in ranked}
    return Importance(found, 0)


def _columns(
    space: SearchSpace, configurations: Sequence[Mapping[str, Value]]
) -> tuple[FloatArray, list[str]]:
    """Columns of numbers, shape (trials, columns), and the parameter each belongs to."""
    columns: list[list[float]] = []
    owners: list[str] = []
    for name, parameter in space.parameters.items():
        if isinstance(parameter, CategoricalParameter):
            for value in parameter.values:
                columns.append([float(item[name] == value) for item in configurations])
                owners.append(name)
            continue
        numbers = np.array([float(item[name]) for item in configurations])
        columns.append((np.log10(numbers) if parameter.log else numbers).tolist())
        owners.append(name)
    return np.array(columns).T, owners


def _shares(columns: FloatArray, values: FloatArray) -> FloatArray:
    # Imported here: scikit-learn takes a second, and most callers want something else.
    from sklearn.ensemble import ExtraTreesRegressor

    spread = np.ptp(values)
    if spread == 0:
        return np.zeros(columns.shape[1])
    trees = ExtraTreesRegressor(n_estimators=TREES, random_state=0)
    trees.fit(columns, (values - values.min()) / spread)
    shares: FloatArray = trees.feature_importances_
    return shares
