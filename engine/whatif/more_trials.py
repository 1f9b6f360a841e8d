"""Whether more trials would beat the best one measured, as the models see it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from engine.parameters import Configuration, configuration_key
from engine.strategies.interface import Observation
from engine.strategies.trials import tried_keys
from engine.whatif.answer import MoreTrials
from engine.whatif.exploring import Aim, Table
from engine.whatif.learning import Models
from engine.whatif.question import Budget

MORE_TRIALS = 8
"""How many further trials are meant by "more"."""

SHORTLIST = 64
"""Configurations of highest expected gain that are compared by joint draws."""

DRAWS = 1024
"""Joint draws of the shortlist's true values; probabilities are good to about 0.015."""

Array = npt.NDArray[np.float64]

TINY = 1e-12
"""Stands for a standard deviation of 0."""

_SELECTING, _JUDGING = 1, 2


def more_trials(models: Models, aim: Aim, table: Table, shipped: Observation) -> MoreTrials | None:
    """The probability that further trials are truly better than the shipped one and keep the budgets.

    The greatest of a thousand uncertain values nearly always exceeds a given one, although nobody can say which of
    them it is: "does anything better exist" is not the question of somebody who pays for trials. Counted are
    therefore trials that can be named now: the configuration of highest expected gain for the next one, and
    ``MORE_TRIALS`` chosen greedily for their joint expected gain. Models that lack a group of trials each judge what
    the full model put on the shortlist, by draws other than those it was chosen by, so that a choice flatters itself
    as little as may be. Later trials would learn from earlier ones, so that a search does rather better.

    A trial counts as better from a gain of ``margin`` on, the scatter of one measurement: smaller gains exist nearly
    everywhere and nobody could tell. True quality is that of the settings, the mean over trainings.

    Args:
        models: what was learned, the quality among it.
        aim: the question.
        table: configurations that were looked at.
        shipped: the best measured trial.

    Returns:
        None when every configuration that was looked at has been measured.
    """
    taken = tried_keys(models.observations)
    free = [i for i, one in enumerate(table.configurations) if configuration_key(one) not in taken]
    if not free:
        return None
    shortlist = _shortlist(models, aim, table, free, shipped)
    configurations = [table.configurations[i] for i in shortlist]
    selecting = _gains(models, aim, configurations, shipped, _SELECTING)
    best = [configurations[i] for i in _greedy(selecting, MORE_TRIALS)]
    judged = _gains(models, aim, best, shipped, _JUDGING)
    margin = _margin(models, aim, shipped)
    return MoreTrials(
        margin=margin,
        chosen=best,
        gain=float(np.maximum(judged[:, 0], 0.0).mean()),
        next=float(np.mean(judged[:, 0] > margin)),
        any=float(np.mean(judged.max(axis=1) > margin)),
    )


def _margin(models: Models, aim: Aim, shipped: Observation) -> float:
    """The scatter of one measurement of the shipped trial, in the quality's unit."""
    learned = models.learned[aim.quality.name]
    now = learned.predict([dict(shipped.parameters)])[0]
    return float(np.abs(learned.back(learned.forward(now) + learned.noise) - now)[0])


def _shortlist(models: Models, aim: Aim, table: Table, free: list[int], shipped: Observation) -> list[int]:
    """Indices of the highest expected gains over the shipped trial, each alone and by formula."""
    learned, column = models.learned[aim.quality.name], table.names.index(aim.quality.name)
    now = learned.predict([dict(shipped.parameters)])[0]
    gains = learned.forward(table.means[free, column]) - learned.forward(now)
    deviations = np.maximum(learned.reliability.widening * table.deviations[free, column], TINY)
    ahead = aim.quality.sign * gains / deviations
    density = np.exp(-0.5 * ahead**2) / np.sqrt(2 * np.pi)
    worth = deviations * (ahead * ndtr(ahead) + density) * table.success[free]
    for limit in aim.limits:
        worth *= _keeps(models, table, limit)[free]
    return [free[i] for i in np.argsort(-worth, kind="stable")[:SHORTLIST]]


def _keeps(models: Models, table: Table, limit: Budget) -> Array:
    """Probability that each true value keeps a budget."""
    column = table.names.index(limit.metric)
    room = models.room(limit, table.means[:, column])
    if limit.metric in models.known:
        return np.where(room >= 0, 1.0, 0.0)
    deviations = models.learned[limit.metric].reliability.widening * table.deviations[:, column]
    found: Array = ndtr(room / np.maximum(deviations, TINY))
    return found


def _gains(
    models: Models, aim: Aim, configurations: list[Configuration], shipped: Observation, stream: int
) -> Array:
    """Draws of each true gain over the shipped trial, -inf where a trial fails or breaks a budget.

    Returns:
        Shape (draws, configurations).
    """
    seed = 2 * models.problem.seed + stream
    quality = models.draws(aim.quality.name, [*configurations, dict(shipped.parameters)], DRAWS, seed)
    gains = aim.quality.sign * (quality[:, :-1] - quality[:, -1:])
    runs = np.random.default_rng(seed).random(gains.shape)
    counts = runs < models.success(aim.quality.name, configurations)
    for limit in aim.limits:
        # A bound on the quality itself is met or not by the very same draw.
        is_quality = limit.metric == aim.quality.name
        values = quality[:, :-1] if is_quality else models.draws(limit.metric, configurations, DRAWS, seed)
        counts &= limit.sign * (values - limit.limit) <= 0
    return np.where(counts, gains, -np.inf)


def _greedy(gains: Array, count: int) -> list[int]:
    """Columns that together have the highest expected best gain, no gain counting as 0."""
    best = np.zeros(len(gains))
    chosen: list[int] = []
    for _ in range(min(count, gains.shape[1])):
        expected = np.maximum(gains, best[:, None]).mean(axis=0)
        expected[chosen] = -np.inf
        chosen.append(int(np.argmax(expected)))
        best = np.maximum(best, gains[:, chosen[-1]])
    return chosen
