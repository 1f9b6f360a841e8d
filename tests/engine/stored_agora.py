"""An Agora run written straight into the database: three rounds of four sets, with examples, by invented trials."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from engine.experiment import ExperimentSpec
from engine.launch import submit
from engine.runner import Runner
from engine.settings import Home, RunnerSettings
from engine.spec_files import parse_spec
from engine.tasks.predictions import write_predictions
from engine.trial_folder import TrialFolder
from storage.agora import COLUMNS, RECONSIDERED
from storage.experiments import ExperimentRow, get_experiment
from storage.store import Store
from tests.engine.fake_executor import FakeExecutor, fake_runner

SPEC = """
name = "made-agora"
[task]
name = "rte"
dataset = "/data/rte"
[teacher]
model = "/models/teacher"
[strategy]
name = "agora"
[agora]
max_sets = 0
seeds = [3]
pruning = "worst"
rounds = 3
[parameters.learning_rate]
type = "categorical"
values = [1e-5, 1e-4]
[parameters.train_batch_size]
type = "categorical"
values = [8, 16]
[[metrics]]
name = "accuracy"
direction = "maximize"
[[metrics]]
name = "num_parameters"
direction = "minimize"
"""
TRIALS = 12
"""The teacher, students of three rounds, and two trials that make data."""
STUDENTS = 9
EXAMPLES = 12
"""Generated in each round; every third is left out."""
FACTS = {
    "mistakes": 6,
    "generated": EXAMPLES,
    "labelled": EXAMPLES,
    "asked": EXAMPLES - 2,
    "accepted": EXAMPLES - EXAMPLES // 3,
    "generation_seconds": 0.5,
    "labelling_seconds": 1.5,
    "encoding_seconds": 0.25,
    "looking_seconds": 0.25,
}


def store_agora(store: Store, home: Home) -> ExperimentRow:
    """A run called made-agora that has completed all of its rounds; later rounds are better."""
    machine = FakeExecutor(slots=2)
    runner = fake_runner(machine, store, home, RunnerSettings(exit_seconds=0.0))
    spec = parse_spec(SPEC)
    submit(store, home, spec)
    run_made_up(runner, machine, spec)
    return get_experiment(store, spec.name)


def run_made_up(runner: Runner, machine: FakeExecutor, spec: ExperimentSpec) -> None:
    """Let every trial that was started end at once, until none is left."""
    for _ in range(3 * TRIALS):
        runner.tick()
        for path in list(machine.running):
            found = TrialFolder(path).read_spec()
            if found.role == "teacher":
                answers = {str(place): {"answer": "x", "score": float(place % 5 > 0)} for place in range(50)}
                write_predictions(answers, TrialFolder(path).predictions)
                machine.finish(path, accuracy=80.0)
            elif found.agora is not None and found.role == "augmentation":
                write_made_up(TrialFolder(path), found.agora.round)
                machine.finish(path, **FACTS)
            else:
                round_number = 0 if found.agora is None else found.agora.round
                machine.finish(path, accuracy=50.0 + 5 * round_number + found.number / 2)


def write_made_up(folder: TrialFolder, round_number: int) -> None:
    """The files of a trial that makes the data of a round."""
    rows = [_example(round_number, place) for place in range(EXAMPLES)]
    _write({name: [row[name] for row in rows] for name in COLUMNS}, folder.generated)
    if round_number > 1:
        before = [_example(round_number - 1, place) for place in range(EXAMPLES)]
        kept = [str(row["example"]) for row in before if row["kept"]]
        values = (kept, ["entailment"] * len(kept), [0.8] * len(kept))
        _write(dict(zip(RECONSIDERED, values, strict=True)), folder.reconsidered)


def _example(round_number: int, place: int) -> dict[str, object]:
    kept = place % 3 > 0
    return {
        "round": round_number,
        "position": place,
        "example": f"agora-{round_number}-{place}",
        "parent": str(place // 2),
        "transformation": ("deletion", "swap")[place % 2],
        "original_text": f"The harbour opened in {1900 + place}.",
        "original_pair": "A harbour was opened.",
        "original_label": "entailment",
        "answered": "not_entailment",
        "text": f"The harbour closed in {1900 + place}.",
        "pair": "A harbour was opened.",
        "teacher_label": ("entailment", "not_entailment")[place % 2],
        "teacher_confidence": 0.6 + place / 100,
        "kept": kept,
        "reason": None if kept else "balance",
        "student_label": "not_entailment",
        "student_confidence": 0.7,
    }


def _write(columns: dict[str, list[object]] | dict[str, list[str] | list[float]], path: Path) -> None:
    pq.write_table(pa.table(columns), path)
