"""Launching an experiment: its rows, its folder and its teacher's trial, before anything runs."""

from __future__ import annotations

from engine.experiment import ExperimentSpec
from engine.lifecycle import ExperimentState, TrialState
from engine.metric_catalogue import METRICS
from engine.settings import Home
from engine.space import CategoricalParameter, IntegerParameter, SearchSpace
from engine.spec_files import to_toml
from storage.experiments import ExperimentRow, create_experiment
from storage.naming import free_name
from storage.store import Store
from storage.trials import NewTrial, add_trials


def submit(store: Store, home: Home, spec: ExperimentSpec) -> ExperimentRow:
    """Store an experiment so that the runner takes it up; a number is added to its name if that is taken.

    A folder left by an experiment of another database counts too: its trials must not be mixed up with new ones.
    The specification is also written as ``experiment.toml`` into the experiment's folder.
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
            budget_trials=spec.budget.trials,
            spec=spec.model_dump(mode="json"),
            spec_toml=toml,
            parameters=column_types(spec.space()),
            metrics={name: "integer" if info.whole else "float" for name, info in METRICS.items()},
            state=ExperimentState.PENDING,
        )
        teacher = NewTrial(role="teacher", parameters={}, seed=spec.seed)
        add_trials(store, experiment.experiment_id, [teacher], state=TrialState.QUEUED)
        folder = experiments / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "experiment.toml").write_text(toml, encoding="utf-8")
    return experiment


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
