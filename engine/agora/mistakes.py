"""Finds what a student got wrong, from the evaluation examples and its predictions as trials leave them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from engine.agora.examples import Mistake
from engine.agora.texts import Label, label_of, same_label, text_of
from engine.tasks.sequence.records import Example
from engine.tasks.squad.records import Question

RIGHT = 1.0
"""Score of a right answer."""


def find_mistakes(
    examples: Sequence[Example] | Sequence[Question],
    predictions: Mapping[str, Mapping[str, Any]],
    labels: Sequence[str] = (),
) -> list[Mistake]:
    """The examples whose prediction is wrong, in their order.

    Of a question with candidates that was answered wrongly, these are the candidate that was chosen and the right
    ones: each is a pair the student would have had to judge otherwise. A value is wrong when it rounds to another
    whole number than the right one. An answer is wrong when it has no exact match.

    Args:
        examples: the evaluation examples.
        predictions: one record per example, or per question with candidates, as in ``tasks.interface.Scores`` or as
            ``tasks.predictions.read_predictions`` gives them; examples without one are left out.
        labels: names of the classes, in order.
    """
    found: list[Mistake] = []
    for item in examples:
        if isinstance(item, Question):
            record = predictions.get(item.id)
            if record is not None and record["score"] != RIGHT:
                found.append(Mistake(item.id, text_of(item), label_of(item), str(record["answer"])))
        elif item.id in predictions:
            found.extend(_of_example(item, predictions[item.id], labels))
        elif item.unit in predictions:
            found.extend(_of_candidate(item, predictions[item.unit]))
    return found


def _of_example(item: Example, record: Mapping[str, Any], labels: Sequence[str]) -> Iterator[Mistake]:
    answer = record.get("prediction", record.get("answer"))
    if "score" in record:
        if record["score"] != RIGHT:
            said: Label = labels.index(str(answer)) if str(answer) in labels else str(answer)
            yield Mistake(item.id, text_of(item), item.label, said, item.candidate)
        return
    value = float(record.get("value", answer))
    right = item.label if item.value is None else item.value
    if not same_label(value, right):
        yield Mistake(item.id, text_of(item), right, value)


def _of_candidate(item: Example, record: Mapping[str, Any]) -> Iterator[Mistake]:
    chosen = item.candidate == record.get("prediction", record.get("answer"))
    if record["score"] != RIGHT and (chosen or item.label):
        yield Mistake(item.id, text_of(item), item.label, int(chosen), item.candidate)
