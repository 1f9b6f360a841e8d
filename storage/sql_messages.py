"""What the server and a query process say to each other, read so that neither side has to trust the other."""

from __future__ import annotations

import io
import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from storage.sql_reading import Reading, SqlLimits

_VALUES = frozenset(
    {
        *(("datetime", name) for name in ("date", "datetime", "time", "timedelta", "timezone")),
        ("decimal", "Decimal"),
        ("uuid", "UUID"),
        ("storage.sql_messages", "Request"),
        ("storage.sql_messages", "Refusal"),
        ("storage.sql_reading", "SqlLimits"),
        ("storage.sql_reading", "Reading"),
    }
)
"""Types a message may hold beside plain Python ones: those of DuckDB's values, and the messages themselves."""


@dataclass(frozen=True, slots=True)
class Request:
    """A query to run.

    Attributes:
        database: The file to run it on; the process keeps it open until another is named.
        sql: The statement.
        parameters: Value of each parameter.
        limits: What it may take.
    """

    database: str
    sql: str
    parameters: Mapping[str, Any]
    limits: SqlLimits


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a query gave nothing.

    Attributes:
        message: For the person who wrote it.
        last: Whether the process has been strained too much to answer another.
    """

    message: str
    last: bool = False


def send(connection: Connection, message: Request | Reading | Refusal) -> None:
    """Write one message.

    Raises:
        OSError: The other side is gone.
    """
    connection.send_bytes(pickle.dumps(message, protocol=5))


def receive(connection: Connection, most: int) -> Any:  # noqa: ANN401 - the caller looks at its type
    """Read one message of at most ``most`` bytes.

    Raises:
        EOFError: The other side is gone.
        OSError: The message is longer, or cannot be read.
        pickle.UnpicklingError: It holds something that no message holds.
    """
    return _Reader(io.BytesIO(connection.recv_bytes(most))).load()


class _Reader(pickle.Unpickler):
    """A full unpickler would run whatever a process that SQL has taken over likes."""

    def find_class(self, module: str, name: str) -> Any:  # noqa: ANN401
        if (module, name) not in _VALUES:
            raise pickle.UnpicklingError(f"a message holds {module}.{name}")
        return super().find_class(module, name)
