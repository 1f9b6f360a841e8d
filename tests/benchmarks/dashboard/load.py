"""What a server process takes: memory, processor time while nobody does anything, and how long others wait."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

PROBE_SECONDS = 0.05
"""Time between two requests that measure how long the server keeps one waiting."""


def memory_megabytes(process: int) -> float:
    """Memory a process holds."""
    for line in Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise ValueError(f"process {process} has ended")


def processor_seconds(process: int) -> float:
    """Processor time a process has used so far, its children left out."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def waits(address: str) -> Iterator[list[float]]:
    """Seconds that each of many small requests took while the block ran."""
    found: list[float] = []
    over = threading.Event()

    def probe() -> None:
        with httpx.Client(trust_env=False, timeout=120) as client:
            while not over.wait(PROBE_SECONDS):
                begin = time.perf_counter()
                client.get(f"{address}/api/health").raise_for_status()
                found.append(time.perf_counter() - begin)

    thread = threading.Thread(target=probe)
    thread.start()
    try:
        yield found
    finally:
        over.set()
        thread.join()
