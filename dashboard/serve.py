"""Starts the server: one uvicorn process that owns the database, shows the pages and runs the experiments."""

from __future__ import annotations

import logging
import os
import socket
import sys
import threading
import time
import webbrowser

import httpx
import uvicorn

from dashboard.access.door import make_door
from dashboard.app import make_app
from dashboard.services import Endpoint
from dashboard.streamlit_config import apply_config
from engine.errors import SettingError
from engine.experiment import ExperimentSpec
from engine.serving import DEFAULT_ACCESS, AccessSettings
from engine.settings import Home, RunnerSettings
from storage.store import Store

GRACE_SECONDS = 5
"""Time open browser pages get to disconnect when the server stops."""


def serve(
    home: Home,
    *,
    host: str,
    port: int,
    settings: RunnerSettings,
    access: AccessSettings = DEFAULT_ACCESS,
    launch: ExperimentSpec | None = None,
    open_browser: bool = False,
) -> None:
    """Serve until SIGTERM or Ctrl-C.

    Args:
        home: home folder; it is created if need be.
        host: address to listen on.
        port: port to listen on.
        settings: limits of the runner.
        access: who may come in, and what links may do.
        launch: an experiment to launch at once.
        open_browser: show the first page when the server answers.

    Raises:
        SettingError: when the port is in use.
        HomeError: when the home folder cannot be written.
        DatabaseError: when the database cannot be opened.
    """
    home.make()
    listener = _listen(host, port)
    endpoint = Endpoint(host, port, access.public_host)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s", stream=sys.stderr)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    apply_config(address=host, port=port, public_host=access.public_host)
    door = make_door(access, home, host, port)
    # Opened here, so that a database that cannot be used is explained before anything listens for long.
    with Store.open(home.database, address=endpoint.address) as store:
        app = make_app(home, store, endpoint, settings, door, access, launch)
        # Under uvicorn keep-alive requests take under 3 ms; Streamlit's own launcher adds 40 ms to each.
        server = uvicorn.Server(
            uvicorn.Config(
                app,
                ws="websockets-sansio",
                ws_max_size=200 * 2**20,
                access_log=False,
                log_level="warning",
                timeout_graceful_shutdown=GRACE_SECONDS,
            )
        )
        threading.Thread(
            target=_announce, args=(endpoint.address, door.entrance, open_browser), daemon=True
        ).start()
        server.run(sockets=[listener])


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise SettingError(
            f"--host {host} --port {port} cannot be used ({error.strerror}); choose another with --port"
        ) from error
    return listener


def _announce(address: str, entrance: str, open_browser: bool) -> None:
    """Say where the pages are as soon as they can be opened, with the key that lets a browser in."""
    while True:
        try:
            httpx.get(f"{address}/_stcore/health", trust_env=False).raise_for_status()
            break
        except httpx.HTTPError:
            time.sleep(0.1)
    first_page = address + entrance
    print(
        f"bert-frontier is at {first_page}  (Ctrl-C stops it; running trials go on and are adopted)",
        flush=True,
    )
    desktop = sys.platform == "darwin" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if open_browser and desktop:
        webbrowser.open(first_page)
