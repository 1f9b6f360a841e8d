"""Text classification, regression and multiple choice as tasks: GLUE, SuperGLUE, RACE, and a user's own."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

from engine.errors import DatasetError, SettingError
from engine.tasks.interface import Head, Outputs, Part, Scores
from engine.tasks.predictions import ExampleText
from engine.tasks.sequence.catalogue import definition
from engine.tasks.sequence.definition import Definition
from engine.tasks.sequence.encoding import encode_examples
from engine.tasks.sequence.format import FormatSection
from engine.tasks.sequence.judging import score_examples
from engine.tasks.sequence.loading import is_local, load_side
from engine.tasks.sequence.records import Example, load_examples, save_examples
from engine.tasks.sequence.sampling import balance, sample, split, without_overlap
from engine.tasks.sequence.texts import example_texts
from engine.tasks.token_rows import TokenRows

EXAMPLES_FILE = "examples.jsonl"


@dataclass(frozen=True, slots=True)
class SequenceTask:
    """One task on one dataset; satisfies ``engine.tasks.interface.Task``.

    Attributes:
        definition: Files, columns, labels and metrics.
        dataset: Training data: a file, a folder or a hub name.
        eval_dataset: Evaluation data in the same forms; None takes those of ``dataset``, or splits some off.
        train_samples: Units (questions of grouped tasks, else examples) to train on; 0 takes all.
        eval_samples: Units to evaluate on; 0 takes all.
        eval_fraction: Share split off where there are no evaluation data.
        max_length: Most tokens in a row.
        seed: Seed of sampling, splitting and balancing.
        balanced: Whether surplus negatives of recast tasks are discarded in training.
        rounding: Whether a regression is learned as classes, its values rounded.
    """

    definition: Definition
    dataset: str
    eval_dataset: str | None
    train_samples: int
    eval_samples: int
    eval_fraction: float
    max_length: int
    seed: int
    balanced: bool
    rounding: bool

    head: ClassVar[Head] = "sequence"
    parts: ClassVar[tuple[str, ...]] = ("training", "evaluation")

    @property
    def labels(self) -> int:
        """Outputs of the head: the number of classes, or 1 for a regression."""
        if not self.definition.regression:
            return len(self.definition.labels)
        return 1 + self._scale[1] - self._scale[0] if self.rounding else 1

    @property
    def _scale(self) -> tuple[int, int]:
        assert self.definition.scale is not None
        return self.definition.scale

    def files(self) -> tuple[Path, ...]:
        """The files and folders among the datasets."""
        sources = [source for source in (self.dataset, self.eval_dataset) if source is not None]
        return tuple(Path(source).expanduser() for source in sources if is_local(source))

    def check(self) -> None:
        """Read the data, unless some of it is on the hub.

        Raises:
            DatasetError: As ``read``.
        """
        if len(self.files()) == (1 if self.eval_dataset is None else 2):
            self.read()

    def read(self) -> dict[str, Sequence[Any]]:
        """Examples of both parts, sampled by the seed; no pair of texts is in both.

        Raises:
            DatasetError: The data cannot be found, read, or are not in the task's form.
        """
        trained = self.definition
        if trained.trained_on:
            trained = definition(trained.trained_on)
        given = self.eval_dataset is not None
        training = load_side(trained, self.dataset, "training", alone=True) or []
        evaluation = load_side(self.definition, self.eval_dataset or self.dataset, "evaluation", alone=given)
        if evaluation is not None:
            training = without_overlap(training, evaluation)
        elif given:
            names = ", ".join(name for name, _ in self.definition.eval_files)
            raise DatasetError(
                f"eval_dataset {self.eval_dataset} is a folder without evaluation files (looked for {names}); "
                "give the file itself"
            )
        else:
            training, evaluation = split(training, self.eval_fraction, self.seed)
        training = sample(training, self.train_samples, self.seed)
        if self.balanced and self.definition.grouped:
            training = balance(training, self.seed)
        evaluation = sample(evaluation, self.eval_samples, self.seed)
        if self.rounding:
            training, evaluation = map(self._rounded, (training, evaluation))
        return {"training": tuple(training), "evaluation": tuple(evaluation)}

    def _rounded(self, examples: Sequence[Example]) -> list[Example]:
        low = self._scale[0]
        return [
            replace(item, label=math.floor(item.label + 0.5) - low, value=float(item.label))
            for item in examples
        ]

    def encode(self, tokenizer: Any, examples: Sequence[Any], part: str) -> TokenRows:  # noqa: ANN401, ARG002
        """Rows of the examples, one each, with the target ``labels``.

        Raises:
            SettingError: ``max_length`` is too small.
            ModelError: The tokenizer is not a fast one.
            DatasetError: There are no examples.
        """
        return encode_examples(tokenizer, examples, self.max_length, regression=self.labels == 1)

    def save(self, part: Part, folder: Path) -> None:
        """Write examples and rows of a part."""
        folder.mkdir(parents=True, exist_ok=True)
        save_examples(part.examples, folder / EXAMPLES_FILE)
        part.rows.save(folder)

    def load(self, folder: Path) -> Part:
        """Read what ``save`` wrote, rows memory-mapped."""
        return Part(load_examples(folder / EXAMPLES_FILE), TokenRows.load(folder))

    def texts(self, examples: Sequence[Example]) -> list[ExampleText]:
        """Texts with their labels, see ``example_texts``."""
        return example_texts(self.definition, examples)

    def score(self, parts: Mapping[str, Part], outputs: Mapping[str, Outputs]) -> Scores:
        """Metrics of the evaluation part from ``logits`` of shape (examples, labels).

        Raises:
            DatasetError: The logits are not those of the examples.
            DivergenceError: A logit is not finite.
        """
        low = self._scale[0] if self.rounding else 0
        logits = outputs["evaluation"]["logits"]
        return score_examples(self.definition, parts["evaluation"].examples, logits, self.labels, low)


def sequence_task(
    name: str,
    *,
    dataset: str,
    eval_dataset: str | None = None,
    columns: FormatSection | None = None,
    train_samples: int = 0,
    eval_samples: int = 0,
    eval_fraction: float = 0.2,
    max_length: int = 128,
    seed: int = 0,
    balanced: bool = True,
    rounding: bool = False,
) -> SequenceTask:
    """Build a task; no data are read yet.

    Args:
        name: A built-in task, see ``engine.tasks.sequence.catalogue``; with ``columns`` any name.
        dataset: Training data, see ``SequenceTask``.
        eval_dataset: Must be given for tasks that only have evaluation data (ax, axb, axg).
        columns: Description of a task of the user's own.
        train_samples: Units to train on.
        eval_samples: Units to evaluate on.
        eval_fraction: Share split off.
        max_length: Tokens in a row.
        seed: Of sampling.
        balanced: Discard surplus negatives.
        rounding: Learn classes.

    Raises:
        UnknownNameError: There is no such task.
        SettingError: ``rounding`` does not fit the task, or ``eval_dataset`` is missing.
    """
    chosen = columns.definition(name) if columns else definition(name)
    if rounding and not (chosen.regression and chosen.scale):
        raise SettingError(f"rounding = true needs a regression with a scale, unlike {name}; set it to false")
    if chosen.trained_on and eval_dataset is None:
        raise SettingError(
            f"{name} only has evaluation data: give them as eval_dataset, and the training data of "
            f"{chosen.trained_on} as dataset"
        )
    samples = (train_samples, eval_samples, eval_fraction)
    return SequenceTask(chosen, dataset, eval_dataset, *samples, max_length, seed, balanced, rounding)
