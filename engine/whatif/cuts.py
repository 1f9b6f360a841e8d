"""Cuts through a model about one configuration: along each parameter, or over two of them at once."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.errors import SettingError
from engine.parameters import (
    CategoricalParameter,
    Configuration,
    FloatParameter,
    IntegerParameter,
    Value,
)
from engine.space import SearchSpace

if TYPE_CHECKING:
    from engine.whatif.learning import Models

SLICE_POINTS = 25
"""Most values along a parameter in a slice."""
SURFACE_POINTS = 21
"""Most values along each parameter of a surface."""


@dataclass(frozen=True, slots=True)
class Cut:
    """What is asked: a metric about a configuration, along every parameter, or over two of them.

    Attributes:
        metric: to be predicted.
        centre: the configuration that all else is held at.
        over: two parameters to be varied at once; empty varies every parameter by itself.
    """

    metric: str
    centre: Mapping[str, Value]
    over: tuple[str, ...] = ()

    def check(self, space: SearchSpace, metrics: Sequence[str]) -> None:
        """Check it against what was searched and can be predicted.

        Raises:
            SettingError: naming the metric or parameter at fault.
        """
        if self.metric not in metrics:
            raise SettingError(f"no trial reports the metric {self.metric!r}; known are {', '.join(metrics)}")
        missing = [name for name in space.parameters if name not in self.centre]
        if missing:
            raise SettingError(f"the configuration has no value for {', '.join(missing)}")
        unknown = [name for name in self.over if name not in space.parameters]
        if unknown or len(self.over) not in (0, 2):
            raise SettingError(
                f"a surface is over two of the parameters {', '.join(space.parameters)}, not {', '.join(self.over)}"
            )


@dataclass(frozen=True, slots=True)
class Slice:
    """A metric along one parameter; None where no student can be built.

    Attributes:
        parameter: its name.
        values: in order.
        means: what is expected at each.
        lows: lower ends of the 90 % intervals of a new measurement.
        highs: upper ends.
    """

    parameter: str
    values: Sequence[Value]
    means: Sequence[float | None]
    lows: Sequence[float | None]
    highs: Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Surface:
    """A metric over two parameters.

    Attributes:
        parameters: the one along rows and the one along columns.
        rows: values of the first.
        columns: values of the second.
        means: one list a row; None where no student can be built.
        lows: lower ends of the 90 % intervals, likewise.
        highs: upper ends, likewise.
    """

    parameters: tuple[str, str]
    rows: Sequence[Value]
    columns: Sequence[Value]
    means: Sequence[Sequence[float | None]]
    lows: Sequence[Sequence[float | None]]
    highs: Sequence[Sequence[float | None]]


@dataclass(frozen=True, slots=True)
class Cuts:
    """The answer to a cut.

    Attributes:
        metric: that was asked for.
        slices: along each parameter; empty for a surface, and without a model.
        surface: None unless one was asked for and there is a model.
        missing: different configurations still to be measured before there is a model of the metric.
        is_exact: whether the metric follows from the configuration by formula.
        trials: completed trials the model was shown.
        refused: why there is no model, where it could not be fitted.
    """

    metric: str
    slices: Sequence[Slice] = field(default_factory=list)
    surface: Surface | None = None
    missing: int = 0
    is_exact: bool = False
    trials: int = 0
    refused: str | None = None


def cut(models: Models, asked: Cut) -> Cuts:
    """Cut through fitted models.

    Args:
        models: asked for the metric.
        asked: a checked one.
    """
    if asked.metric not in models.known and asked.metric not in models.learned:
        return Cuts(
            asked.metric,
            missing=models.missing.get(asked.metric, 0),
            refused=models.refused.get(asked.metric),
        )
    is_exact = asked.metric in models.known
    shown = 0 if is_exact else len(models.shown(asked.metric))
    if asked.over:
        surface = _surface(models, asked, asked.over[0], asked.over[1])
        return Cuts(asked.metric, surface=surface, is_exact=is_exact, trials=shown)
    slices = [_slice(models, asked, name) for name in models.problem.space.parameters]
    return Cuts(asked.metric, slices=slices, is_exact=is_exact, trials=shown)


def grid(parameter: FloatParameter | IntegerParameter | CategoricalParameter, most: int) -> list[Value]:
    """Values of a parameter in order, both ends among them: all there are, or ``most`` that are evenly spread."""
    match parameter:
        case CategoricalParameter(values=values):
            return list(values)
        case IntegerParameter(low=low, high=high) if high - low < most:
            return list(range(low, high + 1))
    places = [step / (most - 1) for step in range(most)]
    return list(dict.fromkeys(parameter.from_unit(place) for place in places))


def _slice(models: Models, asked: Cut, name: str) -> Slice:
    values = grid(models.problem.space.parameters[name], SLICE_POINTS)
    means, lows, highs = _predicted(models, asked, [{name: value} for value in values])
    return Slice(name, values, means, lows, highs)


def _surface(models: Models, asked: Cut, up: str, across: str) -> Surface:
    parameters = models.problem.space.parameters
    rows, columns = (grid(parameters[name], SURFACE_POINTS) for name in (up, across))
    changes = [{up: row, across: column} for row in rows for column in columns]
    width = len(columns)
    means, lows, highs = (
        [part[start : start + width] for start in range(0, len(changes), width)]
        for part in _predicted(models, asked, changes)
    )
    return Surface((up, across), rows, columns, means, lows, highs)


_Ends = tuple[list[float | None], list[float | None], list[float | None]]


def _predicted(models: Models, asked: Cut, changes: Sequence[Configuration]) -> _Ends:
    """Means and intervals of the centre with some changes."""
    configurations = [models.problem.space.canonical({**asked.centre, **change}) for change in changes]
    legal = [place for place, one in enumerate(configurations) if models.problem.is_legal(one)]
    found: _Ends = ([None] * len(changes), [None] * len(changes), [None] * len(changes))
    if not legal:
        return found
    means, deviations = models.predict([asked.metric], [configurations[place] for place in legal])
    for place, mean, deviation in zip(legal, means[:, 0], deviations[:, 0], strict=True):
        estimate = models.estimate(asked.metric, float(mean), float(deviation))
        for part, value in zip(found, (estimate.mean, estimate.low, estimate.high), strict=True):
            part[place] = value if math.isfinite(value) else None
    return found
