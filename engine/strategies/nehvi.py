"""Bayesian search: the configuration expected to grow the frontier's hypervolume most, by qLogNEHVI."""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from botorch.exceptions.errors import BotorchError, ModelFittingError
from botorch.exceptions.warnings import BotorchWarning
from botorch.utils.sampling import manual_seed

from engine.frontier import frontier
from engine.space import Configuration
from engine.strategies import sobol
from engine.strategies.acquisition import acquisition
from engine.strategies.encoding import Encoding
from engine.strategies.interface import Observation, SearchProblem, Suggestion
from engine.strategies.models import Surrogate, fit
from engine.strategies.optimiser import Search, maximise
from engine.strategies.trials import in_state, tried_keys, usable, with_pending

NUMERICAL_FAILURES = (BotorchError, ModelFittingError, RuntimeError)
"""What BoTorch raises when a model cannot be fitted or maximised, and what the linear algebra below it raises
(NotPSDError, NanError and LinAlgError are RuntimeErrors)."""

DOUBTFUL = 0.9
"""A probability of success below this is worth a note."""


def suggest(problem: SearchProblem, observations: Sequence[Observation], count: int = 1) -> list[Suggestion]:
    """The next ``count`` configurations; the models are fitted once, and each sees the earlier as pending.

    Needs at least two completed trials with every optimised and constrained metric. Where the algebra fails,
    the suggestion is one of ``sobol`` with a note that says why.

    Raises:
        SettingError: when no configuration that meets the rules is found.
    """
    encoding = Encoding(problem.space)
    seen = list(observations)
    made: list[Suggestion] = []
    surrogate: Surrogate | None = None
    with _one_quiet_thread():
        while len(made) < count:
            start = time.perf_counter()
            try:
                if surrogate is None:
                    with manual_seed(_seed(problem, seen)):
                        surrogate = fit(problem, encoding, seen)
                suggestion = _next(problem, encoding, surrogate, seen, start)
            except NUMERICAL_FAILURES as error:
                reason = f"quasi-random, because the model failed: {type(error).__name__}: {error}"
                suggestion = sobol.suggest(problem, seen, note=reason)
            made.append(suggestion)
            seen = with_pending(seen, [suggestion])
    return made


def _next(
    problem: SearchProblem,
    encoding: Encoding,
    surrogate: Surrogate,
    seen: Sequence[Observation],
    start: float,
) -> Suggestion:
    seed = _seed(problem, seen)
    search = Search(problem, encoding, tried_keys(seen), seed)
    pending = [observation.parameters for observation in in_state(seen, "pending")]
    with manual_seed(seed):
        acq = acquisition(surrogate, torch.as_tensor(encoding.encode(pending)) if pending else None, seed)
        best = maximise(acq, search, _centres(problem, seen))
    if best is None:
        return sobol.suggest(problem, seen)
    parameters, value = best
    point = torch.as_tensor(encoding.encode([parameters]))
    chance = surrogate.success_probability(point)
    return Suggestion(
        parameters=parameters,
        strategy="nehvi",
        acquisition_value=value,
        predicted=surrogate.predict(point),
        seconds=time.perf_counter() - start,
        note=f"expected to run through with probability {chance:.2f}"
        if chance is not None and chance < DOUBTFUL
        else None,
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
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", BotorchWarning)
            # Jitter added to a matrix, or a line search that ended early: the best point found still counts.
            warnings.simplefilter("ignore", RuntimeWarning)
            yield
    finally:
        torch.set_num_threads(threads)
