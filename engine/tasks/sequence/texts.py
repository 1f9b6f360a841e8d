"""Examples of classification, regression and multiple-choice tasks as people read them."""

from __future__ import annotations

from collections.abc import Sequence

from engine.tasks.predictions import ExampleText
from engine.tasks.sequence.definition import Definition
from engine.tasks.sequence.records import Example


def example_texts(definition: Definition, examples: Sequence[Example]) -> list[ExampleText]:
    """One text an example, or one a question where the model chooses among candidates.

    A question's text is that of its candidates, one a line, as the model reads each of them after the context.
    """
    if definition.choose:
        return _questions(examples)
    return [
        ExampleText(
            example=item.id,
            question=item.text,
            context=item.pair or "",
            topic=item.subset,
            golds=(_gold(definition, item),),
        )
        for item in examples
    ]


def _gold(definition: Definition, item: Example) -> str:
    if definition.regression:
        return f"{item.label if item.value is None else item.value:.4g}"
    return definition.labels[int(item.label)]


def _questions(examples: Sequence[Example]) -> list[ExampleText]:
    units: dict[str, list[Example]] = {}
    for item in examples:
        units.setdefault(item.unit, []).append(item)
    return [
        ExampleText(
            example=name,
            question="\n".join(item.pair or item.candidate for item in items),
            context=items[0].text,
            topic=items[0].subset,
            golds=items[0].golds or tuple(item.candidate for item in items if item.label),
        )
        for name, items in units.items()
    ]
