"""The sidecar names the living owner, keeps its token private, and is never believed about the dead."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from storage.ownership import claim, last_owner, read_owner, release, sidecar_path


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return tmp_path / "frontier.duckdb"


def rewrite(base: Path, **changes: object) -> None:
    sidecar = sidecar_path(base)
    sidecar.write_text(json.dumps(json.loads(sidecar.read_text()) | changes))


def test_claim_is_private_and_complete(base: Path) -> None:
    owner = claim(base, "http://localhost:1")
    assert sidecar_path(base).name == "frontier.duckdb.owner.json"
    assert sidecar_path(base).stat().st_mode & 0o777 == 0o600
    assert read_owner(base) == owner
    assert owner.pid == os.getpid()
    assert len(owner.token) >= 40
    assert owner.token not in repr(owner)
    assert [file.name for file in base.parent.iterdir()] == ["frontier.duckdb.owner.json"]


def test_tokens_differ(base: Path) -> None:
    assert claim(base, None).token != claim(base, None).token


def test_release_removes_only_ones_own_sidecar(base: Path) -> None:
    first = claim(base, None)
    second = claim(base, None)
    release(base, first)
    assert read_owner(base) == second
    release(base, second)
    assert not sidecar_path(base).exists()


def test_the_dead_own_nothing(base: Path) -> None:
    claim(base, None)
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    rewrite(base, pid=ended.pid, birth=None)
    assert read_owner(base) is None
    assert last_owner(base) is not None


def test_a_zombie_is_dead(base: Path) -> None:
    claim(base, None)
    zombie = subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE)
    assert zombie.stdout is not None
    zombie.stdout.read()
    os.waitid(os.P_PID, zombie.pid, os.WEXITED | os.WNOWAIT)
    rewrite(base, pid=zombie.pid, birth=None)
    assert read_owner(base) is None
    zombie.wait()


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="the start of a process is read from /proc")
def test_a_reused_process_id_is_not_the_owner(base: Path) -> None:
    owner = claim(base, None)
    assert owner.birth is not None
    rewrite(base, birth=owner.birth - 1)
    assert read_owner(base) is None


def test_an_owner_on_another_machine_is_not_vouched_for(base: Path) -> None:
    claim(base, None)
    rewrite(base, host="elsewhere")
    assert read_owner(base) is None


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"pid": 1}', '{"started_at": "never"}', "\x00"])
def test_a_broken_sidecar_says_nothing(base: Path, text: str) -> None:
    sidecar_path(base).write_text(text)
    assert read_owner(base) is None
    assert last_owner(base) is None
