"""Transformations by name: registering new ones, and reading their settings from a specification."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, SerializeAsAny

from engine.agora.transformations.interface import TransformationSettings
from engine.spec_sections import FieldError

Settings = TypeVar("Settings", bound=type[TransformationSettings])

_REGISTERED: dict[str, type[TransformationSettings]] = {}
TRANSFORMATIONS: Mapping[str, type[TransformationSettings]] = MappingProxyType(_REGISTERED)
"""Settings of every known transformation, by its name. The program's own come from ``builtin``."""


def register(name: str) -> Callable[[Settings], Settings]:
    """Makes a transformation known: a decorator of the class of its settings.

    Args:
        name: what it is called in a specification.

    Raises:
        ValueError: The name is taken.
    """

    def registered(settings: Settings) -> Settings:
        if name in _REGISTERED:
            raise ValueError(f"there is already a transformation {name!r}")
        _REGISTERED[name] = settings
        return settings

    return registered


def _read(value: Any) -> Any:  # noqa: ANN401 - anything may stand in a file
    if isinstance(value, TransformationSettings):
        return value
    known = ", ".join(TRANSFORMATIONS)
    if not isinstance(value, Mapping) or "name" not in value:
        raise ValueError(f"needs a name: one of {known}")
    settings = TRANSFORMATIONS.get(value["name"]) if isinstance(value["name"], str) else None
    if settings is None:
        raise FieldError(("name",), f"no such transformation {value['name']!r}; known: {known}")
    return settings.model_validate(value)


AnyTransformation = Annotated[SerializeAsAny[TransformationSettings], BeforeValidator(_read)]
"""A field of a specification that takes the settings of any known transformation."""
