"""Optuna storages written by hand: the rows and lines that Optuna 5 wrote for the same two studies."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

TABLES = """
CREATE TABLE studies (study_id INTEGER PRIMARY KEY, study_name VARCHAR(512) NOT NULL);
CREATE TABLE version_info (version_info_id INTEGER PRIMARY KEY, schema_version INTEGER, library_version VARCHAR(256));
CREATE TABLE study_directions (study_direction_id INTEGER PRIMARY KEY, direction VARCHAR(8) NOT NULL,
    study_id INTEGER NOT NULL, objective INTEGER NOT NULL);
CREATE TABLE study_user_attributes (study_user_attribute_id INTEGER PRIMARY KEY, study_id INTEGER, key VARCHAR(512),
    value_json TEXT);
CREATE TABLE study_system_attributes (study_system_attribute_id INTEGER PRIMARY KEY, study_id INTEGER,
    key VARCHAR(512), value_json TEXT);
CREATE TABLE trials (trial_id INTEGER PRIMARY KEY, number INTEGER, study_id INTEGER, state VARCHAR(8) NOT NULL,
    datetime_start DATETIME, datetime_complete DATETIME);
CREATE TABLE trial_user_attributes (trial_user_attribute_id INTEGER PRIMARY KEY, trial_id INTEGER, key VARCHAR(512),
    value_json TEXT);
CREATE TABLE trial_params (param_id INTEGER PRIMARY KEY, trial_id INTEGER, param_name VARCHAR(512), param_value FLOAT,
    distribution_json TEXT);
CREATE TABLE trial_values (trial_value_id INTEGER PRIMARY KEY, trial_id INTEGER NOT NULL, objective INTEGER NOT NULL,
    value FLOAT, value_type VARCHAR(7) NOT NULL);
CREATE TABLE trial_intermediate_values (trial_intermediate_value_id INTEGER PRIMARY KEY, trial_id INTEGER NOT NULL,
    step INTEGER NOT NULL, intermediate_value FLOAT, intermediate_value_type VARCHAR(7) NOT NULL);
"""
LAYERS = {"name": "IntDistribution", "attributes": {"log": False, "step": 1, "low": 1, "high": 12}}
RATE = {"name": "FloatDistribution", "attributes": {"step": None, "low": 1e-6, "high": 1e-3, "log": True}}
KIND = {"name": "CategoricalDistribution", "attributes": {"choices": ["linear", None, 3]}}
EXTRA = {"name": "IntDistribution", "attributes": {"log": False, "step": 1, "low": 0, "high": 4}}
SHARE = {"name": "FloatDistribution", "attributes": {"step": None, "low": 0.0, "high": 1.0, "log": False}}

Trial = dict[str, Any]
TWO: list[Trial] = [
    {
        "state": "COMPLETE",
        "parameters": {"n_layers": (LAYERS, 6.0), "lr": (RATE, 1e-4), "kind": (KIND, 0)},
        "values": [55.5, 30e6],
        "attributes": {"latency_ms": 12.0, "words": "hi", "good": True},
    },
    {
        "state": "COMPLETE",
        "parameters": {
            "n_layers": (LAYERS, 12.0),
            "lr": (RATE, 2e-5),
            "kind": (KIND, 1),
            "extra": (EXTRA, 3.0),
        },
        "values": [61.0, 60e6],
        "attributes": {"latency_ms": 24.0},
    },
    {
        "state": "FAIL",
        "parameters": {"n_layers": (LAYERS, 3.0), "lr": (RATE, 3e-5), "kind": (KIND, 2)},
        "values": None,
        "attributes": {},
    },
    {"state": "FAIL", "parameters": {"n_layers": (LAYERS, 3.0)}, "values": None, "attributes": {}},
    {
        "state": "COMPLETE",
        "parameters": {"n_layers": (LAYERS, 2.0), "lr": (RATE, 3e-5), "kind": (KIND, 2)},
        "values": [None, 10e6],
        "attributes": {},
    },
    {"state": "RUNNING", "parameters": {}, "values": None, "attributes": {}},
]
"""Two objectives; the last three trials cannot be imported: no parameters, an infinite value, not ended."""
ONE: list[Trial] = [
    {
        "state": "PRUNED",
        "parameters": {"x": (SHARE, 0.25)},
        "values": None,
        "attributes": {},
        "intermediate": {0: 0.1, 1: None, 2: 0.3},
    },
    {
        "state": "COMPLETE",
        "parameters": {"x": (SHARE, 0.75)},
        "values": [0.9],
        "attributes": {},
        "intermediate": {0: 0.5},
    },
]
"""One objective, with values on the way; that of step 1 was infinite."""
STUDIES = {
    "two": (["MAXIMIZE", "MINIMIZE"], ["exact", "num_parameters"], TWO),
    "one": (["MAXIMIZE"], [], ONE),
}
STARTED, ENDED = "2026-11-20 15:14:34.018190", "2026-11-20 15:14:35.018190"


def write_sqlite(path: Path, *, library: str = "5.0.0", schema: int = 12) -> Path:
    """Both studies as an SQLite storage."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(TABLES)
        connection.execute("INSERT INTO version_info VALUES (1, ?, ?)", [schema, library])
        trial_id = 0
        for study_id, (name, (directions, names, trials)) in enumerate(STUDIES.items(), 1):
            connection.execute("INSERT INTO studies VALUES (?, ?)", [study_id, name])
            for objective, direction in enumerate(directions):
                connection.execute(
                    "INSERT INTO study_directions (direction, study_id, objective) VALUES (?, ?, ?)",
                    [direction, study_id, objective],
                )
            if names:
                connection.execute(
                    "INSERT INTO study_system_attributes (study_id, key, value_json) "
                    "VALUES (?, 'study:metric_names', ?)",
                    [study_id, json.dumps(names)],
                )
            for number, trial in enumerate(trials):
                trial_id += 1
                _insert(connection, trial_id, number, study_id, trial)
    return path


