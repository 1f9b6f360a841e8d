"""Charts of a dataset show every example once, named, in colours that tell answerable from unanswerable."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dashboard.charts.dataset import (
    MOST,
    labels_chart,
    lengths_chart,
    tokens_chart,
    topics_chart,
    values_chart,
)
from dashboard.palette import DARK, LIGHT, Palette


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_topics(colours: Palette) -> None:
    topics = pd.DataFrame(
        {"topic": ["Yuan_dynasty", "Oxygen"], "answerable": [30, 5], "unanswerable": [10, 15]}
    )
    figure = topics_chart(topics, colours)
    answerable, unanswerable = figure.data
    assert list(answerable.y) == ["Yuan dynasty", "Oxygen"]
    assert (list(answerable.x), list(unanswerable.x)) == ([30, 5], [10, 15])
    assert [round(share) for share in answerable.customdata] == [75, 25]
    assert answerable.marker.color != unanswerable.marker.color
    assert unanswerable.marker.pattern.shape


def test_many_topics_are_cut_and_counted() -> None:
    names = [f"topic {n}" for n in range(50)]
    figure = topics_chart(pd.DataFrame({"topic": names, "answerable": 2, "unanswerable": 1}), LIGHT)
    assert len(figure.data[0].y) == MOST
    assert f"the {MOST} largest of 50" in figure.layout.title.text
    assert (
        figure.layout.height
        > topics_chart(
            pd.DataFrame({"topic": ["a"], "answerable": 1, "unanswerable": 1}), LIGHT
        ).layout.height
    )


def test_labels_are_shares_of_each_part() -> None:
    labels = {
        "training": pd.DataFrame({"label": ["good", "bad"], "examples": [75, 25]}),
        "evaluation": pd.DataFrame({"label": ["good"], "examples": [10]}),
    }
    training, evaluation = labels_chart(labels, LIGHT).data
    assert list(training.x) == list(evaluation.x) == ["good", "bad"]
    assert list(training.y) == [75, 25]
    assert list(evaluation.y) == [100, 0]
    assert list(evaluation.customdata) == [10, 0]


def test_lengths_stand_where_they_are() -> None:
    figure = lengths_chart(
        pd.DataFrame({"low": [1, 5], "high": [2, 5], "texts": [7, 3]}), "Words", "words", LIGHT
    )
    (bars,) = figure.data
    assert (list(bars.x), list(bars.width), list(bars.y)) == ([1.5, 5.0], [2.0, 1.0], [7, 3])
    assert list(bars.customdata) == ["1 to 2", "5"]


def test_tokens_and_the_longest_row() -> None:
    tokens = np.array([10, 20, 20, 384, 384])
    figure = tokens_chart(tokens, 384, LIGHT)
    assert sum(figure.data[0].y) == len(tokens)
    assert figure.layout.shapes[0].x0 == 384
    assert figure.layout.yaxis.title.text == "rows"


def test_values() -> None:
    figure = values_chart(pd.DataFrame({"low": [0.0, 2.5], "high": [2.5, 5.0], "examples": [4, 6]}), LIGHT)
    assert list(figure.data[0].y) == [4, 6]


@pytest.mark.parametrize(
    "figure",
    [
        topics_chart(pd.DataFrame({"topic": [], "answerable": [], "unanswerable": []}), LIGHT),
        labels_chart({"training": pd.DataFrame({"label": [], "examples": []})}, LIGHT),
        lengths_chart(pd.DataFrame({"low": [], "high": [], "texts": []}), "Words", "words", LIGHT),
        values_chart(pd.DataFrame({"low": [], "high": [], "examples": []}), LIGHT),
    ],
)
def test_empty_ones_say_so(figure: object) -> None:
    assert figure.layout.annotations[0].text  # type: ignore[attr-defined]
    assert figure.layout.title.text  # type: ignore[attr-defined]
