"""The views that are looked at: where they are, when they show what they are for, and one thing a person does there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.benchmarks.dashboard.browser import PATIENCE_SECONDS
from tests.benchmarks.dashboard.stores import NAME

PATIENCE = PATIENCE_SECONDS * 1000
"""Milliseconds, as the browser counts."""


@dataclass(frozen=True, slots=True)
class View:
    """One view.

    Attributes:
        name: in the table.
        path: its address on the server.
        ready: returns when it shows what it is for.
        act: something a person does there; returns when the page has answered. None where there is nothing.
    """

    name: str
    path: str
    ready: Callable[[Any], None]
    act: Callable[[Any], None] | None = None


def views(trials: int) -> list[View]:
    """Every view of a home with one experiment of so many trials."""
    query = f"SELECT n_layers, count(*) AS trials, max(exact) AS best FROM {NAME} GROUP BY ALL ORDER BY ALL"
    other = f"SELECT n_heads, avg(exact) AS mean FROM {NAME} GROUP BY ALL ORDER BY ALL"
    return [
        View("experiments", "/", _shows(NAME)),
        View("experiment", f"/experiment?id={NAME}", _charts(1), _choose_axis),
        View("hypervolume", f"/experiment?id={NAME}&tab=Hypervolume", _charts(2)),
        View(
            "trial",
            f"/trial?id={NAME}/{trials // 2}",
            _charts(2),
            _open_tab("Parameters", "Settings that differ"),
        ),
        View("sql", f"/sql?q={query}", _shows("12 rows"), _ask(other)),
    ]


def _shows(text: str) -> Callable[[Any], None]:
    return lambda page: page.get_by_text(text).first.wait_for(timeout=PATIENCE)


def _charts(count: int) -> Callable[[Any], None]:
    def ready(page: Any) -> None:
        page.locator(".js-plotly-plot .main-svg").nth(2 * count - 1).wait_for(
            state="attached", timeout=PATIENCE
        )

    return ready


def _choose_axis(page: Any) -> None:
    box = page.get_by_role("combobox", name="Horizontal axis")
    box.click()
    box.fill("latency_ms")
    page.get_by_role("option").first.click()
    page.locator(".js-plotly-plot .xtitle", has_text="latency").first.wait_for(timeout=PATIENCE)


def _open_tab(name: str, text: str) -> Callable[[Any], None]:
    def act(page: Any) -> None:
        page.get_by_role("tab", name=name, exact=True).click()
        page.get_by_text(text).first.wait_for(timeout=PATIENCE)

    return act


def _ask(query: str) -> Callable[[Any], None]:
    def act(page: Any) -> None:
        page.get_by_label("Query").first.fill(query)
        page.keyboard.press("Control+Enter")
        page.get_by_text("mean").first.wait_for(timeout=PATIENCE)

    return act
