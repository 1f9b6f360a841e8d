"""Models that several tests ask, fitted once."""

from __future__ import annotations

import pytest

from engine.whatif.asking import models_for
from engine.whatif.learning import Models
from tests.engine.whatif.studies import study


@pytest.fixture(scope="session")
def models() -> Models:
    """Of a finished study of 24 trials."""
    return models_for(*study(24))
