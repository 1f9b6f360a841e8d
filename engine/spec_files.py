"""Specifications as TOML: reading with errors that name line and field, writing, presets, and overrides."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

import tomli_w
from pydantic import ValidationError

from engine.errors import SpecificationError, UnknownNameError
from engine.experiment import ExperimentSpec, FieldError
from engine.toml_lines import FieldPath, field_lines, line_of

_PARAMETER_KINDS = {"float", "int", "categorical"}
_VALUE_KINDS = {"float", "int", "str"}


def parse_spec(text: str, source: str = "specification") -> ExperimentSpec:
    """The specification a TOML text describes.

    Args:
        text: the TOML.
        source: what to call it in messages, such as the file's path.

    Raises:
        SpecificationError: naming every line and field at fault.
    """
    return _validated(_document(text, source), text, source)


def read_spec(path_or_preset: str | Path, overrides: Mapping[str, Any] | None = None) -> ExperimentSpec:
    """The specification in a TOML file, or the preset of that name, with dotted overrides applied.

    Tables of words that stand beside a file, as ``[[agora.transformations]]`` may name them, are found from there.

    Raises:
        SpecificationError: when it is malformed or impossible.
        UnknownNameError: when there is neither such a file nor such a preset.
    """
    name = str(path_or_preset)
    path = Path(name).expanduser()
    if path.is_file():
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise SpecificationError(f"{path} cannot be read as UTF-8 text: {error}") from error
        source = str(path)
    elif name in preset_names():
        text, source = preset_text(name), f"preset {name}"
    else:
        raise UnknownNameError(
            f"there is no file {name!r} and no preset of that name; presets: {', '.join(preset_names())}"
        )
    document = _document(text, source)
    if path.is_file():
        _find_tables(document, path.absolute().parent)
    for key, value in (overrides or {}).items():
        _set(document, key, value)
    return _validated(document, text, source)


def to_toml(spec: ExperimentSpec) -> str:
    """The specification as TOML, without the fields left at their default; ``parse_spec`` gives it back."""
    document = spec.model_dump(mode="json", exclude_defaults=True, exclude_none=True)
    for name, parameter in document.get("parameters", {}).items():
        parameter["type"] = spec.parameters[name].type
        document["parameters"][name] = dict(sorted(parameter.items(), key=lambda item: item[0] != "type"))
    for metric, data in zip(spec.metrics, document["metrics"], strict=True):
        data["role"] = metric.role
    scalars = {key: value for key, value in document.items() if not isinstance(value, dict)}
    tables = {key: value for key, value in document.items() if isinstance(value, dict)}
    metrics = {"metrics": scalars.pop("metrics")}
    return tomli_w.dumps({"name": spec.name, **scalars, **tables, **metrics})


def preset_names() -> tuple[str, ...]:
    """Names of the specifications that come with the program."""
    folder = resources.files("engine") / "presets"
    return tuple(
        sorted(item.name.removesuffix(".toml") for item in folder.iterdir() if item.name.endswith(".toml"))
    )


def preset_text(name: str) -> str:
    """TOML of a preset.

    Raises:
        UnknownNameError: when there is no such preset.
    """
    if name not in preset_names():
        raise UnknownNameError(f"no preset {name!r}; presets: {', '.join(preset_names())}")
    return (resources.files("engine") / "presets" / f"{name}.toml").read_text(encoding="utf-8")


def parse_overrides(settings: Iterable[str]) -> dict[str, Any]:
    """Overrides from ``key=value`` texts; values are read as TOML, and as plain text where that fails.

    Raises:
        SpecificationError: when a text has no ``=``.
    """
    overrides: dict[str, Any] = {}
    for setting in settings:
        key, separator, value = setting.partition("=")
        if not separator or not key.strip():
            raise SpecificationError(f"--set {setting!r}: write it as key=value, such as budget.trials=20")
        try:
            overrides[key.strip()] = tomllib.loads(f"value = {value}")["value"]
        except tomllib.TOMLDecodeError:
            overrides[key.strip()] = value
    return overrides


def _document(text: str, source: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SpecificationError(f"{source} is not valid TOML: {error}") from error


def _find_tables(document: dict[str, Any], folder: Path) -> None:
    """Write the tables of transformations in full that are named from the file's folder: a server runs elsewhere."""
    agora = document.get("agora")
    listed = agora.get("transformations") if isinstance(agora, dict) else None
    for item in listed if isinstance(listed, list) else ():
        table = item.get("table") if isinstance(item, dict) else None
        if isinstance(table, str) and (folder / table).is_file():
            item["table"] = str(folder / table)


def _set(document: dict[str, Any], dotted: str, value: Any) -> None:  # noqa: ANN401 - any TOML value
    *parents, last = dotted.split(".")
    table: Any = document
    for part in parents:
        table = _element(table, part, dotted)
    if not isinstance(table, dict):
        raise SpecificationError(f"--set {dotted}: {'.'.join(parents)} is not a table")
    table[last] = value


def _element(table: Any, part: str, dotted: str) -> Any:  # noqa: ANN401 - any TOML value
    """The table named ``part``; in a list of named tables, such as metrics, the one with that name."""
    if isinstance(table, dict):
        return table.setdefault(part, {})
    if isinstance(table, list):
        for element in table:
            if isinstance(element, dict) and element.get("name") == part:
                return element
    raise SpecificationError(f"--set {dotted}: there is no {part} to set a value in")


def _validated(document: dict[str, Any], text: str, source: str) -> ExperimentSpec:
    try:
        return ExperimentSpec.model_validate(document)
    except ValidationError as error:
        lines = field_lines(text)
        problems: dict[FieldPath, str] = {}
        for item in error.errors():
            path = _path(dict(item))
            # Of a value that may have several types, one complaint is enough.
            problems.setdefault(path, _problem(dict(item), path, lines))
        raise SpecificationError(f"{source}: " + "; ".join(problems.values())) from error


def _path(error: dict[str, Any]) -> FieldPath:
    """The field at fault, without the alternatives of unions that pydantic adds."""
    path: FieldPath = tuple(error["loc"])
    cause = (error.get("ctx") or {}).get("error")
    if isinstance(cause, FieldError):
        path += cause.path
    if len(path) > 2 and path[0] == "parameters" and path[2] in _PARAMETER_KINDS:
        path = (*path[:2], *path[3:])
    return path[:-1] if path and path[-1] in _VALUE_KINDS else path


def _problem(error: dict[str, Any], path: FieldPath, lines: dict[FieldPath, int]) -> str:
    cause = (error.get("ctx") or {}).get("error")
    line = line_of(lines, path)
    where = f"line {line}, " if line else ""
    message = str(cause) if cause is not None else error["msg"]
    shown = "" if cause is not None or isinstance(error["input"], dict) else f" (got {error['input']!r})"
    if error["type"].startswith("union_tag"):
        message = "needs type = 'float', 'int' or 'categorical'"
    if error["type"] == "extra_forbidden":
        message, shown = "there is no such field", ""
    return f"{where}{'.'.join(map(str, path)) or 'specification'}: {message}{shown}"
