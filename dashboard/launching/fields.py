"""Form fields made from the specification's own fields: type, choices, default and help text."""

from __future__ import annotations

import types
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from dashboard.launching.toml_edit import Path
from engine.experiment import ExperimentSpec

Kind = Literal["text", "whole", "number", "choice", "switch", "maybe", "list"]
YES, NO = "yes", "no"
"""What a switch that may also be left open can be set to."""


@dataclass(frozen=True, slots=True)
class Field:
    """One scalar field of the specification.

    Attributes:
        path: where it stands.
        kind: how it is edited; ``maybe`` is a switch that may be left open, ``list`` words with commas between.
        default: its value where it is not set; None where it may be absent.
        help: its description.
        choices: allowed values of a choice.
        open_choice: whether a choice may be a list of whole numbers instead.
        whole_items: whether the items of a list are whole numbers.
    """

    path: Path
    kind: Kind
    default: Any
    help: str
    choices: tuple[str, ...] = ()
    open_choice: bool = False
    whole_items: bool = False

    @property
    def label(self) -> str:
        """Name in words."""
        return self.path[-1].replace("_", " ")


def field_at(*path: str) -> Field:
    """The field at a path.

    Raises:
        KeyError: when the specification has no such field.
    """
    model = _section(*path[:-1])
    return _field(path, model.model_fields[path[-1]])


def section_fields(*section: str, leave_out: frozenset[str] = frozenset()) -> list[Field]:
    """All fields of a section, or of a section in a section, in their order."""
    return [
        _field((*section, name), info)
        for name, info in _section(*section).model_fields.items()
        if name not in leave_out
    ]


def _section(*path: str) -> type[BaseModel]:
    model: type[BaseModel] = ExperimentSpec
    for part in path:
        inner = _without_none(model.model_fields[part].annotation)
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            raise KeyError(".".join(path))
        model = inner
    return model


def _field(path: Path, info: FieldInfo) -> Field:
    annotation, text = info.annotation, info.description or ""
    parts = [item for item in get_args(annotation) if item is not type(None)]
    if get_origin(annotation) in (Union, types.UnionType):
        if parts == [bool]:
            return Field(path, "maybe", info.default, text, (YES, NO))
        # Rules by name, or numbers instead of them.
        is_open = len(parts) > 1
        annotation = parts[0]
    else:
        is_open = False
    if get_origin(annotation) is Literal:
        return Field(path, "choice", info.default, text, tuple(map(str, get_args(annotation))), is_open)
    if get_origin(annotation) is tuple:
        return Field(path, "list", info.default, text, whole_items=any(map(_is_whole, get_args(annotation))))
    kinds: dict[Any, Kind] = {int: "whole", float: "number", bool: "switch"}
    return Field(path, kinds.get(annotation, "text"), info.default, text)


def _is_whole(annotation: Any) -> bool:  # noqa: ANN401 - any type
    """Whether it is a whole number, within bounds or not."""
    return annotation is int or (get_origin(annotation) is Annotated and get_args(annotation)[0] is int)


def _without_none(annotation: Any) -> Any:  # noqa: ANN401 - any type
    if get_origin(annotation) in (Union, types.UnionType):
        return next(item for item in get_args(annotation) if item is not type(None))
    return annotation


def shown(field: Field, value: Any) -> Any:  # noqa: ANN401 - any TOML value
    """A document's value as the field's widget takes it; None where it is of another type, or left open."""
    value = field.default if value is None else value
    match field.kind:
        case "whole":
            return value if isinstance(value, int) and not isinstance(value, bool) else None
        case "number":
            return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
        case "choice":
            if field.open_choice and isinstance(value, (list, tuple)):
                return _joined(value)
            return value if value in field.choices else None
        case "switch":
            return value is True
        case "maybe":
            return {True: YES, False: NO}.get(value) if isinstance(value, bool) else None
        case "list":
            return _joined(value) if isinstance(value, (list, tuple)) else ""
    return value if isinstance(value, str) else ""


def written(field: Field, entered: Any) -> Any:  # noqa: ANN401 - any TOML value
    """What a widget's value stands for in the document; None where the field is to be left out.

    What cannot be of the field's type stays as it was entered, to be found at fault there.
    """
    if entered is None or entered == "":
        return None if field.default in (None, "", ()) else field.default
    match field.kind:
        case "maybe":
            return entered == YES
        case "list":
            return _items(entered, whole=field.whole_items)
        case "choice" if field.open_choice and entered not in field.choices:
            return _items(entered, whole=True)
    return entered


def _joined(values: Any) -> str:  # noqa: ANN401 - a list or tuple
    return ", ".join(map(str, values))


def _items(text: str, *, whole: bool) -> list[int | str]:
    items = [item.strip() for item in str(text).split(",") if item.strip()]
    return [int(item) if whole and item.lstrip("-").isdigit() else item for item in items]
