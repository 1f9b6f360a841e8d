"""Bayesian search: the configuration expected to grow the frontier's hypervolume most, by qLogNEHVI."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import torch
from botorch.exceptions.errors import BotorchError, ModelFittingError
from botorch.utils.sampling import manual_seed

from engine.frontier import frontier
from engine.parameters import Configuration
from engine.strategies import sobol
from engine.strategies.acquisition import improvement
from engine.strategies.interface import Observation, SearchProblem, Suggestion
from engine.strategies.known_points import KnownPoints
from engine.strategies.models import Surrogate, fit, quiet
from engine.strategies.optimiser import Search, maximise
from engine.strategies.processes import Memory
from engine.strategies.trials import in_state, tried_keys, usable, with_pending

NUMERICAL_FAILURES = (BotorchError, ModelFittingError, RuntimeError)
"""What BoTorch raises when a model cannot be fitted or maximised, and what the linear algebra below it raises
(NotPSDError, NanError and LinAlgError are RuntimeErrors)."""

DOUBTFUL = 0.9
"""A probability of success below this is worth a note."""


def suggest(
    problem: SearchProblem,
    observations: Sequence[Observation],
    count: int = 1,
    memory: Memory | None = None,
) -> list[Suggestion]:
    """The next ``count`` configurations; the models are fitted once, and each sees the earlier as pending.

    Needs at least two completed trials with every optimised and constrained metric. Where the algebra fails,
    the suggestion is one of ``sobol`` with a note that says why.

    Args:
        problem: what is searched.
        observations: the trials so far.
        count: how many are wanted.
        memory: hyperparameters of the last fit, to start from; updated.

    Raises:
        SettingError: when no legal configuration is found.
    """
    seen = list(observations)
    made: list[Suggestion] = []
    surrogate: Surrogate | None = None
    with _one_quiet_thread():
        while len(made) < count:
            start = time.perf_counter()
            try:
                if surrogate is None:
                    with manual_seed(_seed(problem, seen)):
                        surrogate = fit(problem, seen, memory)
                suggestion = _next(surrogate, seen, start)
            except NUMERICAL_FAILURES as error:
                reason = f"quasi-random, because the model failed: {type(error).__name__}: {error}"
                suggestion = sobol.suggest(problem, seen, note=reason)
            made.append(suggestion)
            seen = with_pending(seen, [suggestion])
    return made


def _next(surrogate: Surrogate, seen: Sequence[Observation], start: float) -> Suggestion:
    problem = surrogate.problem
    seed = _seed(problem, seen)
    known = KnownPoints(surrogate)
    pending = [dict(trial.parameters) for trial in in_state(seen, "pending")]
    with manual_seed(seed):
        acq = improvement(surrogate, known, pending, seed)
        search = Search(problem, surrogate.encoding, tried_keys(seen), seed)
        best = maximise(acq, search, known, _centres(problem, seen))
        if best is None:
            # No free configuration meets the thresholds of what is known; one that does not still teaches.
            best = maximise(acq, replace(search, within_thresholds=False), known, _centres(problem, seen))
    if best is None:
        return sobol.suggest(problem, seen)
    parameters, value = best
    predictions = surrogate.predict([parameters])
    chance = None if predictions.success is None else float(predictions.success[0])
    return Suggestion(
        parameters=parameters,
        strategy="nehvi",
        acquisition_value=value,
        predicted={
            metric.name: (float(predictions.means[0, i]), float(predictions.deviations[0, i]))
            for i, metric in enumerate(surrogate.metrics)
        },
        seconds=time.perf_counter() - start,
        note=f"expected to run through with probability {chance:.2f}"
        if chance is not None and chance < DOUBTFUL
        else None,
        model=surrogate.summary(),
    )


def _centres(problem: SearchProblem, seen: Sequence[Observation]) -> list[Configuration]:
    """Configurations of the frontier, or of all completed trials while no trial is on it."""
    trials = {trial.number: trial for trial in usable(problem, seen)}
    best = frontier(problem.metrics, {number: trial.metrics for number, trial in trials.items()})
    return [dict(trials[number].parameters) for number in sorted(best or trials)]


def _seed(problem: SearchProblem, seen: Sequence[Observation]) -> int:
    """One seed for each number of trials so far, so that the same trials give the same suggestion."""
    return (problem.seed * 1_000_003 + len(seen)) % 2**31


@contextmanager
def _one_quiet_thread() -> Iterator[None]:
    """One torch thread (more only wait for each other on matrices of this size), no numerical warnings."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with quiet():
            yield
    finally:
        torch.set_num_threads(threads)
