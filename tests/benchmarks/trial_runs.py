"""Starts the two sides of ``trial_speed`` as fresh processes on the same experiment and collects their figures."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.experiment import ExperimentSpec
from engine.trial_folder import TrialFolder, TrialSpec

TRIALS_SHARING = 10
"""Trials of an experiment among which the work they share is divided."""

SIDES = {"program": "product_trial", "script": "reference_script"}
WALL, CPU = 0, 1


@dataclass(frozen=True, slots=True)
class Run:
    """One process: seconds (wall, CPU) in all and by phase, and what it reported."""

    seconds: tuple[float, float]
    phases: dict[str, tuple[float, float]]
    report: dict[str, Any]

    def of(self, phase: str, kind: int) -> float:
        """Seconds of a phase, 0 if it had none."""
        return self.phases.get(phase, (0.0, 0.0))[kind]


@dataclass(frozen=True, slots=True)
class Round:
    """The runs of one repetition: what our trials share, our trial, and the script."""

    shared: Run
    program: Run
    script: Run

    def ratio(self, kind: int, *, amortised: bool = True, whole: bool = True) -> float:
        """How many times longer the script takes; start and end of processes are left out unless ``whole``."""
        share = TRIALS_SHARING if amortised else 1
        ours, shared, theirs = (
            run.seconds[kind] - (0.0 if whole else run.of("start-up", kind) + run.of("exit", kind))
            for run in (self.program, self.shared, self.script)
        )
        return (theirs - self.script.of("tokenise", kind) * (1 - 1 / share)) / (ours + shared / share)


def experiment(options: argparse.Namespace) -> ExperimentSpec:
    """The experiment both sides work on: the script's settings, one evaluation at the end, no-answer threshold 0."""
    config = json.loads((Path(options.teacher) / "config.json").read_text(encoding="utf-8"))
    most = config.get("max_position_embeddings", options.max_length)
    heads = options.heads or config.get("num_attention_heads") or config["n_heads"]
    width = min(options.max_length, most)
    return ExperimentSpec.model_validate(
        {
            "name": "trial-speed",
            "task": {
                "dataset": options.dataset,
                "eval_dataset": options.eval_dataset,
                "train_samples": options.train_samples,
                "eval_samples": options.eval_samples,
                "score": "raw",
                "max_length": width,
                "doc_stride": min(128, width // 2),
                "max_query_length": min(64, width // 4),
            },
            "teacher": {"model": options.teacher},
            "training": {
                "evaluations": 1,
                "precision": options.precision,
                "checkpoint_seconds": 1e9,
                "latency_length": width,
            },
            "metrics": [{"name": "exact", "role": "optimize", "direction": "maximize"}],
            "parameters": {"n_layers": {"type": "int", "low": 1, "high": max(2, options.layers)}},
            "baseline": {"n_layers": options.layers},
            "fixed": {
                "n_heads": heads,
                "train_batch_size": options.batch_size,
                "eval_batch_size": options.batch_size,
                "epochs": options.epochs,
                "learning_rate": options.learning_rate,
                "alpha": 0.5,
                "temperature": 2.0,
            },
        }
    )


def launch(side: str, role: str, folder: Path, seed: int, options: argparse.Namespace) -> Run:
    """Run one side in a fresh process and wait for it.

    Raises:
        SystemExit: it failed; what it wrote is shown.
    """
    spec = TrialSpec(
        experiment=experiment(options),
        name="trial-speed",
        number=0 if role == "teacher" else 1,
        role=role,  # type: ignore[arg-type]
        parameters={} if role == "teacher" else {"n_layers": options.layers},
        seed=seed,
        cache=folder.parent / "cache",
    )
    TrialFolder(folder).write_spec(spec)
    job, result, log = (folder / name for name in ("job.json", "result.json", "output.txt"))
    threads = str(options.threads)
    environment = os.environ | {"OMP_NUM_THREADS": threads, "RAYON_NUM_THREADS": threads}
    environment |= {"OMP_WAIT_POLICY": "PASSIVE", "HF_HUB_OFFLINE": "1"}
    if options.device == "cpu":
        environment["CUDA_VISIBLE_DEVICES"] = ""
    command = [sys.executable, "-m", "tests.benchmarks.trial_side", str(job)]
    record = {"side": SIDES[side], "folder": str(folder), "threads": options.threads, "result": str(result)}
    with log.open("w") as output:
        began = time.monotonic()
        job.write_text(json.dumps(record | {"spawned": began}), encoding="utf-8")
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"the {side} side failed with {process.returncode}:\n{log.read_text()}")
    report = json.loads(result.read_text(encoding="utf-8"))
    seconds = (wall, usage.ru_utime + usage.ru_stime)
    phases = {name: (spent[0], spent[1]) for name, spent in report.pop("phases").items()}
    rest = [seconds[kind] - sum(spent[kind] for spent in phases.values()) for kind in (WALL, CPU)]
    return Run(seconds, phases | {"exit": (rest[WALL], rest[CPU])}, report)


def one_round(number: int, folder: Path, options: argparse.Namespace) -> Round:
    """Run both sides once, in turn first, with the round's number as seed of training.

    Raises:
        SystemExit: the sides did not do the same work.
    """
    runs: dict[str, Run] = {}
    order = list(SIDES) if number % 2 == 0 else list(reversed(SIDES))
    for side in order:
        if side == "program":
            runs["shared"] = launch(side, "teacher", folder / "teacher", number, options)
        runs[side] = launch(side, "student", folder / side, number, options)
    program, script = runs["program"].report, runs["script"].report
    for name in ("steps", "answered"):
        if program[name] != script[name]:
            raise SystemExit(f"the sides differ in {name}: {program[name]} and {script[name]}")
    return Round(runs["shared"], runs["program"], runs["script"])
