"""Every experiment with how far it is, in one look."""

from __future__ import annotations

from storage.experiments import ExperimentRow
from storage.listing import list_standings, notes_version
from storage.notes import set_archived, set_note, set_tags
from storage.store import Store
from storage.trials import NewTrial, add_trials, move_trial


def test_counts_and_notes(store: Store, demo: ExperimentRow) -> None:
    trials = add_trials(
        store,
        demo.experiment_id,
        [NewTrial("teacher", {}, 0), *(NewTrial("student", {}, seed) for seed in range(4))],
    )
    for trial, state in zip(trials, ("completed", "completed", "failed", "running", "pending"), strict=True):
        move_trial(store, trial.trial_id, state, allowed_from=["pending"], finished=state != "running")
    set_tags(store, demo.experiment_id, ["paper"])
    set_note(store, demo.experiment_id, "Mine.")
    (listed,) = list_standings(store)
    assert (listed.name, listed.done, listed.budget, listed.task) == ("demo", 2, 12, "squad")
    assert (listed.tags, listed.note, listed.archived) == (("paper",), "Mine.", False)
    assert listed.created_at <= listed.active_at
    assert listed.created_at.tzinfo is not None


def test_an_experiment_without_trials_is_listed(store: Store, demo: ExperimentRow) -> None:
    (listed,) = list_standings(store)
    assert (listed.done, listed.tags, listed.active_at) == (0, (), listed.created_at)


def test_the_version_follows_notes(store: Store, demo: ExperimentRow) -> None:
    versions = [notes_version(store)]
    set_tags(store, demo.experiment_id, ["a"])
    versions.append(notes_version(store))
    set_note(store, demo.experiment_id, "b")
    versions.append(notes_version(store))
    set_archived(store, demo.experiment_id, True)
    versions.append(notes_version(store))
    assert len(set(versions)) == len(versions)
    assert notes_version(store) == versions[-1]
