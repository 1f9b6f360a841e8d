"""What a person says about a study to be imported: which numbers are metrics, and what to make of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, cast

from pydantic import ValidationError

from engine.errors import SettingError
from engine.metrics import Metric

_EXAMPLE = "write it as NAME:maximize or NAME:minimize, such as exact:maximize:threshold=50:from=accuracy"


@dataclass(frozen=True, slots=True)
class MetricWish:
    """A metric as a person wants it.

    Attributes:
        metric: name, direction, role and threshold.
        source: the column or attribute it is read from.
    """

    metric: Metric
    source: str


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is said about a study.

    Attributes:
        metrics: in order; the first ones name the objectives of an Optuna study.
        study: which one, where a file holds several.
        parameters: columns that are parameters; empty for all that are nothing else.
    """

    metrics: Sequence[MetricWish] = ()
    study: str | None = None
    parameters: Sequence[str] = ()


def parse_metric(text: str) -> MetricWish:
    """A metric from ``NAME:DIRECTION`` with, behind further colons, ``store``, ``threshold=N`` and ``from=COLUMN``.

    Raises:
        SettingError: saying how it is written.
    """
    name, *rest = text.split(":")
    settings: dict[str, object] = {"name": name.strip()}
    source = name.strip()
    for part in rest:
        key, equals, value = part.partition("=")
        if part in ("maximize", "minimize"):
            settings["direction"] = cast("Literal['maximize', 'minimize']", part)
        elif part in ("store", "constrain"):
            settings["role"] = part
        elif equals and key == "threshold":
            settings["threshold"] = value
        elif equals and key == "from" and value:
            source = value
        else:
            raise SettingError(f"--metric {text!r}: {part!r} is not understood; {_EXAMPLE}")
    try:
        return MetricWish(Metric.model_validate(settings), source)
    except ValidationError as error:
        raise SettingError(f"--metric {text!r}: {error.errors()[0]['msg']}; {_EXAMPLE}") from error
