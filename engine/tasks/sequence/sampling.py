"""Samples, splits and balances examples by hashes, so that a seed picks the same ones everywhere."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from engine.errors import DatasetError, SettingError
from engine.tasks.drawing import rank
from engine.tasks.sequence.records import Example

Stratum = tuple[str, int]
Units = dict[str, list[Example]]


def sample(examples: Sequence[Example], n: int, seed: int) -> list[Example]:
    """Draw ``n`` units without replacement, each stratum's share kept to within one unit.

    A unit is a group (such as a question with all its candidates) or an example without a group. Strata are
    the label (a regression's value rounded, a group's sum) within each subset. The rank of a unit is a
    hash of its id and the seed, so the choice does not depend on the order of the input.

    Args:
        examples: The examples to draw from; ids are unique.
        n: How many units; 0, or at least as many as there are, means all.
        seed: Any whole number.

    Returns:
        The chosen examples in the order of the source.

    Raises:
        SettingError: ``n`` is negative.
    """
    if n < 0:
        raise SettingError(f"the sample size is {n}; give 0 for all examples or a positive number")
    units = _units(examples)
    if n == 0 or n >= len(units):
        return list(examples)
    strata = {name: _stratum(items) for name, items in units.items()}
    chosen = _draw(strata, n, seed)
    return [item for item in examples if item.unit in chosen]


def split(examples: Sequence[Example], fraction: float, seed: int) -> tuple[list[Example], list[Example]]:
    """Split into (training, evaluation); no cluster, group or pair of texts is on both sides.

    Clusters (of equal mark, else of equal texts) are drawn as ``sample`` draws units, so the fraction is
    met to within one for each label where every cluster is one example. Where groups of other clusters
    repeat a pair of texts, the evaluation side keeps it.

    Args:
        examples: The examples to split.
        fraction: Share of the clusters on the evaluation side, in (0, 1).
        seed: Any whole number.

    Raises:
        SettingError: ``fraction`` is not between 0 and 1.
        DatasetError: A side would be empty.
    """
    if not 0 < fraction < 1:
        raise SettingError(f"the evaluation fraction is {fraction}; give a number between 0 and 1")
    clusters: Units = {}
    first_cluster: dict[str, str] = {}
    for item in examples:
        # A group belongs to the cluster of its first example.
        cluster = first_cluster.setdefault(item.unit, item.cluster or item.group or texts_key(item))
        clusters.setdefault(cluster, []).append(item)
    if len(clusters) < 2:
        raise DatasetError(
            f"all {len(examples)} examples belong together, so no part can be held back; "
            "give a larger dataset, or an evaluation dataset"
        )
    strata = {name: _cluster_stratum(items) for name, items in clusters.items()}
    count = min(max(round(fraction * len(clusters)), 1), len(clusters) - 1)
    held = _draw(strata, count, seed)
    training = [item for item in examples if first_cluster[item.unit] not in held]
    evaluation = [item for item in examples if first_cluster[item.unit] in held]
    return without_overlap(training, evaluation), evaluation


def without_overlap(training: Sequence[Example], evaluation: Sequence[Example]) -> list[Example]:
    """Return the training examples whose group shares no pair of texts with the evaluation examples.

    Raises:
        DatasetError: None is left.
    """
    known = {texts_key(item) for item in evaluation}
    leaking = {item.unit for item in training if texts_key(item) in known}
    kept = [item for item in training if item.unit not in leaking]
    if not kept:
        raise DatasetError(
            "every training example is in the evaluation data too; give an evaluation dataset with other texts"
        )
    return kept


def balance(examples: Sequence[Example], seed: int) -> list[Example]:
    """Discard surplus negatives (label 0) by seed until there are as many as positives (label 1).

    Bort does so for tasks recast from questions with several candidates. Surplus positives are kept.
    """
    negatives = [item.id for item in examples if item.label == 0]
    positives = len(examples) - len(negatives)
    kept = set(sorted(negatives, key=lambda identifier: rank(identifier, seed))[:positives])
    return [item for item in examples if item.label != 0 or item.id in kept]


def texts_key(item: Example) -> str:
    """What makes two examples the same: their texts in either order, whatever the white space."""
    texts = sorted(" ".join(text.split()) for text in (item.text, item.pair or ""))
    return "\n".join(texts)


def _units(examples: Sequence[Example]) -> Units:
    units: Units = {}
    for item in examples:
        units.setdefault(item.unit, []).append(item)
    return units


def _stratum(unit: Sequence[Example]) -> Stratum:
    return unit[0].subset, sum(math.floor(item.label + 0.5) for item in unit)


def _cluster_stratum(cluster: Sequence[Example]) -> Stratum:
    """The stratum of its units where they agree, else one for all mixed clusters."""
    strata = {_stratum(unit) for unit in _units(cluster).values()}
    return strata.pop() if len(strata) == 1 else (cluster[0].subset, -1)


def _draw(strata: Mapping[str, Stratum], n: int, seed: int) -> set[str]:
    """Names of ``n`` members, those of each stratum in proportion by largest remainders."""
    members: dict[Stratum, list[str]] = {}
    for name, stratum in strata.items():
        members.setdefault(stratum, []).append(name)
    exact = {stratum: n * len(names) / len(strata) for stratum, names in members.items()}
    counts = {stratum: int(share) for stratum, share in exact.items()}
    by_remainder = sorted(exact, key=lambda stratum: (counts[stratum] - exact[stratum], stratum))
    for stratum in by_remainder[: n - sum(counts.values())]:
        counts[stratum] += 1
    return {
        name
        for stratum, names in members.items()
        for name in sorted(names, key=lambda name: rank(name, seed))[: counts[stratum]]
    }
