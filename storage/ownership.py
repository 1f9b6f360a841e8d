"""The sidecar beside the database that tells other processes who owns the file and where its server answers."""

from __future__ import annotations

import json
import os
import secrets
import socket
import sys
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Owner:
    """The process that holds a database file.

    Attributes:
        pid: Process id on ``host``.
        host: Name of the machine.
        program: Name of the program, for messages.
        address: URL of its server, or None where it serves nothing.
        token: Secret that POST requests to the server must carry; only the file's owner may read it.
        started_at: When it took the file, UTC.
        birth: Start of the process in clock ticks since boot, where the system tells; it
            distinguishes the owner from a later process with the same pid.
    """

    pid: int
    host: str
    program: str
    address: str | None
    token: str = field(repr=False)
    started_at: datetime
    birth: int | None = None


def sidecar_path(database: Path) -> Path:
    """Where the owner of ``database`` is written down: ``<db>.owner.json``."""
    return database.with_name(database.name + ".owner.json")


def claim(database: Path, address: str | None) -> Owner:
    """Write this process down as the owner, replacing whatever was there; call it holding DuckDB's lock."""
    owner = Owner(
        pid=os.getpid(),
        host=socket.gethostname(),
        program=Path(sys.argv[0]).name or "python",
        address=address,
        token=secrets.token_urlsafe(TOKEN_BYTES),
        started_at=datetime.now(UTC),
        birth=_process_birth(os.getpid()),
    )
    target = sidecar_path(database)
    draft = target.with_name(f"{target.name}.{owner.pid}.new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(asdict(owner), file, default=datetime.isoformat, indent=2)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return owner


def release(database: Path, owner: Owner) -> None:
    """Remove the sidecar if it still is the one ``owner`` wrote; a forked child leaves it to its parent."""
    if owner.pid == os.getpid() and last_owner(database) == owner:
        sidecar_path(database).unlink(missing_ok=True)


def last_owner(database: Path) -> Owner | None:
    """Who wrote the sidecar last, dead or alive; None where there is none or it cannot be understood."""
    try:
        written: dict[str, Any] = json.loads(sidecar_path(database).read_text(encoding="utf-8"))
        return Owner(**written | {"started_at": datetime.fromisoformat(written["started_at"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def read_owner(database: Path) -> Owner | None:
    """The owner of ``database``, only if its process is alive on this machine."""
    owner = last_owner(database)
    return owner if owner is not None and _is_alive(owner) else None


def _is_alive(owner: Owner) -> bool:
    if owner.host != socket.gethostname():
        return False
    if Path("/proc/self/stat").exists():
        birth = _process_birth(owner.pid)
        return birth is not None and owner.birth in (None, birth)
    try:
        os.kill(owner.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _process_birth(pid: int) -> int | None:
    """Start of a living process in clock ticks since boot; None for dead ones, zombies, and without /proc."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    # The second field, the name in brackets, may hold spaces and brackets itself; state is the third, birth the 22nd.
    fields = stat[stat.rindex(")") + 2 :].split()
    return None if fields[0] in "ZX" else int(fields[19])
