"""The home folder and the runner's limits."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from engine.errors import HomeError, SettingError
from engine.settings import HOME_VARIABLE, Home, RunnerSettings, cpu_count, resolve_home


def test_option_before_environment_before_default(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/somewhere")
    monkeypatch.delenv(HOME_VARIABLE, raising=False)
    assert resolve_home(None).path == Path("/somewhere/.bert-frontier")
    monkeypatch.setenv(HOME_VARIABLE, "~/other")
    assert resolve_home(None).path == Path("/somewhere/other")
    assert resolve_home("here").path == tmp_path / "here"
    monkeypatch.setenv(HOME_VARIABLE, "")
    assert resolve_home("").path == Path("/somewhere/.bert-frontier")


def test_home_is_made_and_left_clean(tmp_path: Path) -> None:
    home = Home(tmp_path / "a" / "b")
    home.make()
    home.make()
    assert list(home.path.iterdir()) == []
    assert {home.database.parent, home.cache.parent} == {home.path}


def test_a_home_that_cannot_be_written_is_refused_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(
        HomeError, match=rf"file.*cannot be written \(.+\); give another one with --home.*{HOME_VARIABLE}"
    ):
        Home(tmp_path / "file" / "home").make()


def test_limits() -> None:
    with pytest.raises(SettingError, match="slots = -1"):
        RunnerSettings(slots=-1)
    assert RunnerSettings().max_attempts >= 2
    assert 1 <= cpu_count() <= (os.cpu_count() or 1)
