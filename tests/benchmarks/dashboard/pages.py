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
    middle = trials // 2
    return [
        View("experiments", "/", _shows(NAME)),
        View("experiment", f"/experiment?id={NAME}", _chart("Exact match against parameters"), _choose_axis),
        *(
            View(f"experiment, {tab.lower()}", f"/experiment?id={NAME}&tab={tab.replace(' ', '+')}", ready)
            for tab, ready in (
                ("Hypervolume", _chart("Hypervolume")),
                ("Parallel coordinates", _chart("Parallel coordinates")),
                ("Importance", _shows("extremely randomised trees")),
                ("Slices", _shows("the band a 90 % interval")),
                ("Timeline", _shows("attempts")),
                ("Health", _shows("Nothing spoils the results")),
            )
        ),
        View(
            "trial",
            f"/trial?id={NAME}/{middle}",
            _chart("as training goes on"),
            _open_tab("Parameters", "Settings that differ"),
        ),
        View("compare", f"/compare?ids={NAME}/{middle},{NAME}/{middle + 1}", _shows("Pair by pair")),
        View("what-if", f"/what-if?experiment={NAME}", _shows("to be counted on has exact match"), _budget),
        View("sql", f"/sql?q={query}", _shows("12 rows"), _ask(other)),
        View("links", "/links", _shows("Links")),
    ]


def _shows(text: str) -> Callable[[Any], None]:
    return lambda page: page.get_by_text(text).first.wait_for(timeout=PATIENCE)


def _chart(title: str) -> Callable[[Any], None]:
    def ready(page: Any) -> None:
        frame = page.locator(".bf-chart", has_text=title).first
        drawn = frame.locator(".js-plotly-plot .main-svg, .js-plotly-plot canvas").first
        drawn.wait_for(state="attached", timeout=PATIENCE)

    return ready


def _choose_axis(page: Any) -> None:
    page.get_by_role("combobox", name="Horizontal axis").click()
    page.get_by_role("option", name="latency", exact=False).first.click()
    _chart("against latency")(page)


def _open_tab(name: str, text: str) -> Callable[[Any], None]:
    def act(page: Any) -> None:
        page.get_by_role("tab", name=name, exact=True).click()
        _shows(text)(page)

    return act


def _budget(page: Any) -> None:
    """A step of the size budget; the answer says the new limit."""
    slider = page.get_by_role("slider", name="Parameters at most")
    slider.focus()
    page.keyboard.press("ArrowLeft")
    limit = "new URL(location).searchParams.get('max.num_parameters')"
    page.wait_for_function(f"{limit} !== null", timeout=PATIENCE)
    _shows(f"at most {float(page.evaluate(limit)) / 1e6:.3g} M")(page)


def _ask(query: str) -> Callable[[Any], None]:
    def act(page: Any) -> None:
        page.get_by_label("Query").first.fill(query)
        page.keyboard.press("Control+Enter")
        page.get_by_text("mean").first.wait_for(timeout=PATIENCE)

    return act
