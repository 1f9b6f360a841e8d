"""A few trials or experiments side by side: found by name, with what they measured, and set against one another."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from engine.claims.pairs import Pair, Scored, compare_pairs
from engine.errors import SettingError
from engine.experiment import ExperimentSpec
from engine.exporting import parse_trial_name
from engine.launch import stored_spec
from engine.lifecycle import TrialState
from engine.measured import Measured
from engine.metric_catalogue import METRICS
from storage.experiments import ExperimentRow, get_experiment
from storage.overlaid import metrics_of_trials
from storage.paired import metrics_by_example, scored_examples
from storage.store import Store
from storage.trials import TrialRow, get_trial

MOST = 8
"""Most trials or experiments side by side."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A trial that is compared.

    Attributes:
        experiment: its experiment.
        spec: the experiment's specification.
        trial: its row.
        measured: its final metrics; None while it has none.
    """

    experiment: ExperimentRow
    spec: ExperimentSpec
    trial: TrialRow
    measured: Measured | None

    @property
    def name(self) -> str:
        """As in ``demo/3``."""
        return f"{self.experiment.name}/{self.trial.number}"

    @property
    def data(self) -> str:
        """Equal for trials whose evaluation examples of the same name are the same examples."""
        task = self.spec.task
        return json.dumps([task.name, task.dataset, task.eval_dataset])

    @property
    def settings(self) -> dict[str, object]:
        """Every training setting of a student; none of other trials."""
        if not self.trial.is_student:
            return {}
        return dict(self.spec.settings(self.trial.parameters))


def names_in(text: str) -> list[str]:
    """The different names in a text with commas between, in their order."""
    return list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def chosen_trials(store: Store, names: Sequence[str]) -> list[Chosen]:
    """Trials by name, such as ``demo/3``.

    Raises:
        SettingError: There are more than ``MOST``, or a name is not one of a trial.
        UnknownNameError: There is no such trial.
    """
    _check_number(len(names), "trials")
    rows = []
    for name in names:
        experiment, number = parse_trial_name(name)
        rows.append((get_experiment(store, experiment), get_trial(store, experiment, number)))
    metrics = metrics_of_trials(store, [trial.trial_id for _, trial in rows])
    return [
        Chosen(experiment, stored_spec(experiment), trial, _measured(trial, metrics.get(trial.trial_id, {})))
        for experiment, trial in rows
    ]


def chosen_experiments(store: Store, names: Sequence[str]) -> list[ExperimentRow]:
    """Experiments by name.

    Raises:
        SettingError: There are more than ``MOST``.
        UnknownNameError: There is no such experiment.
    """
    _check_number(len(names), "experiments")
    return [get_experiment(store, name) for name in names]


def paired_metrics(store: Store, chosen: Sequence[Chosen]) -> list[str]:
    """Metrics that at least two of the trials have example by example, in the catalogue's order."""
    found = metrics_by_example(store, [item.trial.trial_id for item in chosen])
    counts: dict[str, int] = {}
    for names in found.values():
        for name in names:
            counts[name] = counts.get(name, 0) + 1
    return [name for name in METRICS if counts.get(name, 0) > 1]


def compared_pairs(store: Store, chosen: Sequence[Chosen], metric: str) -> list[Pair]:
    """Every two of the trials compared in a metric, example by example."""
    found = scored_examples(store, [item.trial.trial_id for item in chosen], metric)
    scale = 100 if METRICS[metric].unit == "%" else 1
    scored: dict[str, Scored | str] = {}
    for item in chosen:
        own = found.get(item.trial.trial_id)
        if own is None:
            scored[item.name] = _why_not(item, metric)
        else:
            scored[item.name] = Scored(own.examples, scale * own.values, own.weights, item.data)
    return compare_pairs(scored)


def _check_number(count: int, what: str) -> None:
    if count > MOST:
        raise SettingError(f"the address names {count} {what}; at most {MOST} stand side by side")


def _measured(trial: TrialRow, metrics: dict[str, tuple[float, float | None]]) -> Measured | None:
    if not metrics:
        return None
    errors = {name: error for name, (_, error) in metrics.items() if error is not None}
    return Measured(trial.number, {name: value for name, (value, _) in metrics.items()}, errors)


def _why_not(item: Chosen, metric: str) -> str:
    if item.trial.state != TrialState.COMPLETED:
        return f"has not completed (it is {item.trial.state})"
    if item.measured is not None and metric not in item.measured.metrics:
        return f"did not measure {METRICS[metric].label}"
    return f"kept no {METRICS[metric].label} example by example"
