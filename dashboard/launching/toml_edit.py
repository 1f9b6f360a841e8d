"""Changes single fields of a TOML text and leaves everything else, comments included, as it was written."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from typing import Any

import tomli_w

from engine.toml_lines import field_lines

Path = tuple[str, ...]
Document = dict[str, Any]

_HEADER = re.compile(r"^\s*\[")


def read(text: str) -> Document | None:
    """The document, or None where the text is not valid TOML."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None


def value_at(document: Mapping[str, Any], path: Path) -> Any:  # noqa: ANN401 - any TOML value
    """The value of a field, None where it is not set."""
    found: Any = document
    for part in path:
        if not isinstance(found, Mapping) or part not in found:
            return None
        found = found[part]
    return found


def with_value(text: str, path: Path, value: Any) -> str:  # noqa: ANN401 - any TOML value
    """The text with a field set.

    Args:
        text: valid TOML.
        path: the field; tables on the way are made if need be.
        value: a scalar, a list of scalars, or a table of these.
    """
    wanted = _document(text)
    table = wanted
    for part in path[:-1]:
        table = table.setdefault(part, {})
    if table.get(path[-1]) == value and type(table.get(path[-1])) is type(value):
        return text
    table[path[-1]] = value
    edit = _put_table if isinstance(value, Mapping) else _put_scalar
    return _checked(text, wanted, lambda lines: edit(lines, path, value))


def without(text: str, path: Path) -> str:
    """The text without a field or table; unchanged where there is none."""
    wanted = _document(text)
    parent = value_at(wanted, path[:-1]) if len(path) > 1 else wanted
    if not isinstance(parent, dict) or path[-1] not in parent:
        return text
    del parent[path[-1]]
    if not parent and len(path) == 2 and path[:-1] not in field_lines(text):
        # The table had no header of its own, so it goes with its last part.
        del wanted[path[0]]
    return _checked(text, wanted, lambda lines: _cut(lines, path))


def with_tables(text: str, name: str, tables: Sequence[Mapping[str, Any]]) -> str:
    """The text with an array of tables, such as ``[[metrics]]``, replaced."""
    wanted = _document(text)
    if wanted.get(name) == list(tables):
        return text
    wanted[name] = [dict(table) for table in tables]

    def edit(lines: list[str]) -> list[str]:
        heads = [
            n - 1 for path, n in field_lines("\n".join(lines)).items() if path[0] == name and len(path) == 2
        ]
        start = min(heads, default=len(lines))
        for head in sorted(heads, reverse=True):
            del lines[head : _end(lines, head)]
        return [*lines[:start], *_separated(lines[:start], _blocks(name, wanted[name])), *lines[start:]]

    return _checked(text, wanted, edit)


def _blocks(name: str, tables: Sequence[Mapping[str, Any]]) -> str:
    return "\n\n".join(
        "\n".join([f"[[{name}]]", *(f"{key} = {_written(cell)}" for key, cell in table.items())])
        for table in tables
    )


def _document(text: str) -> Document:
    return deepcopy(tomllib.loads(text))


def _checked(text: str, wanted: Document, edit: Callable[[list[str]], list[str]]) -> str:
    """The edited text if it says what is wanted, else the whole document written anew."""
    edited = "\n".join(edit(text.splitlines())).rstrip("\n") + "\n"
    return edited if read(edited) == wanted else tomli_w.dumps(wanted)


def _put_scalar(lines: list[str], path: Path, value: Any) -> list[str]:  # noqa: ANN401
    places = field_lines("\n".join(lines))
    written = _written(value)
    if path in places:
        at = places[path] - 1
        key, _, rest = lines[at].partition("=")
        comment = re.search(r"\s+#[^\"']*$", rest)
        lines[at] = f"{key.rstrip()} = {written}{comment.group() if comment else ''}"
        return lines
    line = f"{path[-1]} = {written}"
    if len(path) == 1 or path[:-1] in places:
        at = _end(lines, places[path[:-1]] - 1 if len(path) > 1 else -1)
        while at > 0 and not lines[at - 1].strip():
            at -= 1
        return [*lines[:at], line, *lines[at:]]
    return _put_block(lines, path[:-1], f"[{'.'.join(path[:-1])}]\n{line}")


def _written(value: Any) -> str:  # noqa: ANN401
    """A scalar, or a list of scalars on one line."""
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_written(item) for item in value)}]"
    return tomli_w.dumps({"x": value}).removeprefix("x = ").rstrip("\n")


def _put_table(lines: list[str], path: Path, value: Mapping[str, Any]) -> list[str]:
    places = field_lines("\n".join(lines))
    block = "\n".join([f"[{'.'.join(path)}]", *(f"{key} = {_written(cell)}" for key, cell in value.items())])
    if path in places:
        at = places[path] - 1
        end = _end(lines, at)
        return [*lines[:at], *block.rstrip("\n").splitlines(), "", *lines[end:]]
    return _put_block(lines, path, block)


def _put_block(lines: list[str], path: Path, block: str) -> list[str]:
    """Insert a new table behind its relatives, else at the end."""
    places = field_lines("\n".join(lines))
    relatives = [
        number - 1
        for known, number in places.items()
        if known[0] == path[0] and _HEADER.match(lines[number - 1])
    ]
    at = _end(lines, max(relatives)) if relatives else len(lines)
    return [*lines[:at], *_separated(lines[:at], block), *lines[at:]]


def _separated(before: list[str], block: str) -> list[str]:
    gap = [""] if before and before[-1].strip() else []
    return [*gap, *block.rstrip("\n").splitlines(), ""]


def _cut(lines: list[str], path: Path) -> list[str]:
    places = field_lines("\n".join(lines))
    if path not in places:
        return lines
    at = places[path] - 1
    if _HEADER.match(lines[at]):
        del lines[at : _end(lines, at)]
    else:
        del lines[at]
    return lines


def _end(lines: list[str], head: int) -> int:
    """Index of the first line behind the table whose header is at ``head``; comments above the next stay with it."""
    at = head + 1
    while at < len(lines) and not _HEADER.match(lines[at]):
        at += 1
    while at > head + 1 and at < len(lines) and lines[at - 1].lstrip().startswith("#"):
        at -= 1
    return at
