"""Figures that others have published on tasks the program knows, for comparison in charts.

They were measured on other machines, with other training and sometimes on other examples, as each note says: they show
where a result stands, and prove nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Published:
    """A published model.

    Attributes:
        name: short, for a label.
        tasks: names of the tasks its figures are of.
        metrics: its figures by name of the metric.
        source: where they stand.
        note: what a reader has to know to compare them.
    """

    name: str
    tasks: tuple[str, ...]
    metrics: Mapping[str, float]
    source: str
    note: str = ""


_SIGOPT = "SigOpt and NVIDIA, Efficient BERT, 2020"
_CARD = "model card of twmkn9/bert-base-uncased-squad2"
_BORT = "de Wynter and Perry, arXiv 2010.10499, table 1"
_DISTILBERT = "Sanh et al., arXiv 1910.01108, table 1"
_HALF = "on 6,078 of the 11,873 questions"
_COUNTED = "parameters as the article counts them"

_GLUE = {
    # Development sets, median of five runs; tasks whose table gives one unmistakable metric.
    "cola": ("mcc", 56.3, 51.3),
    "mnli": ("accuracy", 86.7, 82.2),
    "qnli": ("accuracy", 91.8, 89.2),
    "rte": ("accuracy", 69.3, 59.9),
    "sst2": ("accuracy", 92.7, 91.3),
    "wnli": ("accuracy", 53.5, 56.3),
}
"""Metric, and its values for BERT-base and DistilBERT, by task."""

PUBLISHED: tuple[Published, ...] = (
    Published(
        "DistilBERT, baseline of the search",
        ("squad_v2",),
        {"exact": 67.07, "num_parameters": 66.3e6},
        _SIGOPT,
    ),
    Published(
        "smallest at no loss",
        ("squad_v2",),
        {"exact": 67.07, "num_parameters": 0.78 * 66.3e6},
        _SIGOPT,
        "published as 22 % smaller with no loss",
    ),
    Published(
        "BERT-base, teacher",
        ("squad_v2",),
        {"exact": 72.36, "f1": 75.75, "HasAns_exact": 74.30, "NoAns_exact": 70.58, "num_parameters": 108.9e6},
        _CARD,
        _HALF,
    ),
    Published(
        "Bort",
        ("masked_lm",),
        {"w": 8.6, "lemma_parameters": 56.14e6, "num_parameters": 56.14e6},
        _BORT,
        _COUNTED,
    ),
    Published(
        "A2",
        ("masked_lm",),
        {"w": 7.5, "lemma_parameters": 35.20e6, "num_parameters": 35.20e6},
        _BORT,
        _COUNTED,
    ),
    Published(
        "A3",
        ("masked_lm",),
        {"w": 6.6, "lemma_parameters": 35.20e6, "num_parameters": 35.20e6},
        _BORT,
        _COUNTED,
    ),
    Published(
        "BERT-base",
        ("masked_lm",),
        {"w": 0.7, "lemma_parameters": 110e6, "num_parameters": 110e6},
        _BORT,
        _COUNTED,
    ),
    *(
        Published(name, (task,), {metric: value, "num_parameters": size}, _DISTILBERT, "median of five runs")
        for task, (metric, base, distilled) in _GLUE.items()
        for name, value, size in (("BERT-base", base, 110e6), ("DistilBERT", distilled, 66e6))
    ),
)


def published(task: str, *metrics: str) -> list[Published]:
    """What has been published on a task with all of some metrics."""
    return [
        found for found in PUBLISHED if task in found.tasks and all(name in found.metrics for name in metrics)
    ]
