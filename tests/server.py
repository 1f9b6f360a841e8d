"""A real server process for tests: started like a user starts it, asked over HTTP, killed in any way."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.access import ServerAccess, running_server
from engine.errors import ServerError
from engine.settings import Home
from engine.trial_folder import TrialFolder
from storage.store import Store

PATIENCE_SECONDS = 120.0
COMMAND = (sys.executable, "-m", "engine.cli.main")
"""``bert-frontier`` as this Python would run it."""


@dataclass
class Server:
    """A ``bert-frontier up`` (or ``demo``) in a process of its own."""

    home: Home
    port: int
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def access(self) -> ServerAccess:
        found = running_server(self.home)
        assert found is not None, self.log.read_text()
        return found

    def kill(self) -> None:
        """End the server at once, as a crash would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        """Ask the server to stop; gives its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)


def start_server(home: Path, arguments: Sequence[str] = ("up",)) -> Server:
    """Start a server on a free port and wait until it answers."""
    port = free_port()
    home.mkdir(parents=True, exist_ok=True)
    log = home / f"server-{port}.log"
    command = [*COMMAND, *arguments, "--home", str(home), "--port", str(port), "--no-browser"]
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)
    server = Server(Home(home), port, process, log)

    def up() -> bool:
        assert process.poll() is None, log.read_text()
        found = running_server(server.home)
        return found is not None and _answers(found)

    wait_until(up)
    return server


@contextmanager
def serving(home: Path, fill: Callable[[Store, Home], object] | None = None) -> Iterator[Server]:
    """A server that stops when the block ends.

    Args:
        home: its home folder.
        fill: puts something into its database before it starts.
    """
    if fill is not None:
        filled = Home(home)
        filled.make()
        with Store.open(filled.database) as store:
            fill(store, filled)
    server = start_server(home)
    try:
        yield server
    finally:
        server.stop()


def signal_trials(home: Path, number: signal.Signals) -> None:
    """Signal every trial that runs under a home."""
    for path in (home / "experiments").glob("*/*/"):
        holder = TrialFolder(path).holder()
        if holder is not None:
            os.killpg(holder.pid, number)


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(condition: Callable[[], Any], seconds: float = PATIENCE_SECONDS) -> Any:
    """What the condition returns once it is true; fails when it takes too long."""
    end = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < end, f"not within {seconds:.0f} s"
        time.sleep(0.1)


def _answers(access: ServerAccess) -> bool:
    try:
        access.sql("SELECT 1", "json")
    except ServerError:
        return False
    return True
