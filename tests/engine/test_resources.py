"""What a process uses is seen, more often in the beginning, and written down while it works."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from itertools import islice

import pytest

from engine.errors import SettingError
from engine.events import Resources
from engine.gpu_use import GpuUse
from engine.resources import FIRST_SECONDS, Use, cpu_percent, looks, present_use, session_use, watched
from engine.settings import RunnerSettings

CHILD = """
import time
held = bytearray(200_000_000)
held[::4096] = b"x" * len(held[::4096])
print(flush=True)
time.sleep(60)
"""


def test_looks_are_twice_as_far_apart_up_to_the_setting() -> None:
    assert list(islice(looks(5.0), 6)) == [0.5, 1.0, 2.0, 4.0, 5.0, 5.0]
    assert list(islice(looks(0.2), 2)) == [0.2, 0.2]


def test_percent_of_one_core() -> None:
    assert cpu_percent(Use(1.0, 5), Use(4.0, 5), 2.0) == 150.0
    assert cpu_percent(Use(4.0, 5), Use(1.0, 5), 2.0) == 0.0, "a process that has gone takes its time with it"
    assert cpu_percent(Use(1.0, 5), Use(1.0, 5), 0.0) == 0.0


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
def test_every_process_of_the_session_counts_and_no_other() -> None:
    outside = present_use()
    child = subprocess.Popen([sys.executable, "-c", CHILD], stdout=subprocess.PIPE, start_new_session=True)
    try:
        assert child.stdout is not None
        child.stdout.readline()
        assert 200 < session_use(child.pid).memory_mb < 400
        assert session_use(child.pid).cpu_seconds > 0
        assert present_use().memory_mb < outside.memory_mb + 150
    finally:
        child.kill()
        child.wait()
    assert session_use(child.pid) == Use(0, 0)
    assert session_use(os.getsid(0)).memory_mb > 0


def test_watched_while_the_block_runs() -> None:
    seen: list[Resources] = []
    threads = threading.active_count()
    with watched(seen.append, 0.05):
        end = time.monotonic() + 2
        while len(seen) < 3 and time.monotonic() < end:
            sum(range(10_000))
    assert threading.active_count() == threads
    assert len(seen) >= 3
    assert max(item.cpu_percent for item in seen) > 0
    assert all(item.memory_mb > 1 for item in seen)
    count = len(seen)
    time.sleep(0.15)
    assert len(seen) == count


def test_never_where_it_is_not_asked_for() -> None:
    seen: list[Resources] = []
    with watched(seen.append, 0.0):
        time.sleep(FIRST_SECONDS / 5)
    assert seen == []
    with pytest.raises(SettingError, match="resource_seconds = -1"):
        RunnerSettings(resource_seconds=-1)


def test_a_full_disk_ends_the_watch_and_nothing_else(capfd: pytest.CaptureFixture[str]) -> None:
    calls = []

    def full(event: Resources) -> None:
        calls.append(event)
        raise OSError(28, "No space left on device")

    with watched(full, 0.02):
        time.sleep(0.3)
    assert len(calls) == 1
    assert "No space left" in capfd.readouterr().err


def test_without_cuda_nothing_is_known_of_graphics_cards() -> None:
    assert GpuUse().look() == (None, None)
