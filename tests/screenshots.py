"""Pictures of every page, in light and dark, wide and narrow, of made-up experiments.

``python -m tests.screenshots --folder DIR`` serves a home with a search, a second one to compare it with and an
extraction, and writes DIR/PAGE-light.png, -dark.png and -narrow.png with a real Chromium, and DIR/empty-light.png of a
server with nothing in it.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.lifecycle import ExperimentState, experiment_sources
from engine.settings import Home
from storage.experiments import move_experiment
from storage.store import Store
from tests.benchmarks.dashboard.browser import chromium
from tests.browser.settling import LONG, settled
from tests.engine.stored_extraction import store_extraction
from tests.server import Server, start_server, wait_until
from tests.simulated import fill
from tests.simulated_answers import leave_answers

SEARCH, OTHER, EXTRACTION = "search", "other", "bort"
QUERY = f"SELECT n_layers, max(exact) AS best FROM {SEARCH} GROUP BY ALL ORDER BY ALL"
VIEWS = {
    "experiments": "/",
    "new": "/new?preset=demo",
    "experiment": f"/experiment?id={SEARCH}",
    "experiment-hypervolume": f"/experiment?id={SEARCH}&tab=Hypervolume",
    "experiment-parallel": f"/experiment?id={SEARCH}&tab=Parallel+coordinates",
    "experiment-importance": f"/experiment?id={SEARCH}&tab=Importance",
    "experiment-slices": f"/experiment?id={SEARCH}&tab=Slices",
    "experiment-timeline": f"/experiment?id={SEARCH}&tab=Timeline",
    "experiment-health": f"/experiment?id={SEARCH}&tab=Health",
    "trial": f"/trial?id={SEARCH}/3",
    "trial-answers": f"/trial?id={SEARCH}/3&part=Answers",
    "trial-errors": f"/trial?id={SEARCH}/3&part=Errors",
    "compare-trials": f"/compare?ids={SEARCH}/1,{SEARCH}/3",
    "compare-experiments": f"/compare?experiments={SEARCH},{OTHER}",
    "what-if": f"/what-if?experiment={SEARCH}&n_layers=6",
    "sql": f"/sql?q={QUERY}",
    "data": f"/data?experiment={SEARCH}",
    "links": "/links",
    "extraction": f"/extraction?id={EXTRACTION}",
    "pretraining": "/pretraining",
}
"""Every page and the parts worth a picture: name of the file to address."""
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 420, "height": 900}
PICTURES: Mapping[str, tuple[dict[str, int], str]] = {
    "light": (WIDE, "light"),
    "dark": (WIDE, "dark"),
    "narrow": (NARROW, "light"),
}
FITTING_SECONDS = 120.0
QUIET_MILLISECONDS = 1000
"""Time a page gets after its charts are there, to lay them out."""
HIGHEST = 3000
"""Pixels of the highest picture."""
DRAWN = "[...document.querySelectorAll('.chart')].every(box => box.querySelector('.main-svg, canvas'))"
"""Whether every chart has been drawn."""


def main() -> None:
    """Make the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--views", nargs="*", choices=VIEWS, default=list(VIEWS))
    parser.add_argument("--pictures", nargs="*", choices=PICTURES, default=list(PICTURES))
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        server = start_server(made_home(Path(folder) / "home").path)
        try:
            for view in options.views:
                for picture in options.pictures:
                    take(browser, server, view, picture, options.folder / f"{view}-{picture}.png")
        finally:
            server.stop()
        empty = start_server(Path(folder) / "empty")
        try:
            take(browser, empty, "experiments", "light", options.folder / "empty-light.png")
        finally:
            empty.stop()


def made_home(path: Path) -> Home:
    """A home with something for every page."""
    home = Home(path)
    home.make()
    with Store.open(home.database) as store:
        row = fill(store, home, name=SEARCH, trials=60)
        leave_answers(store, home, row, [1, 3])
        fill(store, home, name=OTHER, trials=40, seed=1)
        extraction = store_extraction(store, home)
        paused = ExperimentState.PAUSED
        move_experiment(store, extraction.experiment_id, paused, allowed_from=experiment_sources(paused))
    return home


def take(browser: Any, server: Server, view: str, picture: str, path: Path) -> None:
    """One picture of a view that has come to rest."""
    viewport, scheme = PICTURES[picture]
    context = browser.new_context(viewport=viewport, color_scheme=scheme)
    try:
        page = context.new_page()
        page.set_default_timeout(LONG)
        page.goto(server.address + VIEWS[view])
        page.wait_for_selector("[data-testid=stMainBlockContainer]")
        wait_until(
            lambda: settled(page) and not page.get_by_text("Fitting the models").count(), FITTING_SECONDS
        )
        page.wait_for_timeout(QUIET_MILLISECONDS)
        page.screenshot(path=path, full_page=True)
        print(path, flush=True)
    finally:
        context.close()


if __name__ == "__main__":
    main()
