"""``report`` on the command line."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from engine.cli.main import main
from engine.settings import Home
from storage.store import Store
from tests.simulated import fill


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.make()
    with Store.open(home.database) as store:
        fill(store, home, trials=6, steps=1, examples=0)
    return home


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["bert-frontier", "report", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def test_it_writes_a_file(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "out.html"
    assert run(monkeypatch, "simulated", "--output", str(path), "--home", str(home.path)) == 0
    assert "<h1>simulated</h1>" in path.read_text(encoding="utf-8")
    assert f"Wrote {path}" in capsys.readouterr().out
    monkeypatch.chdir(tmp_path)
    assert run(monkeypatch, "simulated", "--home", str(home.path)) == 0
    assert (tmp_path / "simulated.html").exists()


def test_errors_are_explained(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "simulate", "-o", str(tmp_path / "a.html"), "--home", str(home.path)) == 1
    assert "did you mean simulated" in capsys.readouterr().err
    assert run(monkeypatch, "simulated", "-o", str(tmp_path / "no" / "a.html"), "--home", str(home.path)) == 1
    assert "cannot be written" in capsys.readouterr().err
