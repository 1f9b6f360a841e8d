"""Launching an experiment: its rows, its folder and its teacher's trial, before anything runs."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from engine.errors import HomeError
from engine.experiment import ExperimentSpec
from engine.lifecycle import ExperimentState, TrialState
from engine.metric_catalogue import METRICS
from engine.parameters import CategoricalParameter, IntegerParameter
from engine.settings import Home
from engine.space import SearchSpace
from engine.spec_files import parse_spec, to_toml
from storage.experiments import ExperimentRow, create_experiment
from storage.naming import free_name
from storage.store import Store
from storage.trials import NewTrial, add_trials


def submit(store: Store, home: Home, spec: ExperimentSpec) -> ExperimentRow:
    """Store an experiment so that the runner takes it up; a number is added to its name if that is taken.

    A folder left by an experiment of another database counts too: its trials must not be mixed up with new ones.
    The specification is also written as ``experiment.toml`` into the experiment's folder.

    Raises:
        HomeError: when the folder cannot be written; nothing is stored then.
    """
    experiments = home.path / "experiments"
    with store.write():
        left = [path.name for path in experiments.iterdir()] if experiments.is_dir() else []
        name = free_name(store, spec.name, left)
        toml = to_toml(spec)
        experiment = create_experiment(
            store,
            name=name,
            task=spec.task.name,
            strategy=spec.strategy.name,
            budget_trials=spec.trial_count(),
            spec=spec.model_dump(mode="json"),
            spec_toml=toml,
            parameters=column_types(spec.space()),
            metrics={name: "integer" if METRICS[name].whole else "float" for name in spec.metric_names()},
            state=ExperimentState.PENDING,
        )
        teacher = NewTrial(role="teacher", parameters={}, seed=spec.seed)
        add_trials(store, experiment.experiment_id, [teacher], state=TrialState.QUEUED)
        _write(experiments / name / "experiment.toml", toml)
    return experiment


def stored_spec(experiment: ExperimentRow) -> ExperimentSpec:
    """The specification of an experiment.

    Raises:
        SpecificationError: when another version of the program stored it and this one cannot read it.
    """
    return _parsed(experiment.name, experiment.spec_toml)


@lru_cache(maxsize=256)
def _parsed(name: str, toml: str) -> ExperimentSpec:
    return parse_spec(toml, f"the stored specification of {name}")


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise HomeError(f"{path} cannot be written ({error.strerror}); nothing was launched") from error


def column_types(space: SearchSpace) -> dict[str, str]:
    """Type of each parameter's column: ``float``, ``integer`` or ``text``."""
    types = {}
    for name, parameter in space.parameters.items():
        match parameter:
            case IntegerParameter():
                types[name] = "integer"
            case CategoricalParameter(values=values):
                kinds = {type(value) for value in values}
                types[name] = "integer" if kinds == {int} else "float" if kinds <= {int, float} else "text"
            case _:
                types[name] = "float"
    return types
