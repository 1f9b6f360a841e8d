"""Loads a split of a classification or multiple-choice dataset by its Hugging Face Hub name."""

from __future__ import annotations

from engine.tasks.hub import hub_rows
from engine.tasks.sequence.files import Line, Table

INSTEAD = "a file or folder such as ./data/train.tsv, or a name such as nyu-mll/glue"


def read_hub(name: str, configuration: str | None, split: str) -> Table:
    """Load one split whole; from the local cache if the Hub is out of reach.

    Args:
        name: Such as ``nyu-mll/glue``.
        configuration: Such as ``cola``; None for datasets that have only one.
        split: Such as ``train``.

    Raises:
        DatasetError: The name is malformed, unknown or out of reach, or there is no such split.
    """
    source = f"{name} ({', '.join(filter(None, [configuration, split]))})"
    rows = hub_rows(name, configuration, split, instead=INSTEAD)
    return Table(source, [Line(f"{source}, row {number}", row) for number, row in enumerate(rows, start=1)])
