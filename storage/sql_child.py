"""A process that runs queries on snapshots of the database and can do next to nothing else.

DuckDB's own limits do not hold within one call of a scalar function: ``repeat('x', 3000000000)`` takes 6 GB whatever
the memory limit. So the operating system holds this process back, and whoever started it ends it when its time is up.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

import duckdb

from storage.errors import QueryError
from storage.sql_messages import Refusal, Request, receive, send
from storage.sql_reading import Reading, read

MEMORY_MEGABYTES = 1024
"""What DuckDB may hold in memory; queries do not spill to disk."""
SPARE_MEGABYTES = 1024
"""What the process may take beyond that before the system refuses it more."""
IDLE_SECONDS = 300.0
"""Time without a query after which the process ends."""
GRACE_SECONDS = 1.0
"""Time beyond a query's limit after which the process is killed."""
MAX_REQUEST = 16 * 2**20
"""Bytes of the longest request."""

_SPENT = (duckdb.InternalException, duckdb.FatalException)
"""After these the process is not used again."""


def main(descriptor: int) -> None:
    """Answer requests until there are no more."""
    _give_up_rights()
    connection = Connection(descriptor)
    database: duckdb.DuckDBPyConnection | None = None
    opened = ""
    answer: Reading | Refusal | None = None
    # The parent's end is closed when it dies, however it does.
    with suppress(EOFError, OSError):
        while not (isinstance(answer, Refusal) and answer.last) and connection.poll(IDLE_SECONDS):
            request: Request = receive(connection, MAX_REQUEST)
            _limit_time(request.limits.seconds)
            try:
                if database is None or opened != request.database:
                    if database is not None:
                        database.close()
                    database, opened = _open(Path(request.database)), request.database
                answer = _answer(database, request)
            except duckdb.Error as error:
                answer = Refusal(str(error), last=True)
            send(connection, answer)
            signal.setitimer(signal.ITIMER_REAL, 0)


def _answer(database: duckdb.DuckDBPyConnection, request: Request) -> Reading | Refusal:
    with database.cursor() as cursor:
        try:
            return read(cursor, request.sql, request.parameters, request.limits)
        except QueryError as error:
            if isinstance(error.__cause__, duckdb.OutOfMemoryException):
                return Refusal(out_of_memory(), last=True)
            return Refusal(str(error), last=isinstance(error.__cause__, _SPENT))
        except MemoryError:
            return Refusal(out_of_memory(), last=True)


def out_of_memory() -> str:
    """What to say of a query that wanted too much."""
    return (
        f"the query wanted more than {MEMORY_MEGABYTES / 1024:g} GB of memory: "
        "group earlier, select fewer columns, or make shorter lists and texts"
    )


def _open(path: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(
        str(path),
        read_only=True,
        config={
            "memory_limit": f"{MEMORY_MEGABYTES}MiB",
            "threads": max(
                1, min(4, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2)
            ),
            "python_enable_replacements": "false",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        },
    )
    connection.execute("SET temp_directory = ''")
    connection.execute("SET enable_external_access = false")
    # now() and casts of it then agree with the UTC of every TIMESTAMP column.
    connection.execute("SET GLOBAL TimeZone = 'UTC'")
    connection.execute("SET allowed_configs = ['max_execution_time']")
    connection.execute("SET lock_configuration = true")
    _limit_memory()
    return connection


def _give_up_rights() -> None:
    """Neither files nor core dumps may be written, and no more than a few be open."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    for kind, most in ((resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0), (resource.RLIMIT_NOFILE, 64)):
        with suppress(ValueError, OSError):
            resource.setrlimit(kind, (most, most))


def _limit_time(seconds: float) -> None:
    """End this process by itself, should the one that started it be gone when the time is up."""
    signal.setitimer(signal.ITIMER_REAL, seconds + 2 * GRACE_SECONDS)
    used = resource.getrusage(resource.RUSAGE_SELF)
    threads = os.cpu_count() or 1
    most = int(used.ru_utime + used.ru_stime + threads * (seconds + 2 * GRACE_SECONDS)) + 1
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (most, resource.RLIM_INFINITY))


def _limit_memory() -> None:
    """Hold the address space to what is in use plus what queries may take; only Linux obeys."""
    with suppress(ValueError, OSError):
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        most = pages * resource.getpagesize() + (MEMORY_MEGABYTES + SPARE_MEGABYTES) * 2**20
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        if hard == resource.RLIM_INFINITY:
            resource.setrlimit(resource.RLIMIT_AS, (most, most))


if __name__ == "__main__":
    main(int(sys.argv[1]))
