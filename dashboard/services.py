"""What pages and HTTP routes work with: the store, the runner and the home folder of this server process."""

from __future__ import annotations

from dataclasses import dataclass

from engine.errors import StateError
from engine.runner import Runner
from engine.settings import Home
from storage.store import Store


@dataclass(frozen=True, slots=True)
class Services:
    """The parts of a running server.

    Attributes:
        home: the home folder.
        store: the database this process owns.
        runner: carries out experiments.
        address: where the server is reached.
    """

    home: Home
    store: Store
    runner: Runner
    address: str


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
