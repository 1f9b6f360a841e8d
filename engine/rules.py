"""Feasibility rules of a search space: boolean expressions over parameter names, read without ``eval``."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.errors import SettingError

_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda left, right: left in right,
    ast.NotIn: lambda left, right: left not in right,
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One condition every configuration must meet, such as ``hidden_size % n_heads == 0``.

    Allowed are names of parameters, numbers, strings, tuples, arithmetic (``+ - * / // %``), comparisons,
    ``in``, ``and``, ``or``, ``not``.

    Raises:
        SettingError: when the text is not such an expression.
    """

    text: str
    _tree: ast.expr = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        try:
            tree = ast.parse(self.text, mode="eval").body
        except SyntaxError as error:
            raise SettingError(f"rule {self.text!r} is not an expression: {error.msg}") from error
        object.__setattr__(self, "_tree", tree)
        for node in ast.walk(tree):
            if not _is_allowed(node):
                raise SettingError(
                    f"rule {self.text!r} uses {type(node).__name__}; only parameter names, numbers, "
                    "arithmetic, comparisons, and/or/not/in may stand in a rule"
                )

    @property
    def names(self) -> frozenset[str]:
        """Parameter names the rule reads."""
        return frozenset(node.id for node in ast.walk(self._tree) if isinstance(node, ast.Name))

    def check_names(self, known: Collection[str]) -> None:
        """Raise a SettingError when the rule reads a name that is not a parameter."""
        unknown = sorted(self.names - set(known))
        if unknown:
            raise SettingError(
                f"rule {self.text!r} reads {', '.join(unknown)}, which is no parameter; "
                f"known are {', '.join(sorted(known))}"
            )

    def allows(self, parameters: Mapping[str, Any]) -> bool:
        """Whether the configuration meets the rule; a division by zero counts as not meeting it.

        Raises:
            SettingError: when the rule sets a number against a text.
        """
        try:
            return bool(_value(self._tree, parameters))
        except ZeroDivisionError:
            return False
        except TypeError as error:
            raise SettingError(
                f"rule {self.text!r} cannot be worked out ({error}); compare numbers with numbers, texts with texts"
            ) from error


def _is_allowed(node: ast.AST) -> bool:
    if isinstance(node, ast.operator):
        return type(node) in _BINARY
    if isinstance(node, ast.cmpop):
        return type(node) in _COMPARE
    if isinstance(node, ast.Constant):
        return isinstance(node.value, (int, float, str))
    return isinstance(
        node,
        (
            ast.BoolOp,
            ast.boolop,
            ast.BinOp,
            ast.UnaryOp,
            ast.Not,
            ast.USub,
            ast.Compare,
            ast.Name,
            ast.Load,
            ast.Tuple,
        ),
    )


def _value(node: ast.expr, parameters: Mapping[str, Any]) -> Any:  # noqa: ANN401 - numbers, strings, truth values
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name):
            return parameters[name]
        case ast.Tuple(elts=elements):
            return tuple(_value(element, parameters) for element in elements)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return not _value(operand, parameters)
        case ast.UnaryOp(operand=operand):
            return -_value(operand, parameters)
        case ast.BinOp(left=left, op=op, right=right):
            return _BINARY[type(op)](_value(left, parameters), _value(right, parameters))
        case ast.BoolOp(op=ast.And(), values=values):
            return all(_value(value, parameters) for value in values)
        case ast.BoolOp(values=values):
            return any(_value(value, parameters) for value in values)
        case ast.Compare(left=first, ops=ops, comparators=rest):
            left = _value(first, parameters)
            for comparison, comparator in zip(ops, rest, strict=True):
                right = _value(comparator, parameters)
                if not _COMPARE[type(comparison)](left, right):
                    return False
                left = right
            return True
    raise AssertionError(f"unchecked node {node!r}")
