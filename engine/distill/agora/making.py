"""Makes the data of Agora's rounds: the best student's mistakes, new examples of them, and the teacher's labels."""

from __future__ import annotations

import json
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np

from engine.agora.balance import count_labels
from engine.agora.examples import training_example
from engine.agora.filters import Sifted
from engine.agora.generation import build_changes
from engine.agora.mistakes import find_mistakes
from engine.agora.round_data import Added, accept, propose
from engine.agora.texts import text_keys
from engine.distill.agora.asking import Told, ask_student, ask_teacher
from engine.distill.agora.generated_file import write_generated, write_reconsidered
from engine.distill.agora.labels import label_cache
from engine.distill.agora.resources import make_resources
from engine.distill.agora.round_files import RoundFiles, round_files
from engine.distill.agora.views import verdicts
from engine.distill.made_once import make_once
from engine.distill.models.folder import load_teacher
from engine.distill.prepared import Prepared
from engine.events import Event, Progress
from engine.tasks.interface import Part
from engine.tasks.predictions import read_predictions
from engine.tasks.sequence.records import Example
from engine.tasks.sequence.task import SequenceTask
from engine.tasks.token_rows import TokenRows
from engine.trial_folder import TrialFolder, TrialSpec

STEPS = ("generation", "encoding", "labelling", "looking")
"""Steps whose seconds are among a round's facts, as ``generation_seconds`` and so on; looking is the student's."""


class _Proposed(NamedTuple):
    """Mistakes, and what was generated of them, still without labels."""

    mistakes: int
    examples: Sifted


@dataclass(slots=True)
class _Clock:
    """How long each step took."""

    seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys(STEPS, 0.0))

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.seconds[name] += time.perf_counter() - start


def make_rounds(spec: TrialSpec, folder: TrialFolder, prepared: Prepared) -> Iterator[Event]:
    """Make the data of all rounds up to the trial's own, as far as they are not in the cache and whole.

    Nothing of it is random but by the seed, so that data that were lost come out the same again. Nothing is done for
    trials that have no rounds.

    Args:
        spec: of a student of a round, or of the trial that makes its data.
        folder: its folder; those of the students it depends on are beside it.
        prepared: the data as given.
    """
    if spec.agora is None:
        return
    files = round_files(spec, folder)
    for number, found in enumerate(files, start=1):
        student = folder.sibling(spec.agora.parents[number - 1])
        making = _Making(spec, prepared, files[: number - 1], student, number)
        waiting = f"waiting for another process that makes the data of round {number}"
        yield from make_once(found.path, making.make, waiting)


