"""What stands behind a prediction: the measured trials most like it, and whether it extrapolates."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import torch

from engine.parameters import Configuration, Value
from engine.strategies.interface import Observation
from engine.strategies.models import Surrogate, quiet
from engine.whatif.answer import Near, Support

ALIKE = 0.75
"""Likeness from which a measured trial speaks for a configuration."""

WELL_SUPPORTED = 3
"""Alike trials from which a prediction is called well supported."""

MATTERS = 0.9
"""A step beyond what was measured counts when it lowers the likeness below this."""

FAR = 0.7
"""Share of the standard deviation before any trial that is left after all of them, from which little is known."""

NEAREST = 5
"""Alike trials that are named."""

Array = npt.NDArray[np.float64]


def support(surrogate: Surrogate, configuration: Configuration, completed: Sequence[Observation]) -> Support:
    """What stands behind the prediction of a configuration.

    Likeness is the model's own correlation of two configurations. It falls with the distance in the model's length
    scales, one for each parameter (automatic relevance determination), so that a difference in a parameter which the
    metric was found not to depend on does not count.

    A prediction extrapolates when a parameter that matters lies outside the values that were measured, or when the
    model is hardly surer of it than before the first trial.

    Args:
        surrogate: the model of the metric that is asked for.
        configuration: a legal one.
        completed: the experiment's trials with all of their metrics.
    """
    by_number = {trial.number: trial for trial in completed}
    trials = [by_number[trial.number] for trial in surrogate.trials]
    likenesses = _likeness(surrogate, [configuration], [trial.parameters for trial in trials])[0]
    alike = int(np.sum(likenesses >= ALIKE))
    order = np.argsort(-likenesses, kind="stable")[:NEAREST]
    nearest = [
        Near(trials[i].number, float(likenesses[i]), dict(trials[i].parameters), dict(trials[i].metrics))
        for i in order
    ]
    beyond = _beyond(surrogate, configuration, trials)
    if beyond:
        return Support("none", f"extrapolates: {'; '.join(beyond)}", alike, nearest)
    if _share_left(surrogate, configuration) >= FAR:
        return Support("none", "extrapolates: too far from every measured trial to say much", alike, nearest)
    if alike >= WELL_SUPPORTED:
        return Support("good", f"well supported by {alike} trials", alike, nearest)
    few = ("no trial is", "only one trial is", "only two trials are")[alike]
    return Support("thin", f"thinly supported: {few} like it", alike, nearest)


def _likeness(
    surrogate: Surrogate, some: Sequence[Configuration], others: Sequence[Mapping[str, Value]]
) -> Array:
    """Correlation of configurations before any trial, shape (some, others)."""
    kernel = surrogate.processes[0].covar_module
    left, right = surrogate.encode(some), surrogate.encode(others)
    with torch.no_grad(), quiet():
        covariance = kernel(left, right).to_dense()
        scale = (kernel(left, diag=True)[:, None] * kernel(right, diag=True)[None]).sqrt()
    found: Array = (covariance / scale).numpy()
    return found


def _share_left(surrogate: Surrogate, configuration: Configuration) -> float:
    """Standard deviation of the true value as a share of what it was before any trial."""
    with torch.no_grad(), quiet():
        prior = float(surrogate.processes[0].covar_module(surrogate.encode([configuration]), diag=True)[0])
    deviation = float(surrogate.predict([configuration]).deviations[0, 0])
    return deviation / (surrogate.scales[0].deviation * math.sqrt(prior))


def _beyond(surrogate: Surrogate, configuration: Configuration, trials: Sequence[Observation]) -> list[str]:
    """Parameters that lie outside what was measured and matter there, in words."""
    found = []
    for name in surrogate.problem.space.parameters:
        value, measured = configuration[name], {trial.parameters[name] for trial in trials}
        if value in measured:
            continue
        if any(isinstance(other, str) for other in (value, *measured)):
            nearest, words = [min(measured, key=str)], f"no trial has {name} = {value}"
        else:
            nearest, words = _end(name, float(value), [float(other) for other in measured])
        if any(_changes(surrogate, configuration, name, other) for other in nearest):
            found.append(words)
    return found


def _end(name: str, value: float, measured: Sequence[float]) -> tuple[list[Value], str]:
    """The end of the measured values that a value lies beyond, none within them, and what to say of it."""
    low, high = min(measured), max(measured)
    if value < low:
        return [low], f"no trial has {name} below {low:.4g}"
    return ([high], f"no trial has {name} above {high:.4g}") if value > high else ([], "")


def _changes(surrogate: Surrogate, configuration: Configuration, name: str, value: Value) -> bool:
    """Whether the model takes the configuration for another when one value is exchanged."""
    return bool(_likeness(surrogate, [configuration], [configuration | {name: value}])[0, 0] < MATTERS)
