"""Extractive question answering in SQuAD form as a task: reading, splitting, encoding and scoring its questions."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

from engine.errors import DatasetError
from engine.tasks.interface import Head, Outputs, Part, Scores
from engine.tasks.predictions import ExampleText
from engine.tasks.squad.decoding import Decoded, decode
from engine.tasks.squad.features import Features, encode
from engine.tasks.squad.loading import is_path, load_squad
from engine.tasks.squad.question_files import load_questions, save_questions
from engine.tasks.squad.records import Question
from engine.tasks.squad.sampling import paragraph_key, sample, split_by_paragraph
from engine.tasks.squad.trial_scores import score_decoded
from engine.tasks.task_section import TaskSection

log = logging.getLogger(__name__)

QUESTIONS_FILE = "questions.jsonl"


@dataclass(frozen=True, slots=True)
class SquadTask:
    """Question answering on one dataset.

    Attributes:
        section: the task's settings.
        dataset: file or hub name of the training questions.
        eval_dataset: the same for the evaluation questions; None splits them off.
        seed: of sampling and splitting.
    """

    section: TaskSection
    dataset: str
    eval_dataset: str | None
    seed: int

    head: ClassVar[Head] = "span"
    labels: ClassVar[int] = 2
    parts: ClassVar[tuple[str, ...]] = ("training", "calibration", "evaluation")

    def files(self) -> tuple[Path, ...]:
        """The datasets that are files."""
        sources = [source for source in (self.dataset, self.eval_dataset) if source is not None]
        return tuple(Path(source).expanduser() for source in sources if is_path(source))

    def check(self) -> None:
        """Read the local files.

        Raises:
            DatasetError: a file is missing or not in SQuAD form.
        """
        for path in self.files():
            load_squad(path)

    def read(self) -> dict[str, Sequence[Question]]:
        """Training, calibration and evaluation questions; no paragraph is in two of the three parts.

        Calibration questions are held-back training questions for the no-answer threshold.

        Raises:
            DatasetError: a dataset cannot be found, read, is not in SQuAD form, or leaves a part empty.
        """
        section, seed = self.section, self.seed
        training, evaluation = self._sides()
        training = sample(training, section.train_samples, seed)
        training, calibration = split_by_paragraph(training, section.calibration_fraction, seed)
        found: dict[str, Sequence[Question]] = {
            "training": training,
            "calibration": calibration,
            "evaluation": sample(evaluation, section.eval_samples, seed),
        }
        for name, items in found.items():
            if not items:
                raise DatasetError(f"{self.dataset} has too few paragraphs: none is left for the {name} part")
        return found

    def _sides(self) -> tuple[Sequence[Question], Sequence[Question]]:
        """All training and all evaluation questions."""
        questions = _load(self.dataset, "train")
        # A hub dataset has its own validation split.
        second = self.eval_dataset or (None if is_path(self.dataset) else self.dataset)
        if second is None:
            return split_by_paragraph(questions, self.section.eval_fraction, self.seed)
        evaluation = _load(second, "validation")
        held_out = {paragraph_key(item) for item in evaluation}
        training = [item for item in questions if paragraph_key(item) not in held_out]
        if not training:
            raise DatasetError(
                f"every paragraph of the dataset {self.dataset} is in the evaluation dataset {second} too; "
                "give different files, or leave eval_dataset out to have a part split off"
            )
        return training, evaluation

    def encode(self, tokenizer: Any, examples: Sequence[Question], part: str) -> Features:  # noqa: ANN401, ARG002
        """Windows of the questions."""
        return encode(
            tokenizer,
            examples,
            max_length=self.section.max_length,
            doc_stride=self.section.doc_stride,
            max_query_length=self.section.max_query_length,
        )

    def save(self, part: Part, folder: Path) -> None:
        """Write questions and windows of a part."""
        part.rows.save(folder)
        save_questions(part.examples, folder / QUESTIONS_FILE)

    def load(self, folder: Path) -> Part:
        """Read what ``save`` wrote, windows memory-mapped; questions are read when they are first looked at."""
        return Part(LazyQuestions(folder / QUESTIONS_FILE), Features.load(folder))

    def texts(self, examples: Sequence[Question]) -> list[ExampleText]:
        """Questions with their contexts and accepted answers."""
        return [
            ExampleText(
                example=item.id,
                question=item.question,
                context=item.context,
                topic=item.topic,
                golds=tuple(answer.text for answer in item.answers),
                starts=tuple(answer.start for answer in item.answers),
            )
            for item in examples
        ]

    def score(self, parts: Mapping[str, Part], outputs: Mapping[str, Outputs]) -> Scores:
        """Metrics of the evaluation questions under the chosen no-answer threshold, see ``score_decoded``."""
        decoded = {name: self._decode(parts[name], told) for name, told in outputs.items()}
        return score_decoded(
            parts["evaluation"].examples,
            decoded["evaluation"],
            parts["calibration"].examples,
            decoded["calibration"],
            self.section.score,
        )

    def _decode(self, part: Part, told: Outputs) -> Decoded:
        return decode(
            part.rows,
            part.examples,
            told["start"],
            told["end"],
            max_answer_length=self.section.max_answer_length,
        )


class LazyQuestions(Sequence[Question]):
    """Questions in a file, read when they are first looked at: training needs their windows alone."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._questions: tuple[Question, ...] | None = None

    def _read(self) -> tuple[Question, ...]:
        if self._questions is None:
            self._questions = load_questions(self._path)
        return self._questions

    def __getitem__(self, index: Any) -> Any:  # noqa: ANN401 - a question or a slice of them
        return self._read()[index]

    def __len__(self) -> int:
        return len(self._read())


def _load(source: str, split: Literal["train", "validation"]) -> Sequence[Question]:
    """Questions of a dataset; what had to be mended in it goes to the trial's log."""
    found = load_squad(source, split)
    if found.repaired or found.dropped:
        log.warning(
            "%s: %d answers were not where their offset says and were put right; %d answers are not in their "
            "context and were left out, with %d questions that had no other",
            *(found.source, found.repaired, found.dropped, found.dropped_questions),
        )
    return found.questions
