"""A real Chromium; without one these tests are skipped, or fail where a browser is required."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

REQUIRED = "BERT_FRONTIER_REQUIRE_BROWSER"
"""Environment variable that makes a missing browser an error, so that nobody believes in tests that did not run."""

ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"),
    *("--disable-sync", "--disable-quic", "--no-first-run"),
)


@dataclass
class Visit:
    """An open page and what it did wrong."""

    page: Any
    elsewhere: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


@pytest.fixture
def visit(tmp_path: Path) -> Iterator[Visit]:
    """A page of a fresh browser that notes requests to other machines, and errors; its last look is ``last.png``."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        executable = None
    if executable is None:
        missing = "needs playwright and a Chromium on the PATH"
        if os.environ.get(REQUIRED) == "1":
            pytest.fail(f"{REQUIRED}=1, but this test {missing}")
        pytest.skip(missing)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(ARGUMENTS))
        page = browser.new_context(viewport={"width": 1280, "height": 1000}).new_page()
        found = Visit(page)
        page.on("request", lambda request: _note_request(found, request.url))
        page.on("pageerror", lambda error: found.errors.append(str(error)))
        page.on(
            "console", lambda message: found.errors.append(message.text) if message.type == "error" else None
        )
        try:
            yield found
        finally:
            page.screenshot(path=tmp_path / "last.png", full_page=True)
            browser.close()


def _note_request(found: Visit, url: str) -> None:
    if not url.startswith(("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:")):
        found.elsewhere.append(url)
