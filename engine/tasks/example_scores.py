"""A metric example by example, where it is a mean over examples: what paired comparisons of trials are made of."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

SHARE = "%"
"""Unit of the metrics that are means of numbers in [0, 1], in percent."""


@dataclass(frozen=True, slots=True, eq=False)
class ExampleScores:
    """What each example of the evaluation part adds to one metric, which is the weighted mean of it.

    Examples that are scored together, such as the answers to one question, count as one.

    Attributes:
        examples: names, unique, in the order of the evaluation part.
        values: shape (examples,); in [0, 1] for metrics in percent, else in the metric's own unit.
        weights: how much each counts, shape (examples,); 1, or how many were scored together.
    """

    examples: tuple[str, ...]
    values: FloatArray
    weights: FloatArray

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ExampleScores):
            return NotImplemented
        return (
            self.examples == other.examples
            and np.array_equal(self.values, other.values)
            and np.array_equal(self.weights, other.weights)
        )

    __hash__ = None  # type: ignore[assignment]


def one_each(examples: Sequence[str], values: FloatArray) -> ExampleScores:
    """Examples that count by themselves."""
    return ExampleScores(tuple(examples), values, np.ones(len(values)))


def by_group(names: Sequence[str], values: FloatArray, group: NDArray[np.int64]) -> ExampleScores:
    """Groups of values as examples, each with the mean of its values.

    Args:
        names: one a group.
        values: shape (n,).
        group: number of the group of each value, from 0, none of them empty, shape (n,).
    """
    sizes = np.bincount(group, minlength=len(names)).astype(np.float64)
    sums = np.bincount(group, weights=values, minlength=len(names))
    return ExampleScores(tuple(names), sums / sizes, sizes)


def wanted(scores: Mapping[str, ExampleScores], names: Collection[str]) -> dict[str, ExampleScores]:
    """The metrics named, and the first there is, which is the task's own."""
    first = next(iter(scores), None)
    return {name: found for name, found in scores.items() if name in names or name == first}


def write_example_scores(scores: Mapping[str, ExampleScores], path: Path) -> None:
    """Write them in one step as a Parquet file with columns metric, position, example, value and weight."""
    # Imported here: most of what imports this module writes nothing.
    import pyarrow as pa
    import pyarrow.parquet as pq

    found = list(scores.items())
    columns = {
        "metric": pa.array([name for name, item in found for _ in item.examples], pa.string()),
        "position": pa.array([place for _, item in found for place in range(len(item.examples))], pa.int32()),
        "example": pa.array([name for _, item in found for name in item.examples], pa.string()),
        "value": pa.array([value for _, item in found for value in item.values.tolist()], pa.float32()),
        "weight": pa.array([weight for _, item in found for weight in item.weights.tolist()], pa.float32()),
    }
    part = path.with_suffix(".part")
    pq.write_table(pa.table(columns), part)
    part.replace(path)


def read_example_scores(path: Path) -> dict[str, ExampleScores]:
    """What ``write_example_scores`` wrote; nothing where there is no file."""
    import pyarrow.parquet as pq

    if not path.exists():
        return {}
    frame = pq.read_table(path).to_pandas()
    return {
        str(name): ExampleScores(
            tuple(rows["example"]), rows["value"].to_numpy(np.float64), rows["weight"].to_numpy(np.float64)
        )
        for name, rows in frame.groupby("metric", sort=False)
    }
