"""Sees that the values a specification gives a setting are such that a training can be given."""

from __future__ import annotations

from pydantic import ValidationError

from engine.distill.hyperparameters import hyperparameters, kind_of
from engine.parameters import CategoricalParameter, Parameter, Value
from engine.spec_sections import FieldError


def check_values(name: str, parameter: Parameter) -> None:
    """See that every value a parameter may take can be given to a training.

    Raises:
        FieldError: naming the value at fault.
    """
    match parameter:
        case CategoricalParameter(values=values):
            for index, value in enumerate(values):
                check_value(("parameters", name, "values", index), name, value)
        case _:
            if kind_of(name) == "choice":
                raise FieldError(("parameters", name, "type"), "takes words only; write type = 'categorical'")
            if parameter.type == "float" and kind_of(name) == "int":
                raise FieldError(("parameters", name, "type"), "takes whole numbers only; write type = 'int'")
            for bound in ("low", "high"):
                check_value(("parameters", name, bound), name, getattr(parameter, bound))


def check_value(path: tuple[str | int, ...], name: str, value: Value) -> None:
    """See that a training can be given a value.

    Args:
        path: the field to name in an error.
        name: of the setting.
        value: for it.

    Raises:
        FieldError: it cannot.
    """
    try:
        hyperparameters({}, {name: value})
    except ValidationError as error:
        raise FieldError(path, f"{value} is impossible: {error.errors()[0]['msg']}") from error
