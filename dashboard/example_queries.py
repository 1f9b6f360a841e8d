"""Queries that work on the data at hand and teach the schema to somebody who sees the SQL page for the first time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from dashboard import formats
from engine.experiment import ExperimentSpec
from engine.launch import stored_spec
from engine.metrics import quality_and_cost
from storage.experiments import ExperimentRow, list_experiments
from storage.naming import view_name
from storage.query_hints import longest_curve, typical_value
from storage.saved_queries import QueryParameter
from storage.store import Store

CURVE_POINTS = 100


@dataclass(frozen=True, slots=True)
class Example:
    """A query to begin with.

    Attributes:
        title: what it answers.
        teaches: what of the schema or of SQL it shows.
        sql: the query.
        parameters: with values that suit the data.
        chart: how its result is drawn; empty for a table.
    """

    title: str
    teaches: str
    sql: str
    parameters: tuple[QueryParameter, ...] = ()
    chart: Mapping[str, str] = field(default_factory=dict)


def example_queries(store: Store) -> list[Example]:
    """Examples; those on an experiment use the newest one that has run."""
    rows = list_experiments(store)
    if not rows:
        title, teaches = "Which tables there are", "the catalogue, which describes itself"
        return [
            Example(title, teaches, "SELECT table_name, comment FROM duckdb_tables() ORDER BY table_name")
        ]
    newest = next((row for row in reversed(rows) if row.started_at is not None), rows[-1])
    return [*_of_experiment(store, newest, stored_spec(newest)), _EVERYTHING]


def _of_experiment(store: Store, row: ExperimentRow, spec: ExperimentSpec) -> Iterator[Example]:
    view = view_name(row.name)
    names = quality_and_cost(spec.metrics)
    searched = "".join(f"{name}, " for name in spec.parameters)
    if names is not None:
        quality, cost = (metric.name for metric in names)
        yield _frontier(store, row, searched, (quality, cost))
        yield Example(
            "What each point of the frontier cost",
            "times, window functions, and a query within a query",
            f"SELECT trial, {quality}, {cost}, round(duration_seconds / 60, 2) AS minutes,\n"  # noqa: S608
            "    round(spent / 3600, 3) AS hours_spent_by_then\n"
            f"FROM (SELECT *, sum(duration_seconds) OVER (ORDER BY finished_at) AS spent FROM {view})\n"
            "WHERE on_frontier\nORDER BY finished_at",
            chart={"kind": "line", "x": "hours_spent_by_then", "y": quality},
        )
        yield from _best_by_parameter(view, spec, (quality, cost))
        if row.strategy == "nehvi":
            yield _predictions(row, view, quality)
    yield _failures(row)
    yield Example(
        "Failed and stopped trials, and why",
        "the columns that every experiment's view has",
        f"SELECT trial, state, {searched}reason\nFROM {view}\nWHERE state IN ('failed', 'stopped')",
    )
    yield _curves(store, row)


def _frontier(store: Store, row: ExperimentRow, searched: str, names: tuple[str, str]) -> Example:
    quality, cost = names
    middle = typical_value(store, row.experiment_id, cost)
    return Example(
        f"The frontier up to a limit of {formats.label(cost)}",
        "an experiment's view, and a parameter that becomes a field",
        f"SELECT trial, {searched}{quality}, {cost}\nFROM {view_name(row.name)}\n"
        f"WHERE on_frontier AND {cost} <= $limit\nORDER BY {cost}",
        (QueryParameter("limit", "number", 50e6 if middle is None else middle),),
        {"kind": "scatter", "x": cost, "y": quality},
    )


def _best_by_parameter(view: str, spec: ExperimentSpec, names: tuple[str, str]) -> Iterator[Example]:
    first = next(iter(spec.parameters), None)
    if first is None:
        return
    quality, cost = names
    yield Example(
        f"The best result for each value of {first}",
        "grouping, and conditions on one figure only",
        f"SELECT {first}, max({quality}) AS best, min({cost}) AS least_{cost}, count(*) AS trials,\n"
        f"    count(*) FILTER (state = 'failed') AS failed\n"
        f"FROM {view}\nWHERE role IN ('baseline', 'student')\nGROUP BY {first}\nORDER BY {first}",
        chart={"kind": "bar", "x": first, "y": "best"},
    )


def _predictions(row: ExperimentRow, view: str, quality: str) -> Example:
    return Example(
        "What the search expected, and what came out",
        "JSON columns, and joining a view with a table",
        f"SELECT trial, (predicted->>'$.{quality}[0]')::DOUBLE AS expected, {quality} AS measured,\n"
        "    s.strategy, s.note\n"
        f"FROM {view} JOIN suggestions AS s ON s.number = trial\nJOIN experiments USING (experiment_id)\n"
        f"WHERE experiments.name = '{row.name}' AND expected IS NOT NULL AND measured IS NOT NULL\nORDER BY trial",
        chart={"kind": "scatter", "x": "expected", "y": "measured", "colour": "strategy"},
    )


def _failures(row: ExperimentRow) -> Example:
    return Example(
        "Which settings the failures share",
        "parameters one by one, whatever they are called",
        "SELECT key AS setting,\n"
        "    CASE WHEN type = 'DOUBLE' THEN printf('about %.1g', value::DOUBLE) ELSE value->>'$' END AS about,\n"
        "    count(*) FILTER (trials.state = 'failed') AS failed, count(*) AS trials,\n"
        "    round(100 * failed / count(*), 1) AS failed_percent\n"
        "FROM trials JOIN experiments USING (experiment_id), json_each(parameters)\n"
        "WHERE experiments.name = $experiment AND role IN ('baseline', 'student')\n"
        "GROUP BY ALL HAVING failed > 0\nORDER BY failed_percent DESC, failed DESC",
        (QueryParameter("experiment", "text", row.name),),
    )


def _curves(store: Store, row: ExperimentRow) -> Example:
    every = max(1, longest_curve(store, row.experiment_id) // CURVE_POINTS)
    return Example(
        "Learning curves of the frontier, side by side",
        "steps, thinned by the database rather than in the browser",
        "SELECT 'trial ' || number AS trial, step // $every * $every AS step, avg(loss) AS loss\n"
        "FROM steps JOIN trials USING (trial_id) JOIN experiments USING (experiment_id)\n"
        f"WHERE experiments.name = '{row.name}' AND on_frontier\nGROUP BY ALL\nORDER BY trial, step",
        (QueryParameter("every", "number", every),),
        {"kind": "line", "x": "step", "y": "loss", "colour": "trial"},
    )


_EVERYTHING = Example(
    "All experiments and their trials",
    "the tables behind the views",
    "SELECT name, experiments.state, strategy, count(*) AS trials,\n"
    "    count(*) FILTER (trials.state = 'completed') AS completed,\n"
    "    round(sum(epoch(trials.finished_at - trials.started_at)) / 3600, 2) AS hours\n"
    "FROM experiments JOIN trials USING (experiment_id)\nGROUP BY ALL\nORDER BY name",
)
