"""What the strategy of a stored experiment has to solve: its space, its students' exact sizes, what came before."""

from __future__ import annotations

import json
from dataclasses import replace

from engine.distill.students.architecture import Architecture
from engine.distill.students.bort_lemmas import lemma_sizes
from engine.distill.students.sizes import SHAPE_PARAMETERS, StudentSizes
from engine.errors import SettingError
from engine.experiment import ExperimentSpec
from engine.extraction.coefficient import Costs
from engine.extraction.options import Extraction
from engine.extraction.requirements import EXTRACT, fixed_architecture
from engine.launch import stored_spec
from engine.observations import observations
from engine.settings import Home
from engine.strategies.interface import Observation, SearchProblem
from engine.trial_folder import TrialFolder
from storage.experiments import ExperimentRow, get_experiment
from storage.store import Store
from storage.trials import get_trial


def search_problem(store: Store, home: Home, experiment: ExperimentRow) -> SearchProblem:
    """The problem of an experiment whose teacher is prepared; before that, sizes are not known.

    Raises:
        SettingError: when an experiment it learns from is not there or has another search space.
    """
    spec = stored_spec(experiment)
    teacher = get_trial(store, experiment.name, 0)
    known = student_sizes(spec, TrialFolder(home.path / teacher.folder))
    return SearchProblem(
        space=spec.space(),
        metrics=spec.metrics,
        seed=spec.seed,
        known=known,
        baseline=spec.baseline_configuration() or None,
        initial_trials=spec.strategy.initial_trials,
        levels=spec.strategy.levels,
        repeats=spec.strategy.repeats,
        earlier=earlier_trials(store, spec),
        extraction=extraction_options(spec, known),
    )


def extraction_options(spec: ExperimentSpec, known: StudentSizes | None) -> Extraction | None:
    """What the strategy ``extract`` has to know; None for any other."""
    if spec.strategy.name != EXTRACT:
        return None
    maximum = None if known is None else Costs(*lemma_sizes(known.teacher, known.length).values())
    return Extraction(spec.extract.interval, spec.extract.order, fixed_architecture(spec), maximum)


def student_sizes(spec: ExperimentSpec, teacher: TrialFolder) -> StudentSizes | None:
    """Sizes of the experiment's students, or None while its teacher has not said what it is made of."""
    if not teacher.architecture.exists():
        return None
    return StudentSizes(
        teacher=Architecture(**json.loads(teacher.architecture.read_text(encoding="utf-8"))),
        section=spec.student,
        fixed={name: int(spec.fixed[name]) for name in SHAPE_PARAMETERS if name in spec.fixed},
        length=spec.training.latency_length,
    )


def earlier_trials(store: Store, spec: ExperimentSpec) -> tuple[Observation, ...]:
    """Completed and failed trials of the experiments that ``strategy.transfer_from`` names.

    Raises:
        SettingError: when one is not there, has another search space, or lacks a metric.
    """
    found: list[Observation] = []
    for source, name in enumerate(spec.strategy.transfer_from, 1):
        experiment = get_experiment(store, name)
        _check_alike(spec, stored_spec(experiment), name)
        found += [
            replace(trial, source=source)
            for trial in observations(store, experiment.experiment_id)
            if trial.state in ("completed", "failed")
        ]
    return tuple(found)


def _check_alike(spec: ExperimentSpec, other: ExperimentSpec, name: str) -> None:
    where = f"strategy.transfer_from: experiment {name}"
    if dict(other.parameters) != dict(spec.parameters):
        differing = sorted(
            parameter
            for parameter in {*spec.parameters, *other.parameters}
            if spec.parameters.get(parameter) != other.parameters.get(parameter)
        )
        raise SettingError(
            f"{where} has another search space ({', '.join(differing)}); give both the same ranges"
        )
    needed = {metric.name for metric in spec.metrics if metric.role != "store"}
    if missing := sorted(needed - set(other.metric_names())):
        raise SettingError(f"{where} does not report {', '.join(missing)}")
