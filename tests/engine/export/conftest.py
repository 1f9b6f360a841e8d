"""A home with one completed trial, made once; each test gets a copy of its own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from engine.experiment import ExperimentSpec
from engine.settings import Home
from tests.engine.stored_trial import store_trial


@pytest.fixture(scope="session")
def model_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the trial is made."""
    return tmp_path_factory.mktemp("stored") / "home"


@pytest.fixture
def stored(model_home: Path, tiny_spec: ExperimentSpec, tmp_path: Path) -> Home:
    """A home with the trial tiny/1: two of four heads, evaluated on questions split off the dataset."""
    if not model_home.exists():
        model_home.mkdir()
        store_trial(Home(model_home), tiny_spec)
    return Home(Path(shutil.copytree(model_home, tmp_path / "home")))
