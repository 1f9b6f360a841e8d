"""Answers, logs and looks at the machine for trials of a simulated experiment, as finished trials leave them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.settings import Home
from engine.tasks.predictions import ExampleText, write_examples, write_predictions
from engine.trial_folder import TrialFolder
from storage.experiments import ExperimentRow
from storage.store import Store
from storage.trials import get_trial

TOPICS = ("Bridges", "Tunnels", "Harbours")
TOWNS = ("Elstad", "Lorford", "Galford", "Talhaven")
PERSON = "Anna Berg"


def leave_answers(
    store: Store, home: Home, experiment: ExperimentRow, numbers: Sequence[int], *, teacher: bool = True
) -> None:
    """Write files of answers that agree with the scores by example in the database.

    Every third question has no answer. Who is wrong on it names a person all the same; who is wrong on another one
    gives no answer or names the person, in turns.

    Args:
        store: the open database, with an experiment of ``tests.simulated.fill``.
        home: its home folder.
        experiment: the experiment.
        numbers: trials that get answers, a log and looks at the machine.
        teacher: whether the teacher answered; it is right wherever the question's number is no multiple of five.
    """
    first = get_trial(store, experiment.name, numbers[0])
    names = list(_scores(store, first.trial_id))
    reference = TrialFolder(home.path / get_trial(store, experiment.name, 0).folder)
    reference.path.mkdir(parents=True, exist_ok=True)
    texts = [_text(name) for name in names]
    write_examples(texts, reference.examples)
    if teacher:
        right = {name: _number(name) % 5 > 0 for name in names}
        write_predictions(
            {text.example: _answer(text, right[text.example]) for text in texts}, reference.predictions
        )
    for number in numbers:
        trial = get_trial(store, experiment.name, number)
        folder = TrialFolder(home.path / trial.folder)
        folder.path.mkdir(parents=True, exist_ok=True)
        scores = _scores(store, trial.trial_id)
        write_predictions(
            {text.example: _answer(text, scores[text.example] > 0) for text in texts}, folder.predictions
        )
        folder.log.write_text("loading the teacher\n" + "training\n" * 20, encoding="utf-8")
        with store.write() as connection:
            connection.execute(
                "INSERT INTO resources SELECT trial_id, started_at + to_seconds(5 * n), 1, 150 + 20 * sin(n), "
                "900 + n, NULL, NULL FROM trials, range(30) AS looks(n) WHERE trial_id = ?",
                [trial.trial_id],
            )


def _scores(store: Store, trial_id: int) -> dict[str, float]:
    with store.read() as connection:
        rows = connection.execute(
            "SELECT example, value FROM example_scores WHERE trial_id = ? AND metric = 'exact' ORDER BY position",
            [trial_id],
        ).fetchall()
    return dict(rows)


def _number(example: str) -> int:
    return int(example.rpartition("-")[2])


def _text(example: str) -> ExampleText:
    number = _number(example)
    town = TOWNS[number % len(TOWNS)]
    context = (
        f"Work {number} stands in {town}. {PERSON} paid for it <b>twice</b>. It is {number + 10} metres long."
    )
    gold = f"{number + 10} metres"
    answerable = number % 3 > 0
    return ExampleText(
        example=example,
        question=f"How long is work {number}?" if answerable else f"Who drew work {number}?",
        context=context,
        topic=TOPICS[number % len(TOPICS)],
        golds=(gold,) if answerable else (),
        starts=(context.index(gold),) if answerable else (),
    )


def _answer(text: ExampleText, right: bool) -> dict[str, Any]:
    if right:
        answer = text.golds[0] if text.golds else ""
    else:
        answer = PERSON if not text.golds or _number(text.example) % 2 else ""
    best = answer or PERSON
    start = text.context.index(best)
    return {
        "answer": answer,
        "score": float(right),
        "partial": float(right),
        "best_span": best,
        "span": (start, start + len(best)),
        "null_odds": -1.5 if answer else 2.5,
    }
