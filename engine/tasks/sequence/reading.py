"""Makes examples of the rows of a table by a task's definition, and says exactly where a row is not in its form."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from engine.errors import DatasetError
from engine.tasks.sequence.definition import Definition
from engine.tasks.sequence.files import Line, Table
from engine.tasks.sequence.recasts import RECASTS
from engine.tasks.sequence.records import Example

PLACEHOLDER = re.compile(r"\{([^{}]+)\}")
MISSING = ("", "-", "none", "nan")
MISSING_CLASS = (*MISSING, "-1")
# A longer mark of a cluster, such as a whole passage, is kept as its hash.
LONGEST_MARK = 64


def examples_of(table: Table, definition: Definition, subset: str = "") -> list[Example]:
    """Turn rows into examples, in their order.

    Args:
        table: Rows of one source.
        definition: What they hold.
        subset: Name of the part of the evaluation data they are, where the definition has no column for it.

    Raises:
        DatasetError: A column is missing, or a row has no label, an unknown one, an empty text, a text with
            half a surrogate pair, or an id that another row has; source, line and field are named.
    """
    reader: _Reader | None = None
    examples: list[Example] = []
    found_at: dict[str, str] = {}
    for line in _recast(table, definition):
        reader = reader or _Reader(table.source, definition, line.values, subset)
        example = reader.example(line)
        if example.id in found_at:
            raise DatasetError(
                f"{line.where}: the id {example.id!r} is also that of {found_at[example.id]}; ids must be unique"
            )
        found_at[example.id] = line.where
        examples.append(example)
    if not examples:
        raise DatasetError(f"{table.source} holds no rows; give another file")
    return examples


def _recast(table: Table, definition: Definition) -> Iterator[Line]:
    """Rows with one candidate each and no nested values."""
    for line in table.lines:
        try:
            rows = RECASTS[definition.recast](line.values) if definition.recast else [line.values]
            for row in rows:
                yield Line(line.where, dict(_flat(row)))
        except KeyError as error:
            raise DatasetError(
                f"{line.where}: field {error} is missing or unknown, "
                f"so the row is not in the form of {definition.name} (it has {', '.join(line.values)})"
            ) from error
        except (TypeError, ValueError, AttributeError) as error:
            raise DatasetError(f"{line.where}: not in the form of {definition.name}: {error}") from error


def _flat(row: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in row.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


class _Reader:
    """Reads rows with the columns of the first one."""

    def __init__(self, source: str, definition: Definition, columns: Iterable[str], subset: str) -> None:
        self.source = source
        self.columns = list(columns)
        self.labels = definition.labels
        self.scale = definition.scale
        self.text = self._needed(definition.text, "text")
        self.pair = self._needed(definition.pair, "pair") if definition.pair else None
        self.label = PLACEHOLDER.findall(self._needed([f"{{{name}}}" for name in definition.label], "label"))[
            0
        ]
        self.identifier = self._first(definition.identifier)
        self.group = self._first(definition.group)
        self.cluster = self._first(definition.cluster)
        self.subset_template = self._first(definition.subset)
        self.subset = subset
        self.rows = 0

    def example(self, line: Line) -> Example:
        """The example of one row."""
        self.rows += 1
        values, subset = line.values, self.subset
        if self.subset_template:
            subset = self._fill(self.subset_template, line)
        name = self._fill(self.identifier, line) if self.identifier else str(self.rows)
        prefix = f"{self.subset}-" if self.subset else ""
        cluster = self._fill(self.cluster, line) if self.cluster else ""
        return Example(
            id=prefix + name,
            text=self._fill(self.text, line),
            pair=self._fill(self.pair, line) if self.pair else None,
            label=self._label(line),
            group=prefix + self._fill(self.group, line) if self.group else "",
            cluster=_short(cluster),
            subset=subset,
            candidate=str(values.get("candidate", "")),
            golds=tuple(self._characters(str(gold), "answers", line) for gold in values.get("golds", ())),
        )

    def _first(self, templates: Sequence[str]) -> str | None:
        return next((one for one in templates if set(PLACEHOLDER.findall(one)) <= set(self.columns)), None)

    def _needed(self, templates: Sequence[str], what: str) -> str:
        found = self._first(templates)
        if found is None:
            raise DatasetError(
                f"{self.source}: no column for the {what}; needed is {' or '.join(templates)}, "
                f"the file has {', '.join(self.columns)}"
            )
        return found

    def _fill(self, template: str, line: Line) -> str:
        text = PLACEHOLDER.sub(lambda match: self._value(match[1], line), template).strip()
        if not text:
            raise self._wrong(line, ", ".join(PLACEHOLDER.findall(template)), "the text is empty")
        return text

    def _value(self, name: str, line: Line) -> str:
        value = line.values.get(name)
        if value is None or (isinstance(value, str) and not value.strip()):
            raise self._wrong(line, name, "the text is empty" if name in line.values else "it is missing")
        return self._characters(str(value), name, line)

    def _characters(self, text: str, name: str, line: Line) -> str:
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise self._wrong(
                line, name, f"the text holds half a surrogate pair at character {error.start}"
            ) from error
        return text

    def _label(self, line: Line) -> int | float:
        value = line.values.get(self.label)
        if isinstance(value, float) and value.is_integer() and self.labels:
            value = int(value)
        text = str(value).strip()
        if text in self.labels:
            return self.labels.index(text)
        if text.lower() in (MISSING_CLASS if self.labels else MISSING):
            raise self._wrong(line, self.label, f"the label is missing ({value!r}); give labelled data")
        if not self.labels:
            return self._number(line, text)
        # The hub, and some files, give the place of a class instead of its name.
        if text.isdecimal() and int(text) < len(self.labels) and not any(map(str.isdecimal, self.labels)):
            return int(text)
        lower = [name.lower() for name in self.labels]
        if text.lower() in lower:
            return lower.index(text.lower())
        raise self._wrong(line, self.label, f"unknown label {text!r}; known: {', '.join(self.labels)}")

    def _number(self, line: Line, text: str) -> float:
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            raise self._wrong(line, self.label, f"{text!r} is not a number")
        if self.scale and not self.scale[0] <= number <= self.scale[1]:
            raise self._wrong(
                line, self.label, f"{text} is outside the scale {self.scale[0]} to {self.scale[1]}"
            )
        return number

    def _wrong(self, line: Line, field: str, what: str) -> DatasetError:
        return DatasetError(f"{line.where}, field {field!r}: {what}")


def _short(mark: str) -> str:
    if len(mark) <= LONGEST_MARK:
        return mark
    return hashlib.blake2b(mark.encode(), digest_size=16).hexdigest()
