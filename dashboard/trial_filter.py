"""Filters of trials as text, such as ``n_layers <= 4 and exact = 60..70``: read, written, and changed by brushes."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping, Sequence

from engine.errors import SettingError
from storage.trial_pages import FIXED_COLUMNS, Condition, Span

RANGE = ".."
"""Stands between the ends of a range, as in ``n_layers = 3..6``."""
OR = "|"
"""Stands between alternatives, as in ``state = failed|stopped``."""

_COMPARISON = re.compile(r"^\s*([\w.]+)\s*(<=|>=|!=|==|=|<|>)\s*([^\s<>=!].*?)\s*$")
_SEPARATOR = re.compile(r"\s+and\s+|\s*,\s*|\s*&\s*", re.IGNORECASE)
_HINT = "write conditions such as n_layers <= 4 and exact = 60..70 and state = failed|stopped"


def parse_filter(text: str, names: Collection[str]) -> list[Condition]:
    """The conditions of a filter; none for an empty text.

    Args:
        text: conditions joined by ``and`` or commas.
        names: parameters and metrics that there are, beside what every trial has.

    Raises:
        SettingError: naming the part that cannot be read, or a name that there is not.
    """
    parts = [part for part in _SEPARATOR.split(text.strip()) if part.strip()]
    return [_condition(part, {*names, *FIXED_COLUMNS}) for part in parts]


def filter_text(conditions: Sequence[Condition]) -> str:
    """The conditions as text that ``parse_filter`` reads."""
    return " and ".join(_text(condition) for condition in conditions)


def with_brushes(
    conditions: Sequence[Condition], brushed: Collection[str], brushes: Mapping[str, Condition]
) -> list[Condition]:
    """The conditions after brushing: those on brushed axes are replaced, all others stay.

    Args:
        conditions: before.
        brushed: names of all axes that can be brushed.
        brushes: a condition for each axis that has a brush.
    """
    kept = [condition for condition in conditions if condition.name not in brushed]
    return [*kept, *brushes.values()]


def _condition(part: str, names: Collection[str]) -> Condition:
    found = _COMPARISON.match(part)
    if found is None:
        raise SettingError(f"the filter {part.strip()!r} cannot be read; {_HINT}")
    name, sign, value = found.groups()
    if name not in names:
        raise SettingError(
            f"the filter names {name}, which no trial has; there are {', '.join(sorted(names))}"
        )
    if sign in ("=", "==", "!="):
        return _equal(name, value, negated=sign == "!=")
    number = _number(value)
    if number is None:
        raise SettingError(f"the filter compares {name} with {value!r}, which is no number; {_HINT}")
    span = {
        "<=": Span(high=number),
        ">=": Span(low=number),
        "<": Span(high=number, with_high=False),
        ">": Span(low=number, with_low=False),
    }[sign]
    return Condition(name, (span,))


def _equal(name: str, value: str, *, negated: bool) -> Condition:
    spans: list[Span] = []
    words: list[str] = []
    for alternative in value.split(OR):
        low, separator, high = alternative.partition(RANGE)
        ends = [_number(end) for end in ((low, high) if separator else (alternative, alternative))]
        if ends[0] is None or ends[1] is None:
            words.append(alternative.strip())
        else:
            spans.append(Span(ends[0], ends[1]))
    if spans and words:
        # Numbers among words are words too, as in the choices of a parameter.
        return Condition(name, (), tuple(part.strip() for part in value.split(OR)), negated)
    return Condition(name, tuple(spans), tuple(words), negated)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _text(condition: Condition) -> str:
    sign = "!=" if condition.negated else "="
    if len(condition.spans) == 1 and not condition.words and not condition.negated:
        span = condition.spans[0]
        if math.isinf(span.high):
            return f"{condition.name} >{'=' if span.with_low else ''} {span.low:.6g}"
        if math.isinf(span.low):
            return f"{condition.name} <{'=' if span.with_high else ''} {span.high:.6g}"
    told = [
        *condition.words,
        *(
            f"{span.low:.6g}" if span.low == span.high else f"{span.low:.6g}{RANGE}{span.high:.6g}"
            for span in condition.spans
        ),
    ]
    return f"{condition.name} {sign} {OR.join(told)}"
