"""Query processes: what they say is not trusted, and they outlive neither their query nor the server."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import time
from multiprocessing import Pipe
from pathlib import Path

import pytest

from storage.sql_messages import Refusal, receive, send
from storage.sql_reading import Reading

REPOSITORY = Path(__file__).resolve().parents[2]
SERVER = """
import sys, threading
from pathlib import Path
from storage.sql import _engine, run_query
from storage.store import Store
store = Store.open(Path(sys.argv[1]))
run_query(store, "SELECT 1")
pid = _engine(store).processes._idle[0]._process.pid
threading.Thread(target=run_query, args=(store, sys.argv[2]), daemon=True).start()
print(pid, flush=True)
threading.Event().wait()
"""


class Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("true",)


def test_messages_hold_values_and_nothing_else() -> None:
    ours, theirs = Pipe()
    reading = Reading(["a"], ["INTEGER"], [(1,)], False)
    for message in (reading, Refusal("no", last=True)):
        send(theirs, message)
        assert receive(ours, 1000) == message
    theirs.send_bytes(pickle.dumps(Evil()))
    with pytest.raises(pickle.UnpicklingError, match=r"posix\.system"):
        receive(ours, 1000)
    theirs.send_bytes(b"x" * 2000)
    with pytest.raises(OSError):  # noqa: PT011 - multiprocessing says no more
        receive(ours, 1000)


@pytest.mark.parametrize("sql", ["SELECT 1", "SELECT count(*) FROM range(100000000000)"])
def test_they_end_with_a_server_that_is_killed(tmp_path: Path, sql: str) -> None:
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(tmp_path / "frontier.duckdb"), sql],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    pid = int(server.stdout.readline())
    assert _runs(pid)
    server.send_signal(signal.SIGKILL)
    server.wait()
    end = time.monotonic() + 30
    while _runs(pid):
        assert time.monotonic() < end
        time.sleep(0.1)


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False
