"""The lock: one holder at a time, also between processes, and free again however its holder ends."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from engine.file_lock import try_lock

HOLDER = """
import sys
from pathlib import Path
from engine.file_lock import try_lock
with try_lock(Path(sys.argv[1])) as mine:
    print(mine, flush=True)
    sys.stdin.readline()
"""


def test_one_holder_at_a_time(tmp_path):
    path = tmp_path / "new" / "folder" / "work.lock"
    with try_lock(path) as first:
        assert first
        with try_lock(path) as second:
            assert not second
        with try_lock(path) as third:
            assert not third, "a refused attempt does not free the holder's lock"
        with try_lock(tmp_path / "other.lock") as other:
            assert other
    with try_lock(path) as again:
        assert again


def test_an_error_frees_the_lock(tmp_path):
    path = tmp_path / "work.lock"

    def fail():
        with try_lock(path) as mine:
            assert mine
            raise RuntimeError("oops")

    with pytest.raises(RuntimeError, match="oops"):
        fail()
    with try_lock(path) as mine:
        assert mine


def test_other_processes_are_kept_out_until_the_holder_dies(tmp_path):
    path = tmp_path / "work.lock"
    repository = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-c", HOLDER, str(path)]
    with subprocess.Popen(
        command, cwd=repository, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout.readline() == "True\n"
        with try_lock(path) as mine:
            assert not mine
        holder.kill()
        holder.wait()
        with try_lock(path) as mine:
            assert mine
            answer = subprocess.run(command, cwd=repository, input="\n", capture_output=True, text=True)
            assert answer.stdout == "False\n"
