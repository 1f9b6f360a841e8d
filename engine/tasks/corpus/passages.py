"""Splits and samples a corpus by hashes of its passages, reading it from its files each time, so that none is held."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, overload

import numpy as np

from engine.errors import DatasetError
from engine.tasks.corpus.files import read_passages

ALL = 2**64
SPARE = 1.1
"""Words read beyond a limit of tokens, as a factor, since a word has at least one token but hashes only nearly obey."""


class Limit(NamedTuple):
    """How much is wanted of a part; 0 means all."""

    passages: int = 0
    tokens: int = 0


@dataclass(frozen=True, slots=True)
class Text:
    """Where a corpus is.

    Attributes:
        files: text files.
        text_field: where JSON lines have their text.
        keep_alive: what must not be cleaned up while the files are read.
    """

    files: tuple[Path, ...]
    text_field: str = "text"
    keep_alive: Any = None

    def __iter__(self) -> Iterator[str]:
        """Passages of all files in turn."""
        for path in self.files:
            yield from read_passages(path, self.text_field)


@dataclass(frozen=True, slots=True, eq=False)
class Passages(Sequence[str]):
    """Passages of one part of a corpus, read anew from its files whenever they are gone through.

    A passage's two ranks are hashes of its text and the seed: the first says which part it is in, so that no text is
    in two parts, the second whether it is in a sample.

    Attributes:
        text: where the corpus is.
        seed: of the ranks.
        parts: the first ranks that belong to the part, from and to before, of 2^64.
        sample: the second rank up to which passages are taken.
        size: number of passages.
        without: first ranks of passages that are left out.
    """

    text: Text
    seed: int
    parts: tuple[int, int]
    sample: int
    size: int
    without: frozenset[int] = field(default_factory=frozenset)

    def __len__(self) -> int:
        return self.size

    def __iter__(self) -> Iterator[str]:
        for passage, first, second in _ranked(self.text, self.seed):
            if self.parts[0] <= first < self.parts[1] and second <= self.sample and first not in self.without:
                yield passage

    @overload
    def __getitem__(self, index: int) -> str: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...

    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        """Passages by number; the files are read up to them."""
        return list(self)[index]


def split_text(
    text: Text, fraction: float, seed: int, limits: tuple[Limit, Limit]
) -> tuple[Passages, Passages]:
    """Training and evaluation passages of one corpus; equal passages are on the same side.

    Args:
        text: where the corpus is.
        fraction: share of the passages on the evaluation side, above 0 and below 1.
        seed: of the split and of the samples.
        limits: how much is wanted for training, and for evaluation.

    Raises:
        DatasetError: A file cannot be read, or a side is empty.
    """
    border = int(fraction * ALL)
    training = _limited(text, seed, (border, ALL), limits[0])
    evaluation = _limited(text, seed, (0, border), limits[1])
    for name, part in (("training", training), ("evaluation", evaluation)):
        if not part:
            raise DatasetError(
                f"{_named(text)} has too few passages: none is left for the {name} part with eval_fraction "
                f"{fraction}; give more text, one passage a line, or set another eval_fraction"
            )
    return training, evaluation


def separate_texts(
    training: Text, evaluation: Text, seed: int, limits: tuple[Limit, Limit]
) -> tuple[Passages, Passages]:
    """Training and evaluation passages of two corpora; what is in both is left out of training.

    Raises:
        DatasetError: A file cannot be read, or a side is empty.
    """
    held = _limited(evaluation, seed, (0, ALL), limits[1])
    without = frozenset(first for _, first, _ in _ranked(evaluation, seed))
    learned = _limited(training, seed, (0, ALL), limits[0], without)
    for text, part in ((evaluation, held), (training, learned)):
        if not part:
            raise DatasetError(
                f"{_named(text)} has no passage"
                + (" that is not in the evaluation text" if text is training else "")
                + "; give other text, one passage a line"
            )
    return learned, held


def _limited(
    text: Text, seed: int, parts: tuple[int, int], limit: Limit, without: frozenset[int] = frozenset()
) -> Passages:
    """A part, or a sample of it that is spread over all of its files."""
    ranks, words = array("Q"), 0
    for passage, first, second in _ranked(text, seed):
        if parts[0] <= first < parts[1] and first not in without:
            ranks.append(second)
            words += passage.count(" ") + 1
    found = np.frombuffer(ranks, dtype=np.uint64) if ranks else np.zeros(0, np.uint64)
    last = ALL - 1
    if 0 < limit.passages < len(found):
        last = int(np.partition(found, limit.passages - 1)[limit.passages - 1])
    if 0 < limit.tokens * SPARE < words:
        last = min(last, int(limit.tokens * SPARE / words * ALL))
    count = int((found <= np.uint64(last)).sum())
    return Passages(text, seed, parts, last, count, without)


def _ranked(text: Text, seed: int) -> Iterator[tuple[str, int, int]]:
    """Passages with their two ranks."""
    salt = str(seed).encode()
    for passage in text:
        digest = hashlib.blake2b(passage.encode("utf-8", "surrogatepass"), digest_size=16, key=salt).digest()
        yield passage, int.from_bytes(digest[:8], "big"), int.from_bytes(digest[8:], "big")


def _named(text: Text) -> str:
    return str(text.files[0]) if len(text.files) == 1 else f"the text in {len(text.files)} files"
