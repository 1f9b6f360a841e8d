"""What can be shared: each kind of view, what of its address says which data it shows, and whose they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.components.query_address import PLAN, QUERY, VIEW
from dashboard.query_parameters import parameters_of
from engine.errors import SettingError, UnknownNameError
from engine.exporting import parse_trial_name
from engine.launch import stored_spec
from storage.experiments import get_experiment
from storage.freezing import Trial
from storage.links import Query
from storage.store import Store


@dataclass(frozen=True, slots=True)
class View:
    """A kind of view.

    Attributes:
        words: what it is called.
        experiments: parameters of its address that name experiments, or trials of them; None where it may read any.
            Whoever opens a link cannot change these; of a query, nothing at all.
        trials: those among them that name trials it shows in detail.
    """

    words: str
    experiments: tuple[str, ...] | None
    trials: tuple[str, ...] = ()


VIEWS: Mapping[str, View] = {
    "experiment": View("experiment", ("id",)),
    "trial": View("trial", ("id", "with"), trials=("id", "with")),
    "compare": View("comparison", ("ids", "experiments"), trials=("ids",)),
    "what_if": View("what-if", ("experiment",)),
    "extraction": View("extraction", ("id",)),
    "pretraining": View("pre-training", ("id",)),
    "data": View("data", ("experiment",)),
    "sql": View("query", None),
}
"""Views by the name of their page's script."""


def experiments_of(store: Store, page: str, query: Query) -> list[str] | None:
    """Names of the experiments that a view reads, those it learns from included; None for any there are.

    Raises:
        UnknownNameError: when one of them does not exist.
        SettingError: when the address names none.
    """
    parameters = VIEWS[page].experiments
    if parameters is None:
        return None
    named = [value.partition("/")[0] for name in parameters for value in _values(query, name)]
    if not named:
        raise SettingError(
            f"the address of this {VIEWS[page].words} names no experiment, so there is nothing to share"
        )
    found = dict.fromkeys(named)
    for name in named:
        for earlier in stored_spec(get_experiment(store, name)).strategy.transfer_from:
            try:
                get_experiment(store, earlier)
            except UnknownNameError:
                continue
            found[earlier] = None
    return list(found)


def trials_of(page: str, query: Query) -> list[Trial]:
    """Trials that a view shows in detail."""
    named = [value for name in VIEWS[page].trials for value in _values(query, name)]
    return [parse_trial_name(value) for value in named]


def is_fixed(page: str, parameter: str) -> bool:
    """Whether a parameter of a view's address says which data it shows."""
    named = VIEWS[page].experiments
    return named is None or parameter in named


def question_of(query: Query) -> tuple[str, dict[str, Any]]:
    """The query that the address of the SQL page has run, and the values of its parameters.

    Raises:
        SettingError: when there is none.
    """
    given = {name: values[-1] for name, values in query.items() if values}
    sql = given.get(QUERY, "")
    if not sql.strip():
        raise SettingError("there is no query yet, so there is no result to share")
    parameters = parameters_of(sql, given, {})
    if given.get(VIEW) == PLAN and not sql.lstrip().lower().startswith("explain"):
        sql = f"EXPLAIN {sql}"
    return sql, {item.name: item.value for item in parameters}


def _values(query: Query, name: str) -> list[str]:
    """Values of a parameter, given one by one or joined by commas."""
    return [part.strip() for value in query.get(name, ()) for part in value.split(",") if part.strip()]
