"""The hyperparameter sets Theta that students are trained with: every combination of some values, or a draw of them."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from engine.parameters import Value
from engine.tasks.drawing import rank

SEED = "seed"
"""Name of the value that is no hyperparameter but the seed of the training."""

Values = Mapping[str, Sequence[Value]]
"""Values of each hyperparameter."""

BORT: Mapping[str, tuple[Value, ...]] = {
    "learning_rate": (1e-4, 1e-5, 9e-6),
    "weight_decay": (0.0, 10.0, 100.0, 350.0),
    "warm_up_share": (0.35, 0.40, 0.45, 0.50),
    "train_batch_size": (8, 16),
    SEED: (0, 1, 2, 3, 4),
}
"""What Bort starts from, as its release says: 480 sets."""


class HyperparameterSet(NamedTuple):
    """One set.

    Attributes:
        id: The same for the same values, whatever other sets there are.
        values: By name; ``seed`` is the seed of the training.
    """

    id: str
    values: dict[str, Value]


def set_id(values: Mapping[str, Value]) -> str:
    """Id of a set: eight hexadecimal digits of a hash of its names and values."""
    # 10 and 10.0 are one value, so all numbers are written as floats.
    plain = {name: value if isinstance(value, str) else float(value) for name, value in values.items()}
    return hashlib.blake2b(json.dumps(plain, sort_keys=True).encode("utf-8"), digest_size=4).hexdigest()


def count_sets(values: Values) -> int:
    """How many combinations there are."""
    count = 1
    for choices in values.values():
        count *= len(choices)
    return count


def make_sets(values: Values, most: int, seed: int) -> list[HyperparameterSet]:
    """All combinations, or ``most`` of them drawn so that every value occurs about equally often.

    Args:
        values: at least one of each hyperparameter, all distinct.
        most: how many sets at most; 0 takes all.
        seed: of the draw.

    Returns:
        In the order of the combinations, the last hyperparameter changing fastest.
    """
    names = list(values)
    combinations = [
        dict(zip(names, choice, strict=True))
        for choice in itertools.product(*(values[name] for name in names))
    ]
    sets = [HyperparameterSet(set_id(combination), combination) for combination in combinations]
    if not most or most >= len(sets):
        return sets
    drawn = sorted(sets, key=lambda item: rank(item.id, seed))
    used: Counter[tuple[str, Value]] = Counter()
    chosen: set[str] = set()
    for _ in range(most):
        # Of the sets whose values have been used least, the first of the draw.
        best = min(
            (item for item in drawn if item.id not in chosen),
            key=lambda item: sum(used[pair] * len(values[pair[0]]) for pair in item.values.items()),
        )
        chosen.add(best.id)
        used.update(best.values.items())
    return [item for item in sets if item.id in chosen]
