"""How the dashboard bears many trials: first paint, interaction, bytes, memory, idling and many browsers at once.

``python -m tests.benchmarks.dashboard_load --folder DIR`` makes homes with 100, 10,000 and 100,000 trials of 100 curve
points each in DIR where they are missing, serves each with a real server, and looks at every view with a real Chromium:
first in a fresh browser, then again with the browser's cache filled. The peer's dashboard shows the same trials in the
same run where it is installed (extra ``peers``); ``--no-peer`` leaves it out.
"""

from __future__ import annotations

import argparse
import multiprocessing
import statistics
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.benchmarks.dashboard.browser import Look, chromium, look, timed
from tests.benchmarks.dashboard.load import memory_megabytes, processor_seconds, waits
from tests.benchmarks.dashboard.pages import View, views
from tests.benchmarks.dashboard.stores import NAME, as_study, made
from tests.benchmarks.search.tables import markdown
from tests.server import Server, free_port, start_server, wait_until

IDLE_SECONDS = 20.0
BROWSERS = 20


@dataclass(frozen=True, slots=True)
class Seen:
    """A view as it was met: in a fresh browser, again with a filled cache, and something done there."""

    first: Look
    again: tuple[Look, ...]
    acted: Look | None

    @property
    def paint(self) -> float:
        """Median seconds until it shows what it is for, with a filled cache."""
        return statistics.median(one.seconds for one in self.again)

    @property
    def megabytes(self) -> float:
        """Median that comes over the wire with a filled cache."""
        return statistics.median(one.megabytes for one in self.again)


@dataclass(frozen=True, slots=True)
class Measured:
    """What one home cost."""

    views: dict[str, Seen]
    memory: float
    idle: float
    waits: list[float]
    crowd: list[float]


def main() -> None:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="of the homes, kept between runs")
    parser.add_argument("--trials", type=int, nargs="*", default=[100, 10_000, 100_000])
    parser.add_argument("--repeats", type=int, default=3, help="looks at each view with a filled cache")
    parser.add_argument("--browsers", type=int, default=BROWSERS)
    parser.add_argument("--no-peer", action="store_true")
    parser.add_argument("--peer-trials", type=int, default=10_000, help="most trials the peer is given")
    options = parser.parse_args()
    found, peer = {}, {}
    with chromium() as browser:
        for trials in options.trials:
            home = made(options.folder, trials)
            server = start_server(home.path)
            try:
                found[trials] = measure(browser, server, trials, options.repeats, options.browsers)
            finally:
                server.stop()
            if not options.no_peer and trials <= options.peer_trials:
                peer[trials] = measure_peer(browser, as_study(home), options.repeats)
            print(report(found, peer), flush=True)


def measure(browser: Any, server: Server, trials: int, repeats: int, browsers: int) -> Measured:
    """Everything about one server."""
    seen = {view.name: see(browser, server.address, view, repeats) for view in views(trials)}
    memory = memory_megabytes(server.process.pid)
    chosen = next(view for view in views(trials) if view.name == "experiment")
    page = browser.new_context().new_page()
    look(page, server.address + chosen.path, chosen.ready)
    time.sleep(5)
    before = processor_seconds(server.process.pid)
    time.sleep(IDLE_SECONDS)
    idle = (processor_seconds(server.process.pid) - before) / IDLE_SECONDS
    page.context.close()
    waited, crowd = together(browser, server, chosen, browsers)
    return Measured(seen, memory, idle, waited, crowd)


def see(browser: Any, address: str, view: View, repeats: int) -> Seen:
    """Look at one view in a browser of its own."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    first = look(page, address + view.path, view.ready)
    again = []
    for _ in range(repeats):
        page.goto("about:blank")
        again.append(look(page, address + view.path, view.ready))
    acted = None if view.act is None else timed(page, view.act)
    context.close()
    return Seen(first, tuple(again), acted)


def together(browser: Any, server: Server, view: View, browsers: int) -> tuple[list[float], list[float]]:
    """Many browsers open one view at once: how long small requests wait, and when each page is there."""
    contexts = [browser.new_context() for _ in range(browsers)]
    pages = [context.new_page() for context in contexts]
    with waits(server.address) as waited:
        begin = time.perf_counter()
        for page in pages:
            page.goto(server.address + view.path, wait_until="commit")
        ready = []
        for page in pages:
            view.ready(page)
            ready.append(time.perf_counter() - begin)
    for context in contexts:
        context.close()
    return waited, ready


def measure_peer(browser: Any, storage: Any, repeats: int) -> Seen:
    """The peer's page of the study: ready when it has drawn its frontier."""
    port = free_port()
    server = multiprocessing.get_context("fork").Process(
        target=_serve_peer, args=(storage, port), daemon=True
    )
    server.start()
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: _answers(address))
        view = View(NAME, "/dashboard/studies/0", _peer_ready)
        return see(browser, address, view, repeats)
    finally:
        server.terminate()
        server.join()


def _peer_ready(page: Any) -> None:
    page.locator(".js-plotly-plot .main-svg").nth(1).wait_for(state="attached", timeout=600_000)


def _serve_peer(storage: Any, port: int) -> None:
    from optuna_dashboard import run_server

    run_server(storage, host="127.0.0.1", port=port)


def _answers(address: str) -> bool:
    with suppress(httpx.HTTPError):
        return httpx.get(f"{address}/dashboard", trust_env=False, follow_redirects=True).status_code == 200
    return False


def report(found: dict[int, Measured], peer: dict[int, Seen]) -> str:
    """Three tables in Markdown."""
    sizes = list(found)
    names = list(next(iter(found.values())).views)
    rows = [["seconds to first paint (MB over the wire)", *(f"{size:,} trials" for size in sizes), "growth"]]
    rows += [_paint_row(name, [found[size].views[name] for size in sizes]) for name in names]
    if peer:
        rows.append([*_paint_row("optuna-dashboard, study", list(peer.values()))[: 1 + len(peer)]])
        rows[-1] += [""] * (len(rows[0]) - len(rows[-1]))
    acted = [["seconds to the answer", *(f"{size:,} trials" for size in sizes)]]
    acted += [
        [name, *(f"{look.seconds:.2f}" for size in sizes if (look := found[size].views[name].acted))]
        for name in names
        if found[sizes[0]].views[name].acted
    ]
    server = [["server", *(f"{size:,} trials" for size in sizes)]]
    server.append(["memory, MB", *(f"{one.memory:.0f}" for one in found.values())])
    server.append(
        ["idle with one page open, % of a core", *(f"{100 * one.idle:.1f}" for one in found.values())]
    )
    server.append(
        ["longest wait of a small request, s", *(f"{max(one.waits):.2f}" for one in found.values())]
    )
    server.append(
        ["all browsers at once: last page after, s", *(f"{max(one.crowd):.1f}" for one in found.values())]
    )
    return "\n\n".join(markdown(table) for table in (rows, acted, server))


def _paint_row(name: str, seen: Sequence[Seen]) -> list[str]:
    cells = [f"{one.paint:.2f} ({one.megabytes:.2f})" for one in seen]
    growth = " / ".join(f"{one.paint / seen[0].paint:.2f}" for one in seen[1:])
    return [name, *cells, growth]


if __name__ == "__main__":
    main()
