"""The report of an experiment: one file that says everything, fetches nothing, and lets no text break it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from dashboard.report.content import gather
from dashboard.report.document import document
from dashboard.report.figures import MOST_POINTS, frontier_figure, growth_figure, pretraining_figure
from dashboard.report.write import report_html
from dashboard.services import Services
from dashboard.tables import trials_frame
from engine.errors import UnknownNameError
from engine.launch import submit
from engine.overview import overview
from engine.settings import Home
from engine.spec_files import parse_spec, preset_text
from storage.experiments import ExperimentRow, get_experiment
from storage.store import Store
from tests.engine.stored_extraction import BEST, store_extraction
from tests.simulated import fill

VOID = {"meta", "br", "link", "img"}


class Checker(HTMLParser):
    """Tags that are opened and closed, what they would fetch, and all text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.fetched: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        self.fetched += [f"{tag} {name}={value}" for name, value in attrs if name in ("src", "href", "data")]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def read(html: str) -> str:
    """The text of a report, after a look at its form."""
    checker = Checker()
    checker.feed(html)
    assert not checker.open
    assert not checker.fetched
    assert "<script" not in html
    assert not re.search(r"url\(|@import", html)
    return "\n".join(checker.text)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A search, and an extraction."""
    home = Home(tmp_path_factory.mktemp("report") / "home")
    home.make()
    with Store.open(home.database) as opened:
        fill(opened, home, trials=40, steps=2, examples=30)
        store_extraction(opened, home)
        yield opened


def test_a_search(store: Store) -> None:
    view = overview(store, get_experiment(store, "simulated"))
    told = read(report_html(store, "simulated", {"exact": 0.1}))
    for part in (
        "Question answering: SQuAD 2.0",
        "40 of 40 trials",
        *view.claims,
        "Exact match against parameters, one point a trial",
        "How much the frontier covered after each trial",
        "1, baseline",
        "differs from the baseline in",
        "1e-06 to 0.001, logarithmic",
        "768, 1536, 2304, 3072",
        "matters for exact match",
        "hardly predictable",
        "failed, first trial",
        "[parameters.n_layers]",
        "Made on ",
    ):
        assert part in told, part
    for trial in view.frontier:
        assert f"trial {trial.number}: " in told


def test_an_extraction(store: Store) -> None:
    told = read(report_html(store, "bort"))
    assert "has the largest W" in told
    assert f"(trial {BEST})" in told
    assert "W-coefficient against parameters of encoder and pooler" in told


def test_a_pretraining(present: Services, pretraining: ExperimentRow) -> None:
    told = read(report_html(present.store, "pretrain"))
    assert "Masked tokens guessed right as pre-training went on" in told
    assert {"mlm", "distilbert", "bort"} <= set(told.split("\n"))
    # Of few trials all are listed.
    assert "differs from the baseline in method distilbert" in told


def test_before_anything_is_measured(present: Services) -> None:
    submit(present.store, present.home, parse_spec(preset_text("demo")))
    told = read(report_html(present.store, "demo"))
    assert "Nothing is measured yet." in told
    assert "0 of 12 trials" in told


def test_other_states(present: Services, demo: ExperimentRow, tuned: ExperimentRow) -> None:
    assert "the loss is not finite" in read(report_html(present.store, "demo"))
    assert "Trained: accuracy 70.2 %" in read(report_html(present.store, "fine-tune"))


def test_text_cannot_break_out(present: Services) -> None:
    text = preset_text("demo").replace(
        'description = "', 'description = "<script>alert(1)</script> &lt; </title> \\"quoted\\" '
    )
    submit(present.store, present.home, parse_spec(text))
    html = report_html(present.store, "demo")
    assert "<script>alert(1)</script>" in read(html)
    assert html.count("&lt;script&gt;alert(1)") == 2


def test_an_unknown_experiment(store: Store) -> None:
    with pytest.raises(UnknownNameError, match="simulated"):
        report_html(store, "simulate")


def test_the_same_data_give_the_same_file(store: Store, tmp_path: Path) -> None:
    from datetime import UTC, datetime

    now = datetime(2026, 11, 20, tzinfo=UTC)
    first, second = (document(gather(store, "simulated"), now) for _ in range(2))
    assert first == second
    assert "Made on 20 Nov 2026" in first


def test_figures_of_many_trials_stay_small(present: Services) -> None:
    fill(present.store, present.home, trials=2 * MOST_POINTS, steps=1, examples=0)
    view = overview(present.store, get_experiment(present.store, "simulated"))
    drawn = frontier_figure(trials_frame(view), view.spec.metrics, "num_parameters", "exact")
    assert drawn is not None
    assert drawn.count("<circle") <= 3 * MOST_POINTS
    assert len(drawn) < 700_000
    growth = growth_figure(view.outcomes.growth.volumes.tolist())
    assert growth is not None
    assert len(growth) < 100_000


def test_figures_without_data() -> None:
    import pandas as pd

    assert growth_figure([]) is None
    assert growth_figure([0.0, 0.0]) is None
    assert pretraining_figure(pd.DataFrame(), "mlm_accuracy") is None
    assert frontier_figure(pd.DataFrame({"status": []}), (), "x", "y") is None
