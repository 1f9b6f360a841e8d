"""Secrets are made once, kept from others, and never empty."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboard.access.secret_files import kept_secret
from engine.errors import HomeError


def test_a_secret_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    made = kept_secret(path)
    assert len(made) >= 40
    assert kept_secret(path) == made
    assert path.stat().st_mode & 0o077 == 0
    assert kept_secret(tmp_path / "another") != made


def test_what_cannot_be_used_is_explained(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n", encoding="utf-8")
    with pytest.raises(HomeError, match="is empty"):
        kept_secret(tmp_path / "empty")
    with pytest.raises(HomeError, match="cannot be used"):
        kept_secret(tmp_path / "no" / "folder")
