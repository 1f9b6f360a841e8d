"""Fixtures for the tests of training: the tiny experiment prepared once, and runs of it that take a moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from engine.distill.hyperparameters import Hyperparameters
from engine.distill.losses.matching import TeacherMatch
from engine.distill.losses.objectives import task_objective
from engine.distill.measuring.evaluation import evaluate
from engine.distill.models.folder import load_teacher
from engine.distill.prepared import Prepared, load_prepared, prepare
from engine.distill.students.build import build_student
from engine.distill.training.loop import TrainingRun
from engine.experiment import ExperimentSpec
from engine.trial_folder import TrialFolder, TrialSpec


@pytest.fixture(scope="session")
def tiny_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache in which the tiny experiment is prepared once for all tests."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def tiny_prepared(tiny_spec: ExperimentSpec, tiny_cache: Path) -> Prepared:
    """Data and teacher of the tiny experiment."""
    list(prepare(tiny_spec, tiny_cache))
    prepared = load_prepared(tiny_spec, tiny_cache)
    assert prepared is not None
    return prepared


@pytest.fixture
def make(
    tiny_spec: ExperimentSpec, tiny_cache: Path, tmp_path: Path
) -> Callable[..., tuple[TrialSpec, TrialFolder]]:
    """Makes specification and folder of a trial with two of four heads."""

    def build(
        name: str = "trial",
        number: int = 1,
        role: str = "student",
        seed: int = 3,
        experiment: ExperimentSpec = tiny_spec,
        **parameters: Any,
    ) -> tuple[TrialSpec, TrialFolder]:
        configuration = {"n_layers": 2, "n_heads": 2, "learning_rate": 2e-3, "alpha": 0.5, "temperature": 2.0}
        spec = TrialSpec(
            experiment=experiment,
            name=experiment.name,
            number=number,
            role=role,
            parameters=configuration | parameters,
            seed=seed,
            cache=tiny_cache,
        )
        folder = TrialFolder(tmp_path / name)
        folder.write_spec(spec)
        return spec, folder

    return build


@dataclass(frozen=True)
class SmallTraining:
    """A training of a dozen steps with dropout, evaluated after steps 4, 8 and 12, and what makes its student."""

    run: TrainingRun
    student: Callable[[], Any]

    def changed(self, match: TeacherMatch | None = None, **changes: Any) -> SmallTraining:
        """With some settings of the run replaced; hyperparameters are given by name."""
        own = {name: changes.pop(name) for name in list(changes) if name in Hyperparameters.model_fields}
        settings = self.run.settings.model_copy(update=own)
        objective = task_objective("span", 2, settings, "fp32", match)
        return replace(self, run=replace(self.run, settings=settings, objective=objective, **changes))


@pytest.fixture
def small_training(tiny_prepared: Prepared, tiny_teacher: Path) -> SmallTraining:
    """See ``SmallTraining``; it keeps no checkpoint unless a test asks for one."""
    settings = Hyperparameters(
        learning_rate=1e-3, epochs=2.0, train_batch_size=16, warm_up_steps=3, weight_decay=0.01
    )
    rows = tiny_prepared.parts["training"].rows
    assert 80 < len(rows) <= 96, "the tests of this folder count on six batches of 16 in an epoch"
    run = TrainingRun(
        rows=rows,
        objective=task_objective("span", 2, settings, "fp32"),
        settings=settings,
        seed=5,
        teacher=tiny_prepared.teacher_outputs,
        evaluations=3,
        evaluate=partial(
            evaluate,
            task=tiny_prepared.task,
            parts=tiny_prepared.parts,
            batch_size=32,
            precision="fp32",
        ),
        cost=lambda lengths: float((lengths**2).sum()),
    )
    teacher, _ = load_teacher(tiny_teacher)
    return SmallTraining(run, partial(build_student, teacher, n_layers=2, n_heads=2, seed=1))