def _insert(connection: sqlite3.Connection, trial_id: int, number: int, study_id: int, trial: Trial) -> None:
    ended = None if trial["state"] == "RUNNING" else ENDED
    connection.execute(
        "INSERT INTO trials VALUES (?, ?, ?, ?, ?, ?)",
        [trial_id, number, study_id, trial["state"], STARTED, ended],
    )
    for name, (distribution, value) in trial["parameters"].items():
        connection.execute(
            "INSERT INTO trial_params (trial_id, param_name, param_value, distribution_json) VALUES (?, ?, ?, ?)",
            [trial_id, name, value, json.dumps(distribution)],
        )
    for objective, value in enumerate(trial["values"] or []):
        kind = "INF_POS" if value is None else "FINITE"
        connection.execute(
            "INSERT INTO trial_values (trial_id, objective, value, value_type) VALUES (?, ?, ?, ?)",
            [trial_id, objective, value, kind],
        )
    for key, value in trial["attributes"].items():
        connection.execute(
            "INSERT INTO trial_user_attributes (trial_id, key, value_json) VALUES (?, ?, ?)",
            [trial_id, key, json.dumps(value)],
        )
    for step, value in trial.get("intermediate", {}).items():
        kind = "INF_NEG" if value is None else "FINITE"
        connection.execute(
            "INSERT INTO trial_intermediate_values (trial_id, step, intermediate_value, intermediate_value_type) "
            "VALUES (?, ?, ?, ?)",
            [trial_id, step, value, kind],
        )


def write_journal(path: Path) -> Path:
    """Both studies as a journal, a third one between them that was deleted, and a line that was not finished."""
    moment = STARTED.replace(" ", "T") + "+00:00"
    lines: list[dict[str, Any]] = [{"op_code": 0, "study_name": "gone", "directions": [1]}]
    lines.append({"op_code": 4, "study_id": 0, "datetime_start": moment})
    lines.append({"op_code": 1, "study_id": 0})
    trial_id = 0
    for study_id, (name, (directions, names, trials)) in enumerate(STUDIES.items(), 1):
        numbers = [1 if direction == "MINIMIZE" else 2 for direction in directions]
        lines.append({"op_code": 0, "study_name": name, "directions": numbers})
        lines.append({"op_code": 2, "study_id": study_id, "user_attr": {"author": "ann"}})
        if names:
            lines.append({"op_code": 3, "study_id": study_id, "system_attr": {"study:metric_names": names}})
        for trial in trials:
            trial_id += 1
            lines.append({"op_code": 4, "study_id": study_id, "datetime_start": moment})
            lines += _operations(trial_id, trial)
    text = "".join(json.dumps({"worker_id": "w"} | line) + "\n" for line in lines)
    path.write_text(text + '{"op_code": 4, "study_id": 1, "dateti', encoding="utf-8")
    return path


def _operations(trial_id: int, trial: Trial) -> list[dict[str, Any]]:
    known = {"trial_id": trial_id}
    lines = [
        known
        | {
            "op_code": 5,
            "param_name": name,
            "param_value_internal": value,
            "distribution": json.dumps(distribution),
        }
        for name, (distribution, value) in trial["parameters"].items()
    ]
    lines += [
        known | {"op_code": 7, "step": step, "intermediate_value": value}
        for step, value in trial.get("intermediate", {}).items()
    ]
    lines += [known | {"op_code": 8, "user_attr": {key: value}} for key, value in trial["attributes"].items()]
    lines.append(known | {"op_code": 9, "system_attr": {"noise": 1}})
    if trial["state"] != "RUNNING":
        state = {"COMPLETE": 1, "PRUNED": 2, "FAIL": 3}[trial["state"]]
        values = trial["values"]
        if values:
            values = [float("inf") if value is None else value for value in values]
        ended = ENDED.replace(" ", "T") + "+00:00"
        lines.append(known | {"op_code": 6, "state": state, "values": values, "datetime_complete": ended})
    return lines
