"""Examples of classification, regression and multiple-choice tasks as records, kept in a file of JSON lines."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Example:
    """One text, or pair of texts, with its label.

    Attributes:
        id: Unique in its part.
        text: The first text, never empty.
        pair: The second text, None for tasks on single texts.
        label: Number of the class, or the value of a regression.
        group: What it is scored together with, such as a question; "" for by itself.
        cluster: What is never split over training and evaluation, such as a passage; "" for none.
        subset: Part of the evaluation data it is in, such as "mismatched"; "" for the usual one.
        candidate: The candidate answer it asks about, for multiple choice.
        golds: Accepted answers of its question, where answers are compared as texts.
        value: Value before rounding, where a regression was turned into classes.
    """

    id: str
    text: str
    pair: str | None
    label: int | float
    group: str = ""
    cluster: str = ""
    subset: str = ""
    candidate: str = ""
    golds: tuple[str, ...] = ()
    value: float | None = None

    @property
    def unit(self) -> str:
        """What is sampled and scored as one: the group, or the example itself."""
        return self.group or self.id


def save_examples(examples: Sequence[Example], path: Path) -> None:
    """Write one example a line."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(asdict(item), ensure_ascii=False) + "\n" for item in examples)


def load_examples(path: Path) -> tuple[Example, ...]:
    """Read what ``save_examples`` wrote."""
    examples = []
    for line in path.read_text(encoding="utf-8").split("\n")[:-1]:
        record = json.loads(line)
        record["golds"] = tuple(record["golds"])
        examples.append(Example(**record))
    return tuple(examples)
