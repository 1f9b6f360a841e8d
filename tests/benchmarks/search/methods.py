"""The compared methods by name; their libraries are imported when a run starts, so that each can be left out."""

from __future__ import annotations

from tests.benchmarks.search.method import Method
from tests.benchmarks.search.problem import SearchTask

CHEAP = ("random", "tpe", "nsga2")
"""Methods whose proposals cost next to nothing: they get more trials."""

METHODS = ("ours", "ax", "botorch", "gp-sampler", *reversed(CHEAP))

LABELS = {
    "ours": "ours (nehvi)",
    "ax": "Ax Client default",
    "botorch": "plain BoTorch qLogNEHVI",
    "gp-sampler": "Optuna GPSampler",
    "nsga2": "Optuna NSGA-II",
    "tpe": "Optuna TPE default",
    "random": "random",
}


def start(name: str, task: SearchTask, seed: int) -> Method:
    """Start a run of a method.

    Raises:
        ValueError: when there is no such method.
        ImportError: when its library is not installed (extra ``peers``).
    """
    match name:
        case "ours":
            from tests.benchmarks.search.ours import Ours

            return Ours(task, seed)
        case "ax":
            from tests.benchmarks.search.ax_client import AxClient

            return AxClient(task, seed)
        case "botorch":
            from tests.benchmarks.search.plain_botorch import PlainBoTorch

            return PlainBoTorch(task, seed)
        case "gp-sampler" | "nsga2" | "tpe":
            from tests.benchmarks.search.optuna_study import OptunaStudy

            return OptunaStudy(task, seed, name)
        case "random":
            from tests.benchmarks.search.random_search import RandomSearch

            return RandomSearch(task, seed)
    raise ValueError(f"no method {name!r}; known are {', '.join(METHODS)}")
