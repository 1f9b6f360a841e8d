"""The catalogue of metrics, and when a model counts as collapsed."""

from __future__ import annotations

import pytest

from engine.metric_catalogue import METRICS, collapsed
from engine.spec_files import preset_names, read_spec


@pytest.mark.parametrize(
    ("has_answer", "no_answer", "expected"),
    [
        (0.0, 100.0, True),
        (0.9, 99.5, True),
        (1.0, 100.0, False),
        (0.0, 99.0, False),
        (60.0, 70.0, False),
        (100.0, 0.0, False),
        (None, 100.0, False),
        (0.0, None, False),
        (None, None, False),
    ],
)
def test_collapse_is_answering_nothing(has_answer, no_answer, expected):
    assert collapsed(has_answer, no_answer) is expected


def test_every_metric_can_be_told_to_a_reader():
    labels = [info.label for info in METRICS.values()]
    assert len(set(labels)) == len(labels)
    for name, info in METRICS.items():
        assert info.label, name
        if info.unit == "%":
            assert info.better == "maximize", name
        if name.endswith(("total", "parameters", "flops")):
            assert info.whole, name


@pytest.mark.parametrize("preset", preset_names())
def test_presets_go_the_better_way(preset):
    for metric in read_spec(preset).metrics:
        assert metric.direction in (None, METRICS[metric.name].better), metric.name
