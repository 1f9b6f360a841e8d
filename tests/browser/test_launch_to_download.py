"""From an empty server to an answer of a downloaded model, as a person would go with a browser."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.server import Server, start_server, wait_until

TRIALS = 4
LAUNCH_SECONDS = 400.0
"""Enough for the embedded teacher and a few students on a busy machine."""

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    started = start_server(tmp_path / "home")
    try:
        yield started
    finally:
        started.stop()


def test_launch_watch_query_and_download(visit: Any, server: Server, tmp_path: Path) -> None:
    page = visit.page
    page.goto(server.address)
    page.get_by_role("button", name="Set up an experiment").click()
    _fill_in(page)
    page.get_by_role("button", name="Launch", exact=True).click()
    page.wait_for_url(re.compile(r"/experiment\?id=first-try"))

    _watch(page)
    _open_from_the_frontier(page)
    _read_off(page, tmp_path)
    _query(page)

    assert visit.elsewhere == []
    assert visit.errors == []
    answer = _answer(
        tmp_path / "model",
        "How long is the Elstad bridge?",
        "The Elstad bridge is built of oak. The Elstad bridge is 54 metres long.",
    )
    assert answer == "54 metres"


def _fill_in(page: Any) -> None:
    """Start from the demo; change it in the form and in the text, each of which follows the other."""
    page.wait_for_url("**/new?preset=quick")
    text, launch = page.get_by_label("experiment.toml"), page.get_by_role("button", name="Launch", exact=True)
    _until_value(text, 'name = "quick"')
    page.get_by_test_id("stButtonGroup").get_by_text("demo", exact=True).click()
    _until_value(text, 'name = "demo"')
    page.get_by_label("name", exact=True).fill("first-try")
    _until_value(text, 'name = "first-try"')

    text.fill(text.input_value().replace("trials = 12", "trials = many"))
    page.get_by_text("not valid TOML").first.wait_for()
    assert launch.is_disabled()
    text.fill(text.input_value().replace("trials = many", "trials = 0"))
    page.get_by_text(re.compile(r"Line \d+, budget.trials")).wait_for()
    text.fill(text.input_value().replace("trials = 0", f"trials = {TRIALS}"))
    _until_value(page.get_by_label("trials", exact=True), str(TRIALS))
    wait_until(launch.is_enabled)


def _until_value(field: Any, part: str) -> None:
    """Wait until a text field holds some text."""
    wait_until(lambda: part in field.input_value(), 30)


def _watch(page: Any) -> None:
    """Points arrive in one and the same chart of one and the same page."""
    page.evaluate("window.neverReloaded = true")
    page.locator(".js-plotly-plot").wait_for()
    page.evaluate("document.querySelector('.js-plotly-plot').neverReplaced = true")
    counts: set[int] = set()

    def complete() -> bool:
        counts.add(page.locator(".js-plotly-plot path.point").count())
        return bool(page.get_by_text(f"{TRIALS} of {TRIALS} trials").count())

    wait_until(complete, LAUNCH_SECONDS)
    page.get_by_text("completed", exact=True).first.wait_for()
    assert len(counts) >= 3, "the chart did not grow"
    assert page.evaluate("window.neverReloaded")
    assert page.evaluate("document.querySelector('.js-plotly-plot').neverReplaced")


def _open_from_the_frontier(page: Any) -> None:
    """The baseline is drawn last, in front of everything else."""
    place = page.locator(".js-plotly-plot path.point").last.bounding_box()
    page.mouse.click(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    page.wait_for_url(re.compile(r"/trial\?id=first-try%2F1$"))
    page.get_by_role("heading", name="Trial 1, the baseline").wait_for()
    page.get_by_text("Training loss and its parts").wait_for()


def _read_off(page: Any, folder: Path) -> None:
    page.get_by_role("tab", name="Files").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the model (zip)", exact=True).click()
    assert download.value.suggested_filename == "first-try-1.zip"
    archive = folder / "model.zip"
    download.value.save_as(archive)
    with zipfile.ZipFile(archive) as unpacked:
        unpacked.extractall(folder)
    (folder / "first-try-1").rename(folder / "model")


def _query(page: Any) -> None:
    page.get_by_role("link", name="SQL").click()
    editor = page.get_by_label("Query")
    editor.fill("SELECT trial, exact, num_parameters FROM first_try WHERE role <> 'teacher' ORDER BY trial")
    editor.press("Control+Enter")
    page.get_by_text(f"{TRIALS} rows").wait_for()
    assert "q=SELECT" in page.url
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV", exact=True).click()
    lines = Path(download.value.path()).read_text(encoding="utf-8").splitlines()
    assert lines[0] == "trial,exact,num_parameters"
    assert len(lines) == TRIALS + 1


def _answer(folder: Path, question: str, context: str) -> str:
    """The model's best answer span."""
    import torch
    from transformers import AutoModelForQuestionAnswering, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForQuestionAnswering.from_pretrained(folder).eval()
    encoded = tokenizer(question, context, return_tensors="pt")
    with torch.no_grad():
        out = model(**encoded)
    start = int(out.start_logits.argmax())
    end = start + int(out.end_logits[0, start:].argmax())
    return str(tokenizer.decode(encoded["input_ids"][0, start : end + 1]))
