"""What a dataset holds, in words: read as a trial would read it, counted, and never fetched from the hub."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Literal, NamedTuple

from engine.errors import DatasetError
from engine.inspection.counts import counted, shares
from engine.inspection.hub_cache import cached_rows
from engine.tasks.corpus.files import find_text_files, is_text_path, read_passages
from engine.tasks.sequence.catalogue import definition
from engine.tasks.sequence.definition import Definition
from engine.tasks.sequence.loading import is_local, load_side
from engine.tasks.sequence.records import Example
from engine.tasks.squad.loading import is_path, load_squad
from engine.tasks.task_section import TaskSection

Side = Literal["training", "evaluation"]

PASSAGES = 1000
"""Passages at the beginning of a corpus that are looked at."""


class Inspected(NamedTuple):
    """What was found of a dataset.

    Attributes:
        told: such as "130,319 questions about 19,029 paragraphs, 67 % answerable".
        is_here: whether the data are on this machine.
    """

    told: str
    is_here: bool


def inspect_data(section: TaskSection, source: str, side: Side) -> Inspected:
    """What one side of the data holds; of what is only on the hub no more than that.

    Args:
        section: the task.
        source: file, folder, pattern or hub name; not 'embedded'.
        side: which data are meant.

    Raises:
        DatasetError: when they cannot be read or are not in the task's form.
        SettingError: when the section is no task that data could be read for.
    """
    match section.info.head:
        case "span":
            return (
                Inspected(_questions(source, side), True) if is_path(source) else _on_hub(source, None, side)
            )
        case "masked_lm":
            return Inspected(_text(source), True) if is_text_path(source) else _on_hub(*_named(source), side)
        case "sequence":
            return _examples(_definition(section, side), source, side)


def inspected_files(section: TaskSection, source: str) -> tuple[Path, ...]:
    """Files and folders on this machine behind a source; none for a hub name.

    Raises:
        DatasetError: when a pattern or folder of text matches nothing.
    """
    head = section.info.head
    if head == "masked_lm":
        return find_text_files(source) if is_text_path(source) else ()
    local = is_path(source) if head == "span" else is_local(source)
    return (Path(source).expanduser(),) if local else ()


def _questions(source: str, side: Side) -> str:
    found = load_squad(Path(source), "train" if side == "training" else "validation")
    paragraphs = len({item.paragraph for item in found.questions})
    topics = len({item.topic for item in found.questions if item.topic})
    told = f"{counted(len(found.questions), 'question')} about {counted(paragraphs, 'paragraph')}"
    if topics > 1:
        told += f" of {topics:,} articles"
    answerable = sum(item.answerable for item in found.questions)
    told += f", {shares({'answerable': answerable}, len(found.questions))}"
    if found.dropped_questions:
        told += f"; {counted(found.dropped_questions, 'question')} left out, without an answer in the context"
    return told


def _examples(task: Definition, source: str, side: Side) -> Inspected:
    if not is_local(source):
        split = task.train_split if side == "training" else task.eval_splits[0][0]
        return _on_hub(source, task.configuration, side, split)
    found = load_side(task, source, side, alone=True)
    if not found:
        raise DatasetError(f"{source} holds no {side} examples")
    told = counted(len(found), "example")
    groups = {item.group for item in found if item.group}
    if groups:
        told += f" of {counted(len(groups), 'question')}"
    return Inspected(f"{told}, {_labels(task, found)}", True)


def _labels(task: Definition, examples: Sequence[Example]) -> str:
    if task.regression:
        values = [float(item.label) for item in examples]
        return f"values from {min(values):g} to {max(values):g}"
    counts = Counter(task.labels[int(item.label)] for item in examples)
    return shares({name: counts[name] for name in task.labels}, len(examples))


def _text(source: str) -> str:
    files = find_text_files(source)
    sizes = sum(path.stat().st_size for path in files)
    lengths = [len(text) for text in islice(read_passages(files[0]), PASSAGES)]
    if not lengths:
        raise DatasetError(f"{files[0]} holds no text")
    mean = sum(lengths) / len(lengths)
    return (
        f"{counted(len(files), 'file')}, {sizes / 1e6:,.1f} MB as stored; the first passages have "
        f"{mean:,.0f} characters each"
    )


def _on_hub(source: str, configuration: str | None, side: Side, split: str | None = None) -> Inspected:
    wanted = split or ("train" if side == "training" else "validation")
    rows: Mapping[str, int] = cached_rows(source, configuration)
    if wanted in rows:
        return Inspected(f"in the local cache, {rows[wanted]:,} rows ({wanted})", True)
    return Inspected("a hub name that is not in the local cache: fetched when the experiment starts", False)


def _named(source: str) -> tuple[str, str | None]:
    name, _, configuration = source.partition(":")
    return name, configuration or None


def _definition(section: TaskSection, side: Side) -> Definition:
    chosen = section.format.definition(section.name) if section.format else definition(section.name)
    # Tasks that only have evaluation data are trained on another one's.
    return definition(chosen.trained_on) if side == "training" and chosen.trained_on else chosen
