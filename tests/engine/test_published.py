"""Published figures name known tasks, known metrics and their sources."""

from __future__ import annotations

from engine.metric_catalogue import METRICS
from engine.published import PUBLISHED, published
from engine.tasks.catalogue import TASKS


def test_every_figure_is_of_a_known_task_and_metric() -> None:
    for model in PUBLISHED:
        assert model.name
        assert model.source
        assert set(model.tasks) <= set(TASKS), model.name
        for name, value in model.metrics.items():
            assert name in METRICS, model.name
            assert METRICS[name].unit != "%" or 0 < value < 100


def test_only_models_with_both_metrics() -> None:
    found = published("squad_v2", "exact", "num_parameters")
    assert [model.metrics["exact"] for model in found] == [67.07, 67.07, 72.36]
    assert found[1].metrics["num_parameters"] / found[0].metrics["num_parameters"] == 0.78
    assert [model.name for model in published("squad_v2", "f1", "num_parameters")] == ["BERT-base, teacher"]
    assert published("squad_v2", "exact", "n_layers") == []
    assert len(published("rte", "accuracy", "num_parameters")) == 2
    assert len(published("masked_lm", "w", "lemma_parameters")) == 4
