"""The architectures and hyperparameter sets of a search space, as an extraction goes through them."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

from engine.errors import SettingError
from engine.parameters import (
    CategoricalParameter,
    Configuration,
    FloatParameter,
    IntegerParameter,
    Value,
    configuration_key,
)
from engine.space import SearchSpace

ARCHITECTURE = ("n_layers", "n_heads", "hidden_size", "intermediate_size")
"""Parameters that make an architecture: the papers' D, A, H and I. All others make hyperparameter sets."""

MAX_COMBINATIONS = 20_000
"""Combinations, before the rules, up to which a space is listed."""


def architectures(space: SearchSpace, fixed: Mapping[str, Value] | None = None) -> list[Configuration]:
    """Every legal architecture, the last parameter changing fastest.

    Legal is what meets the rules and, where both are given, has a ``hidden_size`` that its ``n_heads`` divide.

    Args:
        space: parameters and rules.
        fixed: architecture parameters that are not searched.

    Raises:
        SettingError: There is none, or the space is infinite or too large to be listed.
    """
    listed = _combinations(space, [name for name in space.parameters if name in ARCHITECTURE])
    found = [point for point in listed if _divides({**(fixed or {}), **point})]
    if not found:
        raise SettingError("no architecture of the space meets the rules; change the rules or the ranges")
    return found


def hyperparameter_sets(space: SearchSpace) -> list[Configuration]:
    """Every combination of the parameters that make no architecture; a single empty one where there are none.

    Raises:
        SettingError: as for ``architectures``.
    """
    found = _combinations(space, [name for name in space.parameters if name not in ARCHITECTURE])
    if not found:
        raise SettingError(
            "no combination of the hyperparameters meets the rules; change the rules or the values"
        )
    return found


def architecture_of(configuration: Mapping[str, Value]) -> Configuration:
    """The architecture's part of a configuration."""
    return {name: value for name, value in configuration.items() if name in ARCHITECTURE}


def _combinations(space: SearchSpace, names: Sequence[str]) -> list[Configuration]:
    values = [_values(name, space.parameters[name]) for name in names]
    count = 1
    for choices in values:
        count *= len(choices)
    if count > MAX_COMBINATIONS:
        raise SettingError(
            f"{' x '.join(names)} have {count:,} combinations; an extraction lists at most {MAX_COMBINATIONS:,}: "
            "give fewer values, with type = 'categorical'"
        )
    own = SearchSpace(
        {name: space.parameters[name] for name in names},
        tuple(rule for rule in space.rules if rule.names and rule.names <= set(names)),
        {name: when for name, when in space.conditions.items() if name in names},
    )
    points = (own.canonical(dict(zip(names, point, strict=True))) for point in itertools.product(*values))
    return list({configuration_key(point): point for point in points if own.meets_rules(point)}.values())


def _values(
    name: str, parameter: FloatParameter | IntegerParameter | CategoricalParameter
) -> Sequence[Value]:
    match parameter:
        case FloatParameter():
            raise SettingError(
                f"{name} takes any number in a range, but an extraction goes through lists; write type = 'categorical' "
                f"with values = [{parameter.low:g}, {parameter.high:g}]"
            )
        case IntegerParameter():
            # Never more than are needed to see that they are too many.
            return range(parameter.low, min(parameter.high, parameter.low + MAX_COMBINATIONS) + 1)
        case CategoricalParameter():
            return parameter.values


def _divides(architecture: Mapping[str, Value]) -> bool:
    """Whether the heads share the width evenly; 0 stands for the maximum point's, which is not known here."""
    hidden, heads = int(architecture.get("hidden_size", 0)), int(architecture.get("n_heads", 0))
    return not (hidden and heads) or hidden % heads == 0


def check_rules(space: SearchSpace) -> None:
    """See that every rule and condition is about architectures or about hyperparameters, never about both.

    Raises:
        SettingError: One mixes them: the architectures could not be sorted once for all hyperparameter sets then.
    """
    owners = [(rule.text, rule.names) for rule in space.rules]
    owners += [(when.rule.text, when.rule.names | {name}) for name, when in space.conditions.items()]
    for text, names in owners:
        shape = names & set(ARCHITECTURE)
        if shape and names != shape:
            raise SettingError(
                f"{text!r} mixes the architecture ({', '.join(sorted(shape))}) with hyperparameters "
                f"({', '.join(sorted(names - shape))}); an extraction needs rules about either"
            )
