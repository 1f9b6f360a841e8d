"""What a trial uses of the machine, looked at now and then by the trial's own process and written among its events."""

from __future__ import annotations

import os
import resource
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from engine.events import Resources
from engine.gpu_use import GpuUse

FIRST_SECONDS = 0.5
"""Time until the first look; each later wait is twice as long, up to the setting, so that short trials are seen too."""
MEGABYTE = 1e6
PROCESSES = Path("/proc")
_SESSION, _CPU, _REAPED_CPU, _PAGES = 3, slice(11, 13), slice(13, 15), 21
"""Places in ``/proc/PID/stat`` behind the name: session, own and reaped children's processor ticks, resident pages."""


@dataclass(frozen=True, slots=True)
class Use:
    """Processor time used so far in seconds, and memory in use in megabytes (10^6 bytes)."""

    cpu_seconds: float
    memory_mb: float


def present_use() -> Use:
    """What this process and those it started use.

    On Linux these are all processes of its session, which a trial has to itself; elsewhere the processor time of ended
    children is counted with it, and the memory is the most this process ever had.
    """
    if PROCESSES.is_dir():
        return session_use(os.getsid(0))
    times = os.times()
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return Use(sum(times[:4]), most * (1 if sys.platform == "darwin" else 1024) / MEGABYTE)


def session_use(session: int) -> Use:
    """What all processes of a session use together, on Linux."""
    ticks = pages = 0
    for folder in PROCESSES.iterdir():
        if not folder.name.isdecimal():
            continue
        try:
            # The name stands in brackets and may hold anything.
            fields = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()
        except OSError:
            continue  # It has just ended.
        if int(fields[_SESSION]) != session:
            continue
        ticks += sum(map(int, fields[_CPU]))
        ticks += sum(map(int, fields[_REAPED_CPU]))
        pages += int(fields[_PAGES])
    return Use(ticks / os.sysconf("SC_CLK_TCK"), pages * os.sysconf("SC_PAGE_SIZE") / MEGABYTE)


def cpu_percent(before: Use, now: Use, seconds: float) -> float:
    """Processor time used between two looks, in percent of one core; never below 0, as when a process has gone."""
    return max(0.0, 100 * (now.cpu_seconds - before.cpu_seconds) / seconds) if seconds > 0 else 0.0


def looks(longest: float) -> Iterator[float]:
    """Seconds to wait before each look."""
    wait = min(FIRST_SECONDS, longest)
    while True:
        yield wait
        wait = min(2 * wait, longest)


@contextmanager
def watched(write: Callable[[Resources], object], every: float) -> Iterator[None]:
    """Look at the use of this process in a thread of its own while the block runs.

    Args:
        write: takes what was seen; called from the thread.
        every: most seconds between two looks; 0 looks never.
    """
    if every <= 0:
        yield
        return
    stop = threading.Event()
    thread = threading.Thread(target=_watch, args=(write, every, stop), name="resources", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _watch(write: Callable[[Resources], object], every: float, stop: threading.Event) -> None:
    gpu = GpuUse()
    before, at = present_use(), time.monotonic()
    for wait in looks(every):
        if stop.wait(wait):
            return
        now, then = present_use(), time.monotonic()
        busy, held = gpu.look()
        try:
            write(Resources(cpu_percent(before, now, then - at), now.memory_mb, busy, held))
        except OSError:
            # A full disk: the trial itself will meet it, and that is where it counts.
            traceback.print_exc()
            return
        before, at = now, then
