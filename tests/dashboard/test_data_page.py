"""The Data page: whatever experiments use, a page at a time, filtered by the address."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.data_sources import data_sources
from dashboard.services import Services, provide
from engine.importing.reading import read_study_file
from engine.importing.storing import import_study
from engine.importing.wishes import Wishes, parse_metric
from engine.launch import submit
from engine.spec_files import parse_spec, preset_text
from storage.experiments import ExperimentRow, list_experiments
from tests.dashboard.shown import figure

Visit = Callable[..., AppTest]
REVIEWS = """
name = "reviews"
[task]
name = "reviews"
dataset = "{path}"
[task.format]
text = "text"
{labels}
[teacher]
model = "google-bert/bert-base-uncased"
trained = false
[strategy]
name = "single"
[fixed]
alpha = 0.0
[[metrics]]
name = "{metric}"
direction = "maximize"
"""


def words(at: AppTest) -> str:
    kinds = (at.title, at.markdown, at.caption, at.warning, at.info, at.get("html"))
    return "\n".join(
        str(getattr(element, "value", "") or element.proto.body) for kind in kinds for element in kind
    )


def settled(at: AppTest) -> AppTest:
    """The page once its data have been read; a browser looks for that by itself."""
    end = time.monotonic() + 60
    while any("Reading the data" in str(element.value) for element in at.info):
        assert time.monotonic() < end
        time.sleep(0.1)
        at.run()
    assert not at.exception
    return at


@pytest.fixture
def visit(visit: Visit) -> Visit:
    return lambda *page, **query: settled(visit(*page, **query))


@pytest.fixture
def reviews(present: Services, tmp_path: Path) -> ExperimentRow:
    """A classification of one's own in a file of fifty lines."""
    path = tmp_path / "reviews.csv"
    path.write_text("text,label\n" + "".join(f"text {n},{'good' if n % 5 else 'bad'}\n" for n in range(50)))
    text = REVIEWS.format(path=path, labels='labels = ["bad", "good"]', metric="accuracy")
    return submit(present.store, present.home, parse_spec(text))


def test_without_experiments_it_says_what_will_be_here(present: Services, visit: Visit) -> None:
    assert "data of your experiments are shown here" in words(visit("data"))


def test_contexts_with_questions_and_answers(demo: ExperimentRow, visit: Visit) -> None:
    at = visit("data")
    told = words(at)
    assert "questions on" in told
    assert "*no answer*" in told
    assert '<mark style="color: inherit' in told
    assert at.segmented_control(key="data part").options[0].startswith("training (")
    at = visit(
        "data", experiment="demo", part="evaluation", answer="unanswerable", topic="Ships", search="ship"
    )
    told = words(at)
    assert ", 0 % answerable" in told
    assert "**" not in "".join(line for line in told.splitlines() if line.startswith("- "))
    assert "Ships" in told
    assert "Bridges" not in told


def test_pages_and_filters_write_the_address(demo: ExperimentRow, visit: Visit) -> None:
    first = words(visit("data", experiment="demo"))
    at = visit("data", experiment="demo")
    at.query_params["page"] = "2"
    settled(at.run())
    assert words(at) != first
    at.text_input(key="text search").set_value("zzzz").run()
    settled(at)
    assert "Take back one of the filters" in words(at)
    assert at.query_params["search"] == "zzzz"
    assert "page" not in at.query_params
    at.segmented_control(key="data part").set_value("evaluation").run()
    settled(at)
    assert at.query_params["part"] == "evaluation"
    assert "search" not in at.query_params


def test_topics_and_lengths(demo: ExperimentRow, visit: Visit) -> None:
    topics = figure(visit("data", experiment="demo", show="figures"), "data topics")
    assert {trace["name"] for trace in topics["data"]} == {"answerable", "unanswerable"}
    at = visit("data", experiment="demo", show="lengths")
    assert figure(at, "data lengths 0")["layout"]["title"]["text"] == "Words in contexts"
    assert "Lengths in tokens appear here once" in words(at)


def test_labels(reviews: ExperimentRow, visit: Visit) -> None:
    at = visit("data", experiment="reviews")
    assert set(at.dataframe[0].value.columns) == {"text", "label", "id"}
    at = visit("data", experiment="reviews", label="bad")
    assert set(at.dataframe[0].value["label"]) == {"bad"}
    shares = figure(visit("data", experiment="reviews", show="figures"), "data labels")
    assert {trace["name"] for trace in shares["data"]} == {"training", "evaluation"}


def test_values(present: Services, tmp_path: Path, visit: Visit) -> None:
    path = tmp_path / "scores.csv"
    path.write_text("text,label\n" + "".join(f"text {n},{n / 10}\n" for n in range(40)))
    labels = "regression = true\nscale = [0, 5]"
    text = REVIEWS.format(path=path, labels=labels, metric="pearson")
    submit(present.store, present.home, parse_spec(text))
    assert "value" in visit("data").dataframe[0].value.columns
    assert figure(visit("data", show="figures"), "data values")["layout"]["xaxis"]["title"]["text"] == "value"


def test_passages(present: Services, tmp_path: Path, visit: Visit) -> None:
    path = tmp_path / "corpus.txt"
    path.write_text("".join(f"passage number {n}\n" for n in range(200)))
    submit(
        present.store,
        present.home,
        parse_spec(preset_text("pretrain").replace("Salesforce/wikitext", str(path))),
    )
    assert "passage number" in words(visit("data"))
    assert (
        figure(visit("data", show="lengths"), "data lengths 0")["layout"]["title"]["text"] == "Words in texts"
    )


def test_data_that_cannot_be_shown_say_why(
    present: Services, paraphrases: ExperimentRow, visit: Visit
) -> None:
    assert "is on the hub" in words(visit("data", experiment=paraphrases.name))
    assert "No experiment is called" in words(visit("data", experiment="nothing"))


def test_of_an_imported_study_no_data_are_known(
    present: Services, demo: ExperimentRow, visit: Visit, tmp_path: Path
) -> None:
    path = tmp_path / "trials.csv"
    path.write_text("layers,exact,num_parameters\n2,70,30\n4,75,50\n")
    wishes = Wishes([parse_metric("exact:maximize"), parse_metric("num_parameters:minimize")])
    import_study(present.store, present.home, read_study_file(path, wishes), "elsewhere")
    assert "run with another tool" in words(visit("data", experiment="elsewhere"))
    assert [source.experiments for source in data_sources(list_experiments(present.store))] == [("demo",)]


def test_the_same_data_are_named_once(present: Services, demo: ExperimentRow, reviews: ExperimentRow) -> None:
    submit(present.store, present.home, parse_spec(preset_text("demo")))
    sources = data_sources(list_experiments(present.store))
    assert [source.experiments for source in sources] == [("demo-2", "demo"), ("reviews",)]
    assert sources[0].words == "Question answering: SQuAD 2.0 \u00b7 embedded \u00b7 demo-2, demo"


def test_a_shared_view_shows_its_data_only(present: Services, demo: ExperimentRow, visit: Visit) -> None:
    provide(replace(present, shared=True))
    at = visit("data", experiment="demo")
    assert "questions on" in words(at)
    assert not [box for box in at.selectbox if box.key == "data source"]
