"""Metrics in words, for sentences: values with their units, and what more or less of a cost is called."""

from __future__ import annotations

from engine.metric_catalogue import METRICS

_LESS_AND_MORE = {
    "num_parameters": ("fewer parameters", "more parameters"),
    "encoder_parameters": ("fewer encoder parameters", "more encoder parameters"),
    "nonzero_parameters": ("fewer non-zero parameters", "more non-zero parameters"),
    "flops": ("fewer FLOPs", "more FLOPs"),
    "train_flops": ("fewer FLOPs of training", "more FLOPs of training"),
    "train_tokens": ("fewer tokens of training", "more tokens of training"),
    "train_seconds": ("less training time", "more training time"),
    "model_mb": ("fewer megabytes", "more megabytes"),
    "int8_mb": ("fewer megabytes in 8 bits", "more megabytes in 8 bits"),
    "int8_latency_ms": ("lower latency in 8 bits", "higher latency in 8 bits"),
}
_UNITS = {"_ms": "ms", "_mb": "MB", "_seconds": "s"}
_SCALES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


def less(cost: str) -> str:
    """What less of a cost is called, such as "fewer parameters"."""
    return _LESS_AND_MORE[cost][0] if cost in _LESS_AND_MORE else f"lower {_label(cost)}"


def more(cost: str) -> str:
    """What more of a cost is called, such as "more parameters"."""
    return _LESS_AND_MORE[cost][1] if cost in _LESS_AND_MORE else f"higher {_label(cost)}"


def format_value(name: str, value: float) -> str:
    """A metric's value with its unit, such as "51.4 M" for a count or "8.2 ms" for a latency."""
    for suffix, unit in _UNITS.items():
        if name.endswith(suffix):
            return f"{_three_digits(value)} {unit}"
    for scale, prefix in _SCALES:
        if abs(value) >= scale:
            return f"{_three_digits(value / scale)} {prefix}"
    return _three_digits(value)


def percent(share: float) -> str:
    """A share in percent, in two digits where it is below 10 %."""
    return f"{100 * share:.0f} %" if abs(share) >= 0.0995 or share == 0 else f"{100 * share:.2g} %"


def duration(seconds: float) -> str:
    """A time span in its largest unit, such as "8.4 s", "12 min" or "3.5 h"."""
    for size, name in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{_two_digits(seconds / size)} {name}"
    return f"{_two_digits(seconds)} s"


def _label(name: str) -> str:
    return METRICS[name].label if name in METRICS else name


def _three_digits(value: float) -> str:
    """The value rounded to three digits, without an exponent where it is of ordinary size."""
    return f"{float(f'{value:.3g}'):g}"


def _two_digits(value: float) -> str:
    return f"{value:.0f}" if value >= 9.95 else f"{value:.1f}"
