"""Form fields made from the specification's own fields: type, choices, default and help text."""

from __future__ import annotations

import types
from dataclasses import dataclass
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from dashboard.launching.toml_edit import Path
from engine.experiment import ExperimentSpec

Kind = Literal["text", "whole", "number", "choice", "switch"]


@dataclass(frozen=True, slots=True)
class Field:
    """One scalar field of the specification.

    Attributes:
        path: where it stands.
        kind: how it is edited.
        default: its value where it is not set; None where it may be absent.
        help: its description.
        choices: allowed values of a choice.
    """

    path: Path
    kind: Kind
    default: Any
    help: str
    choices: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """Name in words."""
        return self.path[-1].replace("_", " ")


def field_at(*path: str) -> Field:
    """The field at a path.

    Raises:
        KeyError: when the specification has no such field.
    """
    model: type[BaseModel] = ExperimentSpec
    for part in path[:-1]:
        inner = model.model_fields[part].annotation
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            raise KeyError(".".join(path))
        model = inner
    return _field(path, model.model_fields[path[-1]])


def section_fields(section: str, *, leave_out: frozenset[str] = frozenset()) -> list[Field]:
    """All fields of a section in their order."""
    model = ExperimentSpec.model_fields[section].annotation
    assert isinstance(model, type)
    assert issubclass(model, BaseModel)
    return [
        _field((section, name), info) for name, info in model.model_fields.items() if name not in leave_out
    ]


def _field(path: Path, info: FieldInfo) -> Field:
    annotation = info.annotation
    if get_origin(annotation) in (Union, types.UnionType):
        annotation = next(item for item in get_args(annotation) if item is not type(None))
    text = info.description or ""
    if get_origin(annotation) is Literal:
        return Field(path, "choice", info.default, text, tuple(map(str, get_args(annotation))))
    kinds: dict[Any, Kind] = {int: "whole", float: "number", bool: "switch"}
    return Field(path, kinds.get(annotation, "text"), info.default, text)


def shown(field: Field, value: Any) -> Any:  # noqa: ANN401 - any TOML value
    """A document's value as the field's widget takes it; None where it is of another type."""
    value = field.default if value is None else value
    match field.kind:
        case "whole":
            return value if isinstance(value, int) and not isinstance(value, bool) else None
        case "number":
            return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
        case "choice":
            return value if value in field.choices else None
        case "switch":
            return value is True
    return value if isinstance(value, str) else ""
