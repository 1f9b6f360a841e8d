"""What ``bert-frontier up`` is told about who may come in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from engine.cli import up
from engine.cli.main import cli
from engine.errors import SettingError
from engine.serving import DEFAULT_ACCESS, AccessSettings


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[AccessSettings]:
    given: list[AccessSettings] = []
    monkeypatch.setattr(up, "start_server", lambda home, **options: given.append(options["access"]))
    return given


def run(tmp_path: Path, *arguments: str) -> Any:
    return CliRunner().invoke(cli, ["up", "--home", str(tmp_path), *arguments])


def test_nothing_said(tmp_path: Path, started: list[AccessSettings]) -> None:
    assert run(tmp_path).exit_code == 0
    assert started == [DEFAULT_ACCESS]


def test_everything_said(tmp_path: Path, started: list[AccessSettings]) -> None:
    done = run(
        tmp_path,
        *("--access", "proxy", "--user-header", "X-User", "--public-url", "https://frontier.example"),
        *("--share-links", "members", "--link-days", "7"),
    )
    assert done.exit_code == 0, done.output
    assert started == [AccessSettings("proxy", "X-User", "https://frontier.example", "members", 7)]


def test_what_cannot_be_is_refused(tmp_path: Path, started: list[AccessSettings]) -> None:
    assert run(tmp_path, "--access", "closed").exit_code == 2
    done = run(tmp_path, "--public-url", "frontier.example")
    assert isinstance(done.exception, SettingError)
    assert started == []
