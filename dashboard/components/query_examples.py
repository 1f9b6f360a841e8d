"""Queries that work on the data at hand, for somebody who sees the SQL page for the first time."""

from __future__ import annotations

from engine.experiment import ExperimentSpec
from engine.metrics import quality_and_cost
from storage.experiments import list_experiments
from storage.naming import view_name
from storage.store import Store


def examples(store: Store) -> dict[str, str]:
    """Titles and queries; those on an experiment use the newest one that has run."""
    rows = list_experiments(store)
    if not rows:
        return {
            "Which tables there are": "SELECT table_name, comment FROM duckdb_tables() ORDER BY table_name"
        }
    newest = next((row for row in reversed(rows) if row.started_at is not None), rows[-1])
    found = _of_experiment(view_name(newest.name), ExperimentSpec.model_validate(newest.spec))
    found["All experiments and their trials"] = (
        "SELECT name, experiments.state, count(*) AS trials,\n"
        "    count(*) FILTER (trials.state = 'completed') AS completed\n"
        "FROM experiments JOIN trials USING (experiment_id)\nGROUP BY ALL ORDER BY name"
    )
    return found


def _of_experiment(view: str, spec: ExperimentSpec) -> dict[str, str]:
    searched = "".join(f"{name}, " for name in spec.parameters)
    first = next(iter(spec.parameters), None)
    found: dict[str, str] = {}
    if names := quality_and_cost(spec.metrics):
        quality, cost = (metric.name for metric in names)
        shown = f"{first}, " if first else ""
        found["The frontier"] = (
            f"SELECT trial, {shown}{quality}, {cost}\nFROM {view}\nWHERE on_frontier ORDER BY {cost}"
        )
        if first:
            found["Best result for each value of a parameter"] = (
                f"SELECT {first}, count(*) AS trials, max({quality}) AS best_{quality}, "
                f"min({cost}) AS least_{cost}\n"
                f"FROM {view}\nWHERE role <> 'teacher'\nGROUP BY {first} ORDER BY {first}"
            )
    found["Failed trials and why"] = f"SELECT trial, {searched}reason\nFROM {view}\nWHERE state = 'failed'"
    found["Where the time went"] = (
        f"SELECT trial, state, round(duration_seconds, 1) AS seconds\nFROM {view}\n"
        "ORDER BY duration_seconds DESC NULLS LAST"
    )
    return found
