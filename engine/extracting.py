"""Extractions between the database and their algorithm: the sorted space as rows, and what was found of it."""

from __future__ import annotations

from typing import cast, get_args

from engine.errors import StateError, UnknownNameError
from engine.extraction.adoption import Purpose, adopted, extracted_trial
from engine.extraction.coefficient import Costs
from engine.extraction.finding import Finding, Place, look
from engine.overview import Overview, overview
from engine.spec_files import to_toml
from engine.strategies.extract import ordered_space
from engine.strategies.interface import SearchProblem
from storage.experiments import get_experiment
from storage.extraction import CandidateRow, found_candidates, put_candidates
from storage.store import Store


def record_space(store: Store, experiment_id: int, problem: SearchProblem) -> None:
    """Store the sorted space of an extraction.

    Raises:
        SettingError: as ``ordered_space``.
    """
    rows = [
        CandidateRow(
            item.place, item.architecture, int(item.costs.size), int(item.costs.speed), chosen=item.trained
        )
        for item in ordered_space(problem)
    ]
    put_candidates(store, experiment_id, rows)


def find(store: Store, view: Overview) -> Finding | None:
    """What an extraction has found so far; None before a candidate and the maximum point are measured."""
    teacher = view.measured.get(view.teacher.number)
    if teacher is None:
        return None
    places = [
        Place(
            row.candidate.place,
            row.candidate.architecture,
            Costs(row.candidate.lemma_parameters, row.candidate.lemma_operations),
            row.trial,
            row.w,
            row.surrogate_error,
        )
        for row in found_candidates(store, view.experiment.name)
    ]
    maximum = Costs(teacher.metrics["lemma_parameters"], teacher.metrics["lemma_operations"])
    extract = view.spec.extract
    return look(places, maximum, interval=extract.interval, known_speed=extract.speed == "operations")


def text_after(store: Store, name: str, purpose: str) -> str:
    """TOML of the experiment that follows from another.

    Args:
        store: the database.
        name: of an experiment.
        purpose: nothing for its own specification; "pretrain" or "search" for what takes the architecture further that
            it, an extraction, has found.

    Raises:
        UnknownNameError: there is no such experiment or purpose.
        StateError: nothing is extracted yet.
        SettingError: the experiment is no extraction.
    """
    experiment = get_experiment(store, name)
    if not purpose:
        return experiment.spec_toml
    if purpose not in get_args(Purpose):
        raise UnknownNameError(
            f"an architecture can be adopted for {' or '.join(get_args(Purpose))}, not {purpose!r}"
        )
    view = overview(store, experiment)
    measured = {
        trial.number: view.measured[trial.number] for trial in view.students if trial.number in view.measured
    }
    best = extracted_trial(
        {number: found.metrics for number, found in measured.items()}, view.spec.extract.speed
    )
    if best is None:
        raise StateError(f"no candidate of {name} has been measured yet; wait for it")
    parameters = next(trial.parameters for trial in view.students if trial.number == best)
    return to_toml(adopted(view.spec, parameters, cast("Purpose", purpose), name))
