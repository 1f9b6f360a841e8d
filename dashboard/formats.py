"""Numbers, durations and times as people read them, each with its unit."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime

from engine.measured import NORMAL_95
from engine.metric_catalogue import METRICS

MINUS = "\u2212"
_SCALES = ((1e18, "E"), (1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
_MARKDOWN = re.compile(r"[\\`*_{}\[\]<>$#:~|]")
_INTEGERS = frozenset({"total", "HasAns_total", "NoAns_total"})


def count(value: float) -> str:
    """A count in three digits: 51.4 M, 336 k, 12."""
    for scale, prefix in _SCALES:
        # Rounding may carry into the next prefix, as 999,999 does.
        if abs(value) >= scale * 0.9995:
            return f"{_three_digits(value / scale)} {prefix}"
    return _three_digits(value)


def metric(name: str, value: float | None) -> str:
    """A metric's value with its unit: 67.1 %, 51.4 M, 8.2 ms."""
    if value is None or not math.isfinite(value):
        return "\u2013"
    unit = unit_of(name)
    if unit == "%":
        return f"{_signed_zero(value, 1):.1f} %"
    if unit == "s":
        return duration(value)
    if unit == "MB":
        return f"{_three_digits(value)} MB"
    if unit == "ms":
        return f"{_three_digits(value)} ms"
    if name in _INTEGERS:
        return f"{value:,.0f}"
    return f"{count(value)} {unit}".strip()


def in_full(name: str, value: float) -> str:
    """A metric with all of its digits: 51,423,744, 1,204,551,680 FLOPs, 67.1283 %."""
    if not math.isfinite(value):
        return "\u2013"
    told = f"{value:,.0f}" if float(value).is_integer() else f"{value:,.6f}".rstrip("0")
    return f"{told} {unit_of(name)}".strip()


def parameter(value: float | str | None) -> str:
    """A parameter's value in at most four digits: 0.00063, 5e-07, 12, every_other."""
    if value is None:
        return "\u2013"
    if isinstance(value, str):
        return value
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def interval(name: str, value: float, standard_error: float | None) -> str:
    """A metric with its 90 % interval: 67.1 % (66.2 to 68.0)."""
    if standard_error is None or not math.isfinite(standard_error):
        return metric(name, value)
    reach = NORMAL_95 * standard_error
    worst, best = (0.0, 100.0) if unit_of(name) == "%" else (-math.inf, math.inf)
    return f"{metric(name, value)} ({span(name, max(worst, value - reach), min(best, value + reach))})"


def span(name: str, low: float, high: float) -> str:
    """From one value of a metric to another, the unit left to what stands before it: 66.2 to 68.0, 980 k to 1.2 M."""
    unit = unit_of(name)
    ends = [metric(name, low), metric(name, high)]
    if unit and all(end.endswith(f" {unit}") for end in ends):
        ends = [end.removesuffix(f" {unit}") for end in ends]
    return " to ".join(ends)


def difference(name: str, value: float, reference: float) -> str:
    """How a metric differs from a reference: +0.4 points for scores, \u221222 % for everything else."""
    if unit_of(name) == "%":
        return f"{_signed(value - reference, 1)} points"
    if reference == 0:
        return f"{_signed(value, 2)}"
    return f"{_signed(100 * (value - reference) / abs(reference), 0)} %"


def signed(value: float, digits: int = 3) -> str:
    """A number with its sign: +0.42, \u22121.3, \u00b10.0."""
    return _signed(value, digits)


def share(value: float) -> str:
    """A share in whole percent, never a certainty it is not: 42 %, below 1 %, above 99 %."""
    if 0 < value < 0.005:
        return "below 1 %"
    if 0.995 < value < 1:
        return "above 99 %"
    return f"{100 * value:.0f} %"


def duration(seconds: float) -> str:
    """A time span in its two largest units: 8.4 s, 3 min 12 s, 1 h 4 min, 2 d 3 h."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    for size, name, smaller_size, smaller in (
        (86400, "d", 3600, "h"),
        (3600, "h", 60, "min"),
        (60, "min", 1, "s"),
    ):
        if whole >= size:
            rest = whole % size // smaller_size
            return f"{whole // size} {name} {rest} {smaller}" if rest else f"{whole // size} {name}"
    return f"{whole} s"


def ago(moment: datetime, now: datetime | None = None) -> str:
    """How long ago a moment was: just now, 3 min ago, 2 h ago, 5 d ago, else the date."""
    seconds = ((now or datetime.now(UTC)) - moment).total_seconds()
    if seconds < 45:
        return "just now"
    for size, name, limit in ((60, "min", 3600), (3600, "h", 86400), (86400, "d", 14 * 86400)):
        if seconds < limit:
            return f"{max(1, round(seconds / size))} {name} ago"
    return moment.strftime("%-d %b %Y")


def moment(at: datetime) -> str:
    """A moment in full: 20 Nov 2026, 14:02 UTC."""
    return at.astimezone(UTC).strftime("%-d %b %Y, %H:%M UTC")


def size(byte_count: float) -> str:
    """A file's size: 377 B, 22.7 kB, 1.65 MB."""
    if byte_count < 1000:
        return f"{byte_count:.0f} B"
    return f"{count(byte_count)}B"


def label(name: str) -> str:
    """A metric's name in words, or a parameter's name without underscores."""
    return METRICS[name].label if name in METRICS else name.replace("_", " ")


def axis_label(name: str) -> str:
    """Name and unit of an axis: exact match (%)."""
    unit = unit_of(name)
    return f"{label(name)} ({unit})" if unit else label(name)


def unit_of(name: str) -> str:
    """The unit of a metric; empty for counts and parameters."""
    return METRICS[name].unit if name in METRICS else ""


def literal(text: str) -> str:
    """Text that is shown as it is where Markdown is read."""
    return _MARKDOWN.sub(r"\\\g<0>", text)


def _three_digits(value: float) -> str:
    return f"{float(f'{value:.3g}'):g}"


def _signed_zero(value: float, digits: int) -> float:
    """The value, with a negative number that rounds to zero as plain zero."""
    return value if round(value, digits) else 0.0


def _signed(value: float, digits: int) -> str:
    rounded = round(value, digits)
    if not rounded:
        return f"\u00b1{0:.{digits}f}"
    return f"{'+' if rounded > 0 else MINUS}{abs(rounded):.{digits}f}"
