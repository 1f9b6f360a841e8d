"""A finished experiment of any size without any training: made-up trials, metrics and curves, straight into a store.

For tests of pages in a browser and for benchmarks of the dashboard. Sizes are exact by formula; scores rise with depth
and width and fall with the distance of the learning settings from their best, with noise of evaluation on top.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd

from engine.distill.students.architecture import Architecture
from engine.experiment import ExperimentSpec
from engine.frontier import frontier
from engine.launch import submit
from engine.lifecycle import ExperimentState, experiment_sources
from engine.parameters import Configuration
from engine.search_problems import student_sizes
from engine.settings import Home
from engine.spec_files import parse_spec
from engine.trial_folder import TrialFolder
from storage.clock import utc_now
from storage.experiments import ExperimentRow, get_experiment, move_experiment
from storage.store import Store
from storage.trials import list_trials

TEACHER = Architecture("bert", 12, 12, 768, 3072, 12, 30_522, 512, 2)
TRIAL_SECONDS = 180.0
FAILED_SHARE = 0.05
STOPPED_SHARE = 0.05

SPECIFICATION = """
name = "{name}"
description = "Made up: nothing was trained."
seed = {seed}
[task]
name = "squad_v2"
dataset = "embedded"
train_samples = 2000
[teacher]
model = "bert-base-uncased-squad2"
[strategy]
name = "nehvi"
[budget]
trials = {trials}
[baseline]
n_layers = 6
intermediate_size = 3072
[parameters.n_layers]
type = "int"
low = 1
high = 12
[parameters.n_heads]
type = "int"
low = 1
high = 12
[parameters.intermediate_size]
type = "categorical"
values = [768, 1536, 2304, 3072]
[parameters.learning_rate]
type = "float"
low = 1e-6
high = 1e-3
log = true
[parameters.alpha]
type = "float"
low = 0.0
high = 1.0
[parameters.temperature]
type = "float"
low = 1.0
high = 8.0
[[metrics]]
name = "exact"
direction = "maximize"
threshold = 50.0
[[metrics]]
name = "num_parameters"
direction = "minimize"
[[metrics]]
name = "latency_ms"
role = "store"
direction = "minimize"
"""


def fill(
    store: Store,
    home: Home,
    *,
    name: str = "simulated",
    trials: int = 60,
    seed: int = 0,
    steps: int = 40,
    examples: int = 200,
    state: ExperimentState = ExperimentState.COMPLETED,
) -> ExperimentRow:
    """Store an experiment all of whose trials have ended.

    Args:
        store: the open database.
        home: its home folder; the teacher's folder gets its architecture, so that sizes are known to models.
        name: of the experiment.
        trials: students, the baseline included.
        seed: of everything made up.
        steps: points of each trial's learning curve.
        examples: evaluation questions that each trial's score is the mean of; 0 stores none.
        state: of the experiment; a server would train on where it is ``running``.
    """
    spec = parse_spec(SPECIFICATION.format(name=name, trials=trials, seed=seed))
    experiment = submit(store, home, spec)
    teacher = TrialFolder(home.path / list_trials(store, experiment.experiment_id)[0].folder)
    teacher.path.mkdir(parents=True)
    teacher.architecture.write_text(json.dumps(asdict(TEACHER)), encoding="utf-8")
    rng = np.random.default_rng(seed)
    configurations = _configurations(spec, trials, rng)
    metrics = _metrics(spec, teacher, configurations, rng)
    if examples:
        metrics["exact"], scores = _answers(metrics["exact"].to_numpy(), examples, rng)
    ends = rng.choice(
        ["completed", "failed", "stopped"],
        trials,
        p=[1 - FAILED_SHARE - STOPPED_SHARE, FAILED_SHARE, STOPPED_SHARE],
    )
    ends[0] = "completed"
    completed = ends == "completed"
    values = metrics[["exact", "num_parameters"]][completed].to_dict("index")
    best = frontier(spec.metrics, {number + 1: row for number, row in values.items()})
    rows = _trial_rows(store, experiment, configurations, ends, best, seed)
    _store_trials(store, experiment, rows, metrics, completed)
    if examples:
        _store_answers(store, rows["trial_id"].to_numpy()[completed], scores[completed])
    _store_curves(store, experiment, steps)
    for move in dict.fromkeys((ExperimentState.RUNNING, state)):
        move_experiment(store, experiment.experiment_id, move, allowed_from=experiment_sources(move))
    return get_experiment(store, experiment.name)


def _configurations(spec: ExperimentSpec, count: int, rng: np.random.Generator) -> list[Configuration]:
    """The baseline, then random ones that have a model of their own size."""
    widths = (768, 1536, 2304, 3072)
    drawn = zip(
        rng.integers(1, 13, count),
        rng.integers(1, 13, count),
        rng.integers(0, 4, count),
        np.exp(rng.uniform(np.log(1e-6), np.log(1e-3), count)),
        rng.uniform(0, 1, count),
        rng.uniform(1, 8, count),
        strict=True,
    )
    random: list[Configuration] = [
        {
            "n_layers": int(layers),
            "n_heads": int(heads),
            "intermediate_size": widths[width],
            "learning_rate": float(rate),
            "alpha": float(alpha),
            "temperature": float(temperature),
        }
        for layers, heads, width, rate, alpha, temperature in drawn
    ]
    return [spec.baseline_configuration(), *random[1:]]


def _metrics(
    spec: ExperimentSpec, teacher: TrialFolder, configurations: list[Configuration], rng: np.random.Generator
) -> pd.DataFrame:
    """One row a configuration: exact sizes, and scores that follow from the settings."""
    known = student_sizes(spec, teacher)
    assert known is not None
    sizes = pd.DataFrame([known.values(configuration) for configuration in configurations])
    frame = pd.DataFrame(configurations)
    depth = 26 * (1 - (frame["n_layers"] / 12)) ** 2
    width = 5 * (1 - frame["n_heads"] / 12) ** 2 + 4 * (1 - frame["intermediate_size"] / 3072)
    rate = 4 * (np.log10(frame["learning_rate"]) - np.log10(4e-5)) ** 2
    taught = 5 * (frame["alpha"] - 0.7) ** 2 + 0.2 * (frame["temperature"] - 3) ** 2
    exact = (72 - depth - width - rate - taught).clip(lower=5)
    answerable = exact + rng.normal(-4, 1, len(frame))
    latency = 1.5 + sizes["flops"] / 1e9 * 0.6
    return sizes.assign(
        exact=exact,
        f1=exact + 3.2,
        HasAns_exact=answerable.clip(0, 100),
        NoAns_exact=(2 * exact - answerable).clip(0, 100),
        collapsed=0.0,
        latency_ms=latency * rng.normal(1, 0.02, len(frame)),
        train_seconds=TRIAL_SECONDS * (0.4 + frame["n_layers"] / 12),
    )


def _answers(exact: np.ndarray, examples: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Which questions each trial answers, questions being as hard for all; the scores are their means."""
    hard = rng.uniform(0, 1, examples)
    chance = 0.7 * hard + 0.3 * rng.uniform(0, 1, (len(exact), examples)).astype(np.float32)
    right = np.argsort(np.argsort(chance, axis=1), axis=1) < np.rint(exact[:, None] / 100 * examples)
    return 100 * right.mean(axis=1), right


