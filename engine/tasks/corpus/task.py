"""Masked LM on plain text as a task: finding, splitting, encoding and scoring a corpus."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from engine.errors import DatasetError
from engine.tasks.corpus.files import find_text_files, is_text_path
from engine.tasks.corpus.hub import fetch_documents
from engine.tasks.corpus.passages import Limit, Text, separate_texts, split_text
from engine.tasks.corpus.rows import encode_passages
from engine.tasks.corpus.scores import score_masked_lm
from engine.tasks.interface import Head, Outputs, Part, Scores
from engine.tasks.predictions import ExampleText
from engine.tasks.task_section import TaskSection
from engine.tasks.token_rows import TokenRows

DOCUMENTS = 100_000
NO_LIMIT = Limit()


@dataclass(frozen=True, slots=True)
class CorpusTask:
    """Masked LM on one corpus.

    Attributes:
        sources: files, folders, patterns and hub names of the training text.
        eval_sources: the same for the evaluation text; empty splits it off.
        seed: of splitting and sampling.
        max_length: tokens in a row.
        eval_fraction: share of the passages that is split off.
        training: how much is wanted for training.
        evaluation: how much is wanted for evaluation.
        documents: most documents taken from a hub dataset.
        text_field: where JSON lines and hub datasets have their text.
    """

    sources: tuple[str, ...]
    eval_sources: tuple[str, ...] = ()
    seed: int = 0
    max_length: int = 128
    eval_fraction: float = 0.05
    training: Limit = NO_LIMIT
    evaluation: Limit = NO_LIMIT
    documents: int = DOCUMENTS
    text_field: str = "text"

    head: ClassVar[Head] = "masked_lm"
    labels: ClassVar[int] = 0
    parts: ClassVar[tuple[str, ...]] = ("training", "evaluation")

    def files(self) -> tuple[Path, ...]:
        """The text files that sources on this machine stand for."""
        sources = (*self.sources, *self.eval_sources)
        return tuple(path for source in sources if is_text_path(source) for path in find_text_files(source))

    def check(self) -> None:
        """Look for the local files.

        Raises:
            DatasetError: there is no such text.
        """
        self.files()

    def read(self) -> dict[str, Sequence[Any]]:
        """Training and evaluation passages; no passage is in both. The text stays in its files.

        Raises:
            DatasetError: text cannot be found or read, or leaves a part empty.
        """
        limits = (self.training, self.evaluation)
        text = self._text(self.sources)
        if self.eval_sources:
            found = separate_texts(text, self._text(self.eval_sources), self.seed, limits)
        else:
            found = split_text(text, self.eval_fraction, self.seed, limits)
        return dict(zip(self.parts, found, strict=True))

    def _text(self, sources: tuple[str, ...]) -> Text:
        files: list[Path] = []
        folder = None
        for number, source in enumerate(sources):
            if is_text_path(source):
                files += find_text_files(source)
                continue
            folder = folder or tempfile.TemporaryDirectory(prefix="bert-frontier-text-")
            path = Path(folder.name) / f"{number}.txt"
            fetch_documents(source, self.documents, self.text_field, path)
            files.append(path)
        if not files:
            raise DatasetError("no text is given; name a file, a folder, a pattern or a hub dataset")
        return Text(tuple(dict.fromkeys(files)), self.text_field, folder)

    def encode(self, tokenizer: Any, examples: Sequence[Any], part: str) -> TokenRows:  # noqa: ANN401
        """Rows of the passages, see ``encode_passages``."""
        limit = self.training if part == "training" else self.evaluation
        return encode_passages(tokenizer, examples, max_length=self.max_length, tokens=limit.tokens)

    def save(self, part: Part, folder: Path) -> None:
        """Write the rows of a part; its text stays where it is, since nothing needs it any more."""
        part.rows.save(folder)

    def load(self, folder: Path) -> Part:
        """Read what ``save`` wrote, rows memory-mapped; there are no examples."""
        return Part((), TokenRows.load(folder))

    def texts(self, examples: Sequence[Any]) -> list[ExampleText]:  # noqa: ARG002
        """None: models guess single words of long texts."""
        return []

    def score(self, parts: Mapping[str, Part], outputs: Mapping[str, Outputs]) -> Scores:  # noqa: ARG002
        """Metrics at the hidden tokens of the evaluation rows, see ``score_masked_lm``."""
        return score_masked_lm(outputs["evaluation"])


def corpus_task(section: TaskSection, dataset: str, eval_dataset: str | None, seed: int) -> CorpusTask:
    """The task of a section; several sources are separated by commas."""
    return CorpusTask(
        sources=_sources(dataset),
        eval_sources=_sources(eval_dataset or ""),
        seed=seed,
        max_length=section.max_length,
        eval_fraction=section.eval_fraction,
        training=Limit(section.train_samples),
        evaluation=Limit(section.eval_samples),
    )


def _sources(text: str) -> tuple[str, ...]:
    if text and Path(text).exists():
        return (text,)
    return tuple(item.strip() for item in text.split(",") if item.strip())
