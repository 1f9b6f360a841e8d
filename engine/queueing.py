"""Trials that a person adds to an experiment: run like any other, beside what the strategy chooses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.agora.requirements import AGORA
from engine.controls import check_not_imported
from engine.errors import SettingError, StateError
from engine.extraction.requirements import EXTRACT
from engine.launch import stored_spec
from engine.lifecycle import ExperimentState, TrialState, experiment_sources
from engine.parameters import Value
from engine.search_problems import search_problem
from engine.settings import Home
from engine.space import checked_configuration
from storage.experiments import ExperimentRow, get_experiment, move_experiment, raise_budget
from storage.store import Store
from storage.suggestions import SuggestionRow
from storage.trials import NewTrial, TrialRow, add_trials, list_trials

PERSON = "person"
"""Stands in the place of the strategy where a person chose a trial."""

OPEN_STATES = (ExperimentState.RUNNING, ExperimentState.PAUSED, ExperimentState.COMPLETED)
"""States in which an experiment takes further trials."""


def check_open(experiment: ExperimentRow) -> None:
    """See that an experiment takes further trials.

    Raises:
        StateError: when its teacher is not ready, it was stopped or has failed, or it was imported.
        SettingError: when it is an extraction or an Agora run, whose trials follow from their settings.
    """
    check_not_imported(experiment)
    name, state = experiment.name, experiment.state
    if stored_spec(experiment).imported is not None:
        raise SettingError(f"{name} was imported from another tool, which ran its trials; none can be added")
    if experiment.strategy == AGORA:
        raise SettingError(f"{name} is an Agora run: its rounds say what is trained, no trial can be added")
    if experiment.strategy == EXTRACT:
        raise SettingError(
            f"{name} is an extraction: its candidates follow from its space, none can be added"
        )
    if state == ExperimentState.PENDING:
        raise StateError(f"experiment {name} is pending: add trials once its teacher is prepared")
    if state not in OPEN_STATES:
        raise StateError(f"experiment {name} is {state}; resume it first, then add trials")


def queue_trial(
    store: Store,
    home: Home,
    name: str,
    parameters: Mapping[str, Value],
    *,
    predicted: Mapping[str, Any] | None = None,
    note: str | None = None,
) -> TrialRow:
    """Add a trial with given settings to an experiment, one trial more than its budget had.

    A paused experiment runs it when it is resumed; a completed one runs again for it.

    Args:
        store: the database.
        home: the home folder.
        name: of the experiment.
        parameters: one value for every parameter of its space.
        predicted: mean and standard deviation expected of each metric, to be compared with what is measured.
        note: a sentence for readers.

    Raises:
        UnknownNameError: when there is no such experiment.
        StateError: when it takes no further trials now.
        SettingError: when the settings are outside the space, break a rule, or no student can be built with them.
    """
    experiment = get_experiment(store, name)
    check_open(experiment)
    spec = stored_spec(experiment)
    configuration = checked_configuration(spec.space(), parameters, "the trial")
    if not search_problem(store, home, experiment).is_legal(configuration):
        raise SettingError("no student can be built with these settings; change one of them")
    record = SuggestionRow(strategy=PERSON, predicted=predicted, note=note)
    with store.write():
        # Once more: a person may have stopped it meanwhile.
        experiment = get_experiment(store, name)
        check_open(experiment)
        count = len(list_trials(store, experiment.experiment_id)) - 1
        new = NewTrial("student", configuration, spec.seed + count + 1, record)
        added = add_trials(store, experiment.experiment_id, [new], state=TrialState.QUEUED)[0]
        raise_budget(store, experiment.experiment_id)
        if experiment.state == ExperimentState.COMPLETED:
            move_experiment(
                store,
                experiment.experiment_id,
                ExperimentState.RUNNING,
                allowed_from=experiment_sources(ExperimentState.RUNNING),
            )
    return added
