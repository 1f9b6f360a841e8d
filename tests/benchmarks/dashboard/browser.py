"""Looks at pages with a real Chromium: how long until a page shows what it is for, and how much came over the wire."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.browser.conftest import ARGUMENTS

PATIENCE_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a page.

    Attributes:
        seconds: from asking for the address until the page shows what it is for.
        megabytes: that came over the wire meanwhile, messages of web sockets counted as they are unpacked.
    """

    seconds: float
    megabytes: float


@contextmanager
def chromium() -> Iterator[Any]:
    """A running browser without windows.

    Raises:
        SystemExit: when there is none.
    """
    from playwright.sync_api import sync_playwright

    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if executable is None:
        raise SystemExit("needs a Chromium on the PATH")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


def look(page: Any, address: str, ready: Callable[[Any], None]) -> Look:
    """Open an address and wait until the page is ready."""
    with _counted(page) as received:
        begin = time.perf_counter()
        page.goto(address)
        ready(page)
        seconds = time.perf_counter() - begin
    return Look(seconds, received[0] / 1e6)


def timed(page: Any, act: Callable[[Any], None]) -> Look:
    """Do something on an open page; it returns when the page has answered."""
    with _counted(page) as received:
        begin = time.perf_counter()
        act(page)
        seconds = time.perf_counter() - begin
    return Look(seconds, received[0] / 1e6)


@contextmanager
def _counted(page: Any) -> Iterator[list[float]]:
    """Bytes received while the block runs."""
    received = [0.0]
    session = page.context.new_cdp_session(page)

    def finished(event: dict[str, Any]) -> None:
        received[0] += event["encodedDataLength"]

    def frame(event: dict[str, Any]) -> None:
        text = event["response"]["payloadData"]
        # Binary messages are told in base64.
        received[0] += len(text) * (0.75 if event["response"]["opcode"] == 2 else 1)

    session.on("Network.loadingFinished", finished)
    session.on("Network.webSocketFrameReceived", frame)
    session.send("Network.enable")
    try:
        yield received
    finally:
        session.detach()
