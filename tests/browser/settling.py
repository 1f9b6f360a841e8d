"""When a page of the dashboard has come to rest, and whether anything went wrong on the way."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

LONG = 120_000
"""Milliseconds to wait for anything: no test fails because the machine is busy."""


def settled(page: Any) -> bool:
    """Whether the page's script is not running, so that everything on the screen belongs to one state."""
    return bool(page.locator("[data-testid=stApp][data-test-script-state=notRunning]").count())


def address(page: Any) -> dict[str, list[str]]:
    """What the address says now; ``page.url`` learns of changes only while something is asked of the browser."""
    return parse_qs(urlsplit(page.evaluate("location.href")).query)


def untroubled(visit: Any) -> None:
    """Fail unless the page shows no error, the browser met none, and nothing was asked of another machine."""
    assert visit.page.locator('[data-testid="stException"]').count() == 0
    assert visit.errors == []
    assert visit.elsewhere == []
