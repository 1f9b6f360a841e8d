"""Where a measured process spends its time: wall and CPU seconds of each phase, and its peak resident memory."""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

PHASES = ("start-up", "load", "tokenise", "teacher", "train", "evaluate", "measure", "save", "exit")
"""``measure`` is latency, which the usual script does not measure; ``exit`` is what is left."""


class Phases:
    """Adds up seconds; each call of ``end`` closes the phase that began at the call before.

    Args:
        spawned: ``time.monotonic()`` of the parent just before it started this process.
    """

    def __init__(self, spawned: float) -> None:
        self._wall, self._cpu = spawned, 0.0
        self.spent: dict[str, list[float]] = {}

    def end(self, phase: str) -> None:
        """Give the time since the last call to a phase: wall seconds, and user and system seconds of all threads."""
        wall, cpu = time.monotonic(), time.process_time()
        so_far = self.spent.setdefault(phase, [0.0, 0.0])
        so_far[0] += wall - self._wall
        so_far[1] += cpu - self._cpu
        self._wall, self._cpu = wall, cpu

    def write(self, path: Path, **figures: Any) -> None:
        """Write the phases, the peak memory so far, and other figures as JSON."""
        record = {"phases": self.spent, "peak_mb": peak_mb(), **figures}
        path.write_text(json.dumps(record), encoding="utf-8")


def peak_mb() -> float:
    """Largest resident size of this process so far, in megabytes of 10^6 bytes.

    The kernel's own mark is read where there is one: the figure of ``getrusage`` also covers the parent's size at
    the moment it started this process.
    """
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    except FileNotFoundError:
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) * 1024 / 1e6
