"""Fixtures shared by all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder with real datasets and weights; tests that need it are skipped where it is absent."""
    folder = Path(os.environ.get("BERT_FRONTIER_SHARED_DATA", REPOSITORY.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no real data at {folder} (set BERT_FRONTIER_SHARED_DATA)")
    return folder
