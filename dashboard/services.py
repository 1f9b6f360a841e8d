"""What pages and HTTP routes work with: the store, the runner and the home folder of this server process."""

from __future__ import annotations

from dataclasses import dataclass

from engine.errors import StateError
from engine.runner import Runner
from engine.settings import Home
from storage.store import Store

LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
"""Names of this machine that no other machine can be reached under."""
EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104 - a person may choose to listen everywhere
"""Addresses that stand for all addresses of this machine."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the server listens."""

    host: str
    port: int

    @property
    def address(self) -> str:
        """Where programs of this machine reach it."""
        host = "127.0.0.1" if self.host in EVERYWHERE else self.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    def answers_to(self, host: str | None) -> bool:
        """Whether a request may ask for this host name; any, when the server listens everywhere."""
        return self.host in EVERYWHERE or host in LOCAL_HOSTS | {self.host}


@dataclass(frozen=True, slots=True)
class Services:
    """The parts of a running server.

    Attributes:
        home: the home folder.
        store: the database this process owns.
        runner: carries out experiments.
        endpoint: where the server listens.
    """

    home: Home
    store: Store
    runner: Runner
    endpoint: Endpoint


_current: list[Services] = []


def provide(services: Services | None) -> None:
    """Make the services available to pages, or withdraw them; called at the start and end of the server's life."""
    _current[:] = [] if services is None else [services]


def services() -> Services:
    """The services of this process.

    Raises:
        StateError: before the server has started, or while it shuts down.
    """
    if not _current:
        raise StateError("the server is not running; start it with `bert-frontier up`")
    return _current[0]
