"""What follows from the task of a specification being written: its fields, settings and metrics, and another task."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any, NamedTuple

from pydantic import ValidationError

from dashboard import formats
from dashboard.launching.toml_edit import Document, value_at, with_tables, with_value, without
from dashboard.task_words import GROUPS, hub_name
from engine.distill.hyperparameters import HYPERPARAMETER_NAMES
from engine.experiment import EMBEDDED
from engine.extraction.requirements import EXTRACT
from engine.metric_catalogue import extraction_metrics, reported_metrics
from engine.tasks.catalogue import TASKS, TaskInfo
from engine.tasks.sequence.catalogue import DEFINITIONS
from engine.tasks.task_section import DEFAULT_TASK, TaskSection

OWN = "my-task"
"""Name of a task of one's own until it gets another."""
OWN_FORMAT = {"text": "text", "label": "label", "labels": ["no", "yes"]}
"""Format of a task of one's own until it is written."""

_SPAN_FIELDS = frozenset(
    {"calibration_fraction", "score", "doc_stride", "max_query_length", "max_answer_length"}
)
_SEQUENCE_FIELDS = frozenset({"balance", "rounding"})
_PRETRAINING_SETTINGS = frozenset({"method", "alpha_ce", "alpha_mlm", "mask_probability", "mask_smoothing"})
_LABEL_SETTINGS = frozenset({"alpha", "temperature", "qa_dropout"})
_HUBS = {group.hub for group in GROUPS}


class Switched(NamedTuple):
    """A specification after a change of its task, and what else was changed, in words."""

    text: str
    told: str


def task_name(document: Document) -> str:
    """The task's name in a document."""
    return str(value_at(document, ("task", "name")) or DEFAULT_TASK)


def task_of(document: Document) -> TaskInfo:
    """What is known of the document's task; of an impossible one as much as its name tells."""
    usual = TASKS.get(task_name(document), TASKS[DEFAULT_TASK])
    try:
        section = TaskSection.model_validate(document.get("task", {}))
    except ValidationError:
        return usual
    return section.info if section.format is not None else usual


def reported(document: Document) -> tuple[str, ...]:
    """Metrics that trials of the document report."""
    if value_at(document, ("strategy", "name")) == EXTRACT:
        return extraction_metrics(timed=value_at(document, ("extract", "speed")) == "latency")
    int8 = value_at(document, ("training", "int8")) is True
    return reported_metrics(task_of(document).metrics, int8=int8)


def unused_task_fields(document: Document) -> frozenset[str]:
    """Fields of the task's section that say nothing about the document's task."""
    head, name = task_of(document).head, task_name(document)
    unused = _SEQUENCE_FIELDS if head == "span" else _SPAN_FIELDS
    if head == "masked_lm":
        return unused | _SEQUENCE_FIELDS
    if head == "sequence":
        known = DEFINITIONS.get(name)
        if known is None or not known.grouped:
            unused |= {"balance"}
        if not (known.regression if known else value_at(document, ("task", "format", "regression"))):
            unused |= {"rounding"}
    return unused


def used_settings(document: Document) -> list[str]:
    """Training settings that mean something for the document's task, and those it sets all the same."""
    unused = _LABEL_SETTINGS if task_of(document).head == "masked_lm" else _PRETRAINING_SETTINGS
    given: set[str] = set()
    for section in ("parameters", "fixed"):
        table = document.get(section, {})
        given |= set(table) if isinstance(table, Mapping) else set()
    return [name for name in HYPERPARAMETER_NAMES if name not in unused or name in given]


def switched(text: str, name: str) -> Switched:
    """The specification with another task, and with data and metrics that fit it where they do not.

    Args:
        text: valid TOML.
        name: a built-in task, or ``OWN`` for a task of one's own.
    """
    text = with_value(text, ("task", "name"), name)
    told = []
    if name in TASKS:
        text = without(text, ("task", "format"))
    elif value_at(tomllib.loads(text), ("task", "format")) is None:
        text = with_value(text, ("task", "format"), OWN_FORMAT)
    for field in sorted(unused_task_fields(tomllib.loads(text))):
        text = without(text, ("task", field))
    dataset = value_at(tomllib.loads(text), ("task", "dataset")) or EMBEDDED
    usual = hub_name(name)
    if usual and usual != dataset and dataset in _HUBS | {EMBEDDED}:
        text = with_value(text, ("task", "dataset"), usual)
        told.append(f"The data is now {usual}")
    text, goals = _with_goals(text)
    return Switched(text, ". ".join([*told, *goals]))


def _with_goals(text: str) -> tuple[str, list[str]]:
    """Metrics the task does not report are replaced by its main one and the number of parameters."""
    document = tomllib.loads(text)
    known, main = reported(document), task_of(document).main_metric
    listed = document.get("metrics", [])
    kept = [table for table in listed if table.get("name") in known]
    lost = [formats.label(str(table.get("name"))) for table in listed if table.get("name") not in known]
    if not lost:
        return text, []
    names = {table["name"] for table in kept}
    wanted: list[dict[str, Any]] = [
        {"name": metric, "role": "optimize", "direction": direction}
        for metric, direction in ((main, "maximize"), ("num_parameters", "minimize"))
        if metric not in names
    ]
    added = ", ".join(formats.label(str(table["name"])) for table in wanted)
    instead = f", instead {added}" if added else ""
    return with_tables(text, "metrics", [*wanted, *kept]), [
        f"This task has no {', '.join(lost)}{instead}",
    ]