def _trial_rows(
    store: Store,
    experiment: ExperimentRow,
    configurations: list[Configuration],
    ends: np.ndarray,
    best: set[int],
    seed: int,
) -> pd.DataFrame:
    with store.read() as connection:
        (last,) = connection.execute("SELECT max(trial_id) FROM trials").fetchone() or (0,)
    numbers = np.arange(1, len(configurations) + 1)
    begin = utc_now() - timedelta(seconds=TRIAL_SECONDS * len(numbers))
    starts = pd.Series([begin + timedelta(seconds=TRIAL_SECONDS * (number - 1)) for number in numbers])
    reasons = {"failed": "the loss is not finite", "stopped": "stopped by a person", "completed": None}
    return pd.DataFrame(
        {
            "trial_id": last + numbers,
            "experiment_id": experiment.experiment_id,
            "number": numbers,
            "role": np.where(numbers == 1, "baseline", "student"),
            "state": ends,
            "reason": [reasons[end] for end in ends],
            "error": [
                f"Traceback of trial {n}" if end == "failed" else None
                for n, end in zip(numbers, ends, strict=True)
            ],
            "requested": None,
            "parameters": [json.dumps(configuration) for configuration in configurations],
            "seed": seed + numbers,
            "attempts": 1,
            "on_frontier": [number in best for number in numbers],
            "progress": np.where(ends == "completed", 1.0, 0.4),
            "progress_message": None,
            "folder": [f"experiments/{experiment.name}/{number:04d}" for number in numbers],
            "created_at": starts,
            "started_at": starts,
            "finished_at": starts + timedelta(seconds=0.9 * TRIAL_SECONDS),
        }
    )


