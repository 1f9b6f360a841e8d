"""An extraction of Bort's preset written straight into the database: its sorted space and a few measured candidates."""

from __future__ import annotations

import math

from engine.distill.students.architecture import Architecture
from engine.distill.students.bort_lemmas import lemma_sizes
from engine.distill.students.sizes import StudentSizes
from engine.extracting import record_space
from engine.extraction.coefficient import Costs, w_coefficient
from engine.launch import submit
from engine.lifecycle import ExperimentState, TrialState, experiment_sources
from engine.search_problems import extraction_options
from engine.settings import Home
from engine.spec_files import read_spec
from engine.strategies.extract import ordered_space
from engine.strategies.interface import SearchProblem
from storage.experiments import ExperimentRow, get_experiment, move_experiment
from storage.store import Store
from storage.trials import NewTrial, add_trials, list_trials, set_frontier

ROBERTA_LARGE = Architecture(
    "roberta", 24, 16, 1024, 4096, 16, 50_265, 512, 1, "masked_lm", 2, position_offset=2
)
MEASURED = 20
BEST = 6
"""Number of the trial with the largest W."""


def store_extraction(store: Store, home: Home, measured: int = MEASURED) -> ExperimentRow:
    """A running extraction called bort whose first candidates are measured; errors are lowest about the sixth."""
    spec = read_spec("bort")
    row = submit(store, home, spec)
    known = StudentSizes(teacher=ROBERTA_LARGE, section=spec.student, fixed={}, length=512)
    problem = SearchProblem(
        spec.space(), spec.metrics, known=known, extraction=extraction_options(spec, known)
    )
    record_space(store, row.experiment_id, problem)
    chosen = [item for item in ordered_space(problem) if item.trained][:measured]
    new = [NewTrial("student", item.architecture, number) for number, item in enumerate(chosen, 1)]
    add_trials(store, row.experiment_id, new, state=TrialState.QUEUED)
    maximum = Costs(*lemma_sizes(ROBERTA_LARGE, 512).values())
    with store.write() as connection:
        connection.execute(
            "UPDATE trials SET state = 'completed' WHERE experiment_id = ?", [row.experiment_id]
        )
        for trial in list_trials(store, row.experiment_id):
            costs, error = maximum, 2.0
            metrics = {"surrogate_error": error}
            if trial.number:
                costs = chosen[trial.number - 1].costs
                error = 4.0 * math.exp(abs(trial.number - BEST) / 10)
                metrics = {"surrogate_error": error, "w": w_coefficient(costs, maximum, error)}
            metrics |= {"lemma_parameters": costs.size, "lemma_operations": costs.speed}
            for name, value in metrics.items():
                connection.execute(
                    "INSERT INTO trial_metrics VALUES (?, ?, ?, NULL)", [trial.trial_id, name, value]
                )
    set_frontier(store, row.experiment_id, [BEST] if measured else [])
    move_experiment(
        store,
        row.experiment_id,
        ExperimentState.RUNNING,
        allowed_from=experiment_sources(ExperimentState.RUNNING),
    )
    return get_experiment(store, row.name)
