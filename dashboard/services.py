"""What pages and HTTP routes work with: the store, the runner and the home folder of this server process."""

from __future__ import annotations

from dataclasses import dataclass, field

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from dashboard.access.door import LOCAL_HOSTS, OPEN, Door
from dashboard.access.sharing import Sharing
from engine.errors import StateError
from engine.runner import Runner
from engine.settings import Home
from engine.whatif.desk import WhatIfDesk
from storage.store import Store

EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104 - a person may choose to listen everywhere
"""Addresses that stand for all addresses of this machine."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the server listens.

    Attributes:
        host: address.
        port: port.
        public_host: name it is known under outside, where that is another.
    """

    host: str
    port: int
    public_host: str | None = None

    @property
    def address(self) -> str:
        """Where programs of this machine reach it."""
        host = "127.0.0.1" if self.host in EVERYWHERE else self.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    def answers_to(self, host: str | None) -> bool:
        """Whether a request may ask for this host name; any, when the server listens everywhere."""
        return self.host in EVERYWHERE or host in LOCAL_HOSTS | {self.host, self.public_host} - {None}


@dataclass(frozen=True, slots=True)
class Services:
    """The parts of a running server.

    Attributes:
        home: the home folder.
        store: the database this process owns.
        runner: carries out experiments.
        endpoint: where the server listens.
        door: who may come in.
        sharing: its links; None where they are switched off, and in a shared view.
        whatif: puts questions to models of the experiments.
        shared: whether a page is drawn as a shared view: it shows its data, changes nothing and leads nowhere else.
    """

    home: Home
    store: Store
    runner: Runner
    endpoint: Endpoint
    door: Door = OPEN
    sharing: Sharing | None = None
    whatif: WhatIfDesk = field(default_factory=WhatIfDesk)
    shared: bool = False


_current: list[Services] = []
_LIMITED = "services of this session"


def provide(services: Services | None) -> None:
    """Make the services available to pages, or withdraw them; called at the start and end of the server's life."""
    _current[:] = [] if services is None else [services]


def whole() -> Services:
    """The services of this process, for what decides who may see what; pages and routes call ``services``.

    Raises:
        StateError: before the server has started, or while it shuts down.
    """
    if not _current:
        raise StateError("the server is not running; start it with `bert-frontier up`")
    return _current[0]


def services() -> Services:
    """The services of this process or, in a browser session that shows a link, those of the link.

    Raises:
        StateError: before the server has started, or while it shuts down.
    """
    everything = whole()
    if get_script_run_ctx(suppress_warning=True) is None:
        return everything
    limited: Services | None = st.session_state.get(_LIMITED)
    return everything if limited is None else limited


def limit(shared: Services) -> None:
    """Let this browser session have no more than these services from now on."""
    st.session_state[_LIMITED] = shared