def _store_trials(
    store: Store, experiment: ExperimentRow, rows: pd.DataFrame, metrics: pd.DataFrame, completed: np.ndarray
) -> None:
    measured = metrics[completed].assign(trial_id=rows["trial_id"][completed])
    long = measured.melt("trial_id", var_name="name", value_name="value")
    long["standard_error"] = np.where(long["name"].isin(["exact", "f1"]), 1.2, np.nan)
    with store.write() as connection:
        _insert(connection, "trials", rows)
        connection.execute(
            """
            UPDATE trials SET state = 'completed', progress = 1, started_at = $begin, finished_at = $begin
            WHERE experiment_id = $experiment AND number = 0
            """,
            {"experiment": experiment.experiment_id, "begin": rows["started_at"][0].to_pydatetime()},
        )
        connection.register("long", long)
        connection.execute(
            "INSERT INTO trial_metrics SELECT trial_id, name, value, "
            "CASE WHEN isnan(standard_error) THEN NULL ELSE standard_error END FROM long"
        )
        connection.unregister("long")
        connection.execute(
            """
            INSERT INTO suggestions (experiment_id, number, strategy, acquisition_value, predicted, seconds, ts)
            SELECT experiment_id, number, CASE WHEN role = 'baseline' THEN 'baseline' WHEN number < 6 THEN 'sobol'
                ELSE 'nehvi' END, 1.0 / number, NULL, 0.4, created_at
            FROM trials WHERE experiment_id = ? AND number > 0
            """,
            [experiment.experiment_id],
        )


def _store_answers(store: Store, trial_ids: np.ndarray, right: np.ndarray) -> None:
    count, examples = right.shape
    frame = pd.DataFrame(
        {
            "trial_id": np.repeat(trial_ids, examples),
            "metric": "exact",
            "position": np.tile(np.arange(examples), count),
            "value": right.reshape(-1).astype(np.float32),
        }
    )
    with store.write() as connection:
        connection.register("answers", frame)
        connection.execute(
            "INSERT INTO example_scores SELECT trial_id, metric, position, 'question-' || position, value, 1 "
            "FROM answers"
        )
        connection.unregister("answers")


def _store_curves(store: Store, experiment: ExperimentRow, steps: int) -> None:
    """Losses that fall towards a floor, two evaluations, and the events that tell of both ends."""
    with store.write() as connection:
        given = {"experiment": experiment.experiment_id, "steps": steps, "seconds": TRIAL_SECONDS}
        connection.execute(
            """
            INSERT INTO steps (trial_id, step, epoch, loss, soft_loss, hard_loss, learning_rate,
                examples_per_second, ts)
            SELECT trial_id, 10 * k, 2.0 * k / $steps, 0.7 * soft + 0.3 * hard, soft, hard,
                1e-4 * (1 - k / $steps), 300, started_at + to_seconds(k * $seconds / $steps * 0.8)
            FROM (
                SELECT trial_id, started_at, k::INTEGER AS k,
                    1.2 + 4 * exp(-4.0 * k / $steps) + 0.1 * sin(k * 1.7 + trial_id) AS soft,
                    0.9 + 3 * exp(-3.0 * k / $steps) + 0.1 * cos(k * 2.3 + trial_id) AS hard
                FROM trials, range(1, $steps + 1) AS points(k)
                WHERE experiment_id = $experiment AND number > 0
            )
            """,
            given,
        )
        connection.execute(
            """
            INSERT INTO evaluations (trial_id, step, name, value, standard_error, ts)
            SELECT trial_id, CAST(10 * share * $steps AS BIGINT), name, value * (0.5 + 0.5 * share),
                standard_error, started_at + to_seconds(share * $seconds * 0.8)
            FROM trial_metrics JOIN trials USING (trial_id), (VALUES (0.5), (1.0)) AS looks(share)
            WHERE experiment_id = $experiment AND number > 0
                AND name IN ('exact', 'f1', 'HasAns_exact', 'NoAns_exact')
            """,
            given,
        )
        connection.execute(
            """
            INSERT INTO events
            SELECT trial_id, seq, CASE seq WHEN 1 THEN started_at ELSE finished_at END, 1,
                CASE WHEN seq = 1 THEN 'started' WHEN state = 'completed' THEN 'finished' ELSE state END, '{}'
            FROM trials, (VALUES (1), (2)) AS lines(seq) WHERE experiment_id = $experiment AND number > 0
            """,
            {"experiment": experiment.experiment_id},
        )


def _insert(connection: Any, table: str, frame: pd.DataFrame) -> None:
    connection.register("frame", frame)
    connection.execute(f"INSERT INTO {table} BY NAME SELECT * FROM frame")
    connection.unregister("frame")
