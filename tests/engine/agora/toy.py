"""A task whose right answer is a known function, learned by small logistic regressions: the whole loop in a second.

Sentences of forty made-up words; each word is worth a number, and the label says whether a sentence is worth more than
nothing. The teacher is that function. Students see too few sentences at first to know every word.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict

import numpy as np

from engine.agora.balance import count_labels
from engine.agora.draws import Draw
from engine.agora.examples import Generated, Verdict, from_record, to_record, training_example
from engine.agora.generation import build_changes
from engine.agora.hyperparameter_sets import HyperparameterSet, Values
from engine.agora.mistakes import find_mistakes
from engine.agora.round_data import accept, propose
from engine.agora.rounds import End, Made, Make, Plan, RoundRecord, Train, next_step
from engine.agora.section import AgoraSection
from engine.agora.texts import text_keys, text_of
from engine.agora.transformations.interface import Resources
from engine.agora.transformations.pools import make_pools
from engine.parameters import Value
from engine.tasks.sequence.records import Example
from engine.tasks.sequence.sampling import without_overlap

VOCABULARY = [f"{first}{middle}{last}" for first in "bdgk" for middle in "aeiou" for last in "lr"]
WORTH = {word: Draw("worth", word).share() - 0.5 for word in VOCABULARY}
SEED = 3
CLASSES = (0, 1)
VALUES = {"learning_rate": (0.3, 3.0), "weight_decay": (0.0, 0.3)}


def truth(text: str) -> int:
    """The teacher: whether the words of a text are worth more than nothing together."""
    return int(sum(WORTH.get(word, 0.0) for word in text.split()) > 0)


def sentences(part: str, count: int) -> list[Example]:
    """Distinct sentences of three to eight words, as many of each label."""
    found: dict[str, Example] = {}
    number = 0
    while len(found) < count:
        draw = Draw(part, number)
        number += 1
        text = " ".join(draw.choice(VOCABULARY) for _ in range(3 + draw.below(6)))
        if truth(text) == len(found) % 2:
            found[text] = Example(f"{part}-{len(found)}", text, None, truth(text))
    return list(found.values())


DEVELOPMENT = sentences("dev", 300)
TRAINING = without_overlap(sentences("train", 24), DEVELOPMENT)
TEST = without_overlap(sentences("test", 300), [*DEVELOPMENT, *TRAINING])
"""Looked at by tests alone: no student is chosen by it and nothing is made of it."""


def features(texts: Sequence[str]) -> np.ndarray:
    return np.array([[text.split().count(word) for word in VOCABULARY] for text in texts], dtype=np.float64)


class Student:
    """A logistic regression on counts of words, by some steps of gradient descent."""

    def __init__(self, examples: Sequence[Example], values: Mapping[str, Value]) -> None:
        inputs = features([item.text for item in examples])
        targets = np.array([item.label for item in examples], dtype=np.float64)
        rng = np.random.default_rng(int(values["seed"]))
        self.weights = rng.normal(0, 0.3, len(VOCABULARY))
        for _ in range(60):
            given = 1 / (1 + np.exp(-inputs @ self.weights))
            gradient = (
                inputs.T @ (given - targets) / len(targets) + float(values["weight_decay"]) * self.weights
            )
            self.weights -= float(values["learning_rate"]) * gradient

    def predictions(self, examples: Sequence[Example] = DEVELOPMENT) -> dict[str, dict[str, object]]:
        said = features([item.text for item in examples]) @ self.weights > 0
        return {
            item.id: {"prediction": str(int(answer)), "score": float(answer == item.label)}
            for item, answer in zip(examples, said, strict=True)
        }

    def accuracy(self, examples: Sequence[Example] = DEVELOPMENT) -> float:
        """In percent."""
        return 100 * float(np.mean([record["score"] for record in self.predictions(examples).values()]))


def toy_section(**changes: object) -> AgoraSection:
    return AgoraSection.model_validate(
        {
            "seeds": [0, 1],
            "max_sets": 0,
            "patience": 0,
            "samples_per_mistake": 4,
            "filters": {"min_words": 1},
            "transformations": [{"name": "deletion"}, {"name": "insertion"}, {"name": "span_crop"}],
            **changes,
        }
    )


def toy_sets(section: AgoraSection, values: Values = VALUES) -> list[HyperparameterSet]:
    return section.sets(values, SEED)


def toy_plan(section: AgoraSection, values: Values = VALUES) -> Plan:
    return section.plan(toy_sets(section, values), 1000)


class Run:
    """A run whose whole state is one JSON text: the record of its rounds, and all examples they made."""

    def __init__(
        self,
        section: AgoraSection,
        state: str = '{"rounds": [], "examples": [], "left": []}',
        values: Values = VALUES,
    ) -> None:
        self.section = section
        self.values = values
        kept = json.loads(state)
        self.record = [
            RoundRecord(item["accuracies"], Made(*item["made"]) if item["made"] else None)
            for item in kept["rounds"]
        ]
        self.examples = [from_record(item) for item in kept["examples"]]
        self.left: list[list[str]] = kept["left"]

    def state(self) -> str:
        return json.dumps(
            {
                "rounds": [asdict(item) for item in self.record],
                "examples": [to_record(item) for item in self.examples],
                "left": self.left,
            }
        )

    def training(self, number: int) -> list[Example]:
        """Training data of a round."""
        return [*TRAINING, *(training_example(item) for item in self.examples if item.round <= number)]

    def student(self, number: int, name: str) -> Student:
        sets = {item.id: item.values for item in toy_sets(self.section, self.values)}
        return Student(self.training(number), sets[name])

    def step(self) -> End | None:
        """Does the least that is next: one student, or one round's data."""
        match next_step(toy_plan(self.section, self.values), self.record):
            case Train(number, (name, *_)):
                done = self.record[number].accuracies if number < len(self.record) else {}
                accuracies = {**done, name: self.student(number, name).accuracy()}
                self.record[number:] = [RoundRecord(accuracies)]
            case Make(number, best):
                kept, mistakes = self._make(number, self.student(best.round, best.set))
                self.examples += kept
                self.record[-1] = RoundRecord(self.record[-1].accuracies, Made(mistakes, len(kept)))
            case End() as end:
                return end
        return None

    def _make(self, number: int, student: Student) -> tuple[tuple[Generated, ...], int]:
        mistakes = find_mistakes(DEVELOPMENT, student.predictions(), ("0", "1"))
        training = self.training(number - 1)
        resources = Resources(make_pools(map(text_of, TRAINING)))
        proposed = propose(
            mistakes,
            build_changes(self.section.transformations, resources),
            self.section,
            evaluation=text_keys(DEVELOPMENT),
            training=text_keys(training),
            seed=SEED,
            round_number=number,
        )
        verdicts = [Verdict(truth(item.text.first), 1.0) for item in proposed.kept]
        before = count_labels(item.label for item in training)
        added = accept(proposed, verdicts, self.section, before=before, classes=CLASSES, seed=SEED)
        self.left += [[item.example.id, item.reason] for item in added.left]
        return added.kept, len(mistakes)


def run(
    section: AgoraSection,
    stopped: Callable[[Run], Run] = lambda running: running,
    values: Values = VALUES,
) -> tuple[Run, End]:
    """A whole run; ``stopped`` is what becomes of it between two steps."""
    running = Run(section, values=values)
    while (end := running.step()) is None:
        running = stopped(running)
    return running, end