@dataclass(frozen=True, slots=True)
class _Making:
    """The making of one round's data.

    Attributes:
        spec: of the trial at work.
        prepared: the data as given.
        before: folders of the rounds before.
        student: folder of the student whose mistakes are taken.
        number: the round, from 1.
    """

    spec: TrialSpec
    prepared: Prepared
    before: Sequence[RoundFiles]
    student: TrialFolder
    number: int

    @property
    def task(self) -> SequenceTask:
        return cast("SequenceTask", self.prepared.task)

    def make(self, path: Path) -> Iterator[Event]:
        """Fill the folder of the round."""
        files, clock, settings = RoundFiles(path), _Clock(), self.spec.experiment.training
        yield Progress(0.05, f"making examples for round {self.number}")
        teacher, tokenizer = load_teacher(self.prepared.teacher, self.task.head, self.task.labels)
        training = self._training()
        with clock.step("generation"):
            proposed = self._propose(training, teacher, tokenizer)
        new = proposed.examples.kept
        rows: TokenRows | None = None
        told, seen = Told(np.zeros((0, self.task.labels), dtype=np.float32), 0), []
        if new:
            with clock.step("encoding"):
                rows = self._encode(tokenizer, proposed.examples)
            with clock.step("labelling"):
                told = yield from self._label(teacher, rows, proposed.examples)
            yield Progress(0.8, "the student looks at the new examples")
            with clock.step("looking"):
                seen = verdicts(self.task, ask_student(self.student.model, rows, settings))
        with clock.step("looking"):
            self._reconsider(files)
        with clock.step("generation"):
            added = self._accept(training, proposed.examples, told)
        if rows is not None and added.kept:
            with clock.step("encoding"):
                self._save(files, added, proposed.examples, rows, told)
        thoughts = {item.id: verdict for item, verdict in zip(new, seen, strict=True)}
        write_generated(self.task, added, thoughts, files.generated)
        facts = {
            "mistakes": proposed.mistakes,
            "generated": len(new) + len(proposed.examples.left),
            "labelled": len(new),
            "asked": told.asked,
            "accepted": len(added.kept),
            **{f"{name}_seconds": seconds for name, seconds in clock.seconds.items()},
        }
        files.facts.write_text(json.dumps(facts), encoding="utf-8")

    def _reconsider(self, files: RoundFiles) -> None:
        """Keep what the student says of the examples of the round before, which it was trained on."""
        added = self.before[-1].read_added(self.task) if self.before else None
        if added is None:
            return
        part, _ = added
        said = verdicts(self.task, ask_student(self.student.model, part.rows, self.spec.experiment.training))
        names = [item.id for item in part.examples]
        write_reconsidered(self.task, dict(zip(names, said, strict=True)), files.reconsidered)

    def _training(self) -> list[Example]:
        """Training examples of the round before."""
        found = list(self.prepared.parts["training"].examples)
        for files in self.before:
            added = files.read_added(self.task)
            found += added[0].examples if added else ()
        return found

    def _propose(self, training: Sequence[Example], teacher: Any, tokenizer: Any) -> _Proposed:  # noqa: ANN401
        spec = self.spec.experiment
        evaluation = self.prepared.parts["evaluation"].examples
        answers = read_predictions(self.student.predictions)
        mistakes = find_mistakes(evaluation, answers, self.task.definition.labels)
        given = self.prepared.parts["training"].examples
        resources = make_resources(spec.agora, given, teacher, tokenizer, spec.seed)
        examples = propose(
            mistakes,
            build_changes(spec.agora.transformations, resources),
            spec.agora,
            evaluation=text_keys(evaluation),
            training=text_keys(training),
            seed=spec.seed,
            round_number=self.number,
        )
        return _Proposed(len(mistakes), examples)

    def _encode(self, tokenizer: Any, proposed: Sifted) -> TokenRows:  # noqa: ANN401
        """Rows of the proposed examples; their labels are not known yet."""
        blank = [Example(item.id, item.text.first, item.text.second, 0) for item in proposed.kept]
        return self.task.encode(tokenizer, blank, "training")

    def _label(self, teacher: Any, rows: TokenRows, proposed: Sifted) -> Generator[Event, None, Told]:  # noqa: ANN401
        experiment = self.spec.experiment
        cache = label_cache(experiment, self.spec.cache)
        return (yield from ask_teacher(cache, teacher, rows, proposed.kept, experiment.training))

    def _accept(self, training: Sequence[Example], proposed: Sifted, told: Told) -> Added:
        spec = self.spec.experiment
        return accept(
            proposed,
            verdicts(self.task, told.logits),
            spec.agora,
            before=count_labels(item.label for item in training),
            classes=None if self.task.definition.regression else range(self.task.labels),
            seed=spec.seed,
        )

    def _save(self, files: RoundFiles, added: Added, proposed: Sifted, rows: TokenRows, told: Told) -> None:
        """Write what is added: examples, rows with the teacher's labels as targets, and its logits."""
        places = {item.id: place for place, item in enumerate(proposed.kept)}
        chosen = np.array([places[item.id] for item in added.kept], dtype=np.int64)
        examples = tuple(map(training_example, added.kept))
        self.task.save(
            Part(examples, rows.taken(chosen).labelled([item.label for item in examples])), files.added
        )
        np.save(files.logits, told.logits[chosen])
