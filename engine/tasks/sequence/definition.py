"""What a text classification, regression or multiple-choice task is: files, columns, labels, metrics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Recast = Literal["copa", "race", "multirc", "record"]
"""Published forms whose rows hold several candidates; see ``engine.tasks.sequence.recasts``."""


@dataclass(frozen=True, slots=True)
class Definition:
    """What a task's data look like and how it is scored.

    Alternatives are tried in order and the first whose columns are all there is taken, since the published
    files and the hub name columns differently. A template names columns in braces, ``{word}: {sentence1}``;
    a key inside an object is written with a dot, ``{target.span1_text}``.

    Attributes:
        name: What the task is called.
        labels: Names of the classes in order; empty for regression. A number in the data that is no name
            is the place of a class, counted from 0 as on the hub.
        text: Templates of the first text.
        pair: Templates of the second text; empty for tasks on single texts.
        label: Names of the column with the label.
        metrics: Reported metrics, the main one first; those whose data are missing are left out.
        identifier: Templates of an example's id, unique in its file; the number of the row without.
        group: Templates of what examples belong to that are scored together, such as a question.
        cluster: Templates of what is never split over training and evaluation, such as a passage.
        subset: Templates of the name of the part of the evaluation data that an example is in.
        recast: How a row is taken apart into one row per candidate.
        choose: Whether the answer of a group is its candidate with the largest positive score.
        scale: Lowest and highest value of a regression, needed to turn it into classes by rounding.
        train_files: Usual names of the training file, without suffixes.
        eval_files: Usual names of evaluation files and the subset each holds.
        folder: Usual name of the task's folder.
        columns: Columns of files none of which has a header; empty where files name their columns.
        headless: Columns of files that may come without a header; "*" at the end lets more columns follow.
        drop_short: Whether rows with too few fields are left out instead of being an error.
        delimiter: Between fields; by the file's suffix without.
        quoted: Whether fields may stand in quotation marks; by the file's suffix without.
        configuration: Configuration of the hub dataset; None for one that has none.
        train_split: The training split on the hub.
        eval_splits: Evaluation splits on the hub and the subset each holds.
        trained_on: The task whose data are trained on, for tasks that only have evaluation data.
    """

    name: str
    labels: tuple[str, ...]
    text: tuple[str, ...]
    label: tuple[str, ...]
    metrics: tuple[str, ...]
    pair: tuple[str, ...] = ()
    identifier: tuple[str, ...] = ("{idx}", "{index}")
    group: tuple[str, ...] = ()
    cluster: tuple[str, ...] = ()
    subset: tuple[str, ...] = ()
    recast: Recast | None = None
    choose: bool = False
    scale: tuple[int, int] | None = None
    train_files: tuple[str, ...] = ("train",)
    eval_files: tuple[tuple[str, str], ...] = (("dev", ""), ("val", ""), ("validation", ""))
    folder: str = ""
    columns: tuple[str, ...] = ()
    headless: tuple[tuple[str, ...], ...] = ()
    drop_short: bool = False
    delimiter: str | None = None
    quoted: bool | None = None
    configuration: str | None = None
    train_split: str = "train"
    eval_splits: tuple[tuple[str, str], ...] = (("validation", ""),)
    trained_on: str | None = None

    @property
    def regression(self) -> bool:
        """Whether a number is predicted instead of a class."""
        return not self.labels

    @property
    def grouped(self) -> bool:
        """Whether rows are candidates of questions, which balancing is for."""
        return self.recast is not None
