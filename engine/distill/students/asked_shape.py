"""The shape of a student as a specification and a trial's settings ask for it."""

from __future__ import annotations

from engine.distill.hyperparameters import Hyperparameters
from engine.distill.students.shape import StudentShape
from engine.spec_sections import StudentSection


def asked_shape(section: StudentSection, settings: Hyperparameters, seed: int = 0) -> StudentShape:
    """What a student is to look like.

    Args:
        section: how students are built.
        settings: the trial's hyperparameters.
        seed: of the trial.

    Raises:
        SettingError: A size is out of its range.
    """
    return StudentShape(
        family=None if section.family == "same" else section.family,
        n_layers=settings.n_layers,
        n_heads=settings.n_heads,
        hidden_size=settings.hidden_size,
        intermediate_size=settings.intermediate_size,
        layers_from=section.layers_from,
        heads_by=section.heads_by,
        head_shape=section.head_shape,
        initialise=section.initialise,
        pruning_seed=settings.pruning_seed,
        seed=seed,
    )
