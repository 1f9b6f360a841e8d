"""The catalogue of metrics, and which of them a trial of a task reports."""

from __future__ import annotations

import pytest

from engine.metric_catalogue import METRICS, SIZE_METRICS, reported_metrics
from engine.spec_files import preset_names, read_spec
from engine.tasks.catalogue import TASKS


def test_every_metric_can_be_told_to_a_reader():
    labels = [info.label for info in METRICS.values()]
    assert len(set(labels)) == len(labels)
    for name, info in METRICS.items():
        assert info.label, name
        if info.unit == "%":
            assert info.better == "maximize", name
        # Operations of a whole training do not fit into an integer.
        if name.endswith(("total", "parameters")) or name == "flops":
            assert info.whole, name


@pytest.mark.parametrize("preset", preset_names())
def test_presets_go_the_better_way(preset):
    for metric in read_spec(preset).metrics:
        assert metric.direction in (None, METRICS[metric.name].better), metric.name


@pytest.mark.parametrize("task", TASKS)
def test_every_task_reports_known_metrics_the_main_one_with_a_direction(task):
    info = TASKS[task]
    plain = reported_metrics(info.metrics, int8=False)
    small = reported_metrics(info.metrics, int8=True)
    assert set(plain) < set(small) <= METRICS.keys()
    assert len(set(small)) == len(small)
    assert METRICS[info.main_metric].better is not None
    assert set(SIZE_METRICS) <= set(plain)
    assert {"int8_mb", "int8_latency_ms"} <= set(small) - set(plain)
    assert {name for name in small if name.startswith("int8_")} == set(small) - set(plain)


def test_scores_in_8_bits_are_told_beside_the_others():
    assert METRICS["int8_accuracy"].better == "maximize"
    assert "8 bits" in METRICS["int8_accuracy"].label
    assert "int8_total" not in METRICS
    assert "int8_mlm_loss" not in METRICS
