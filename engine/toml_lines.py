"""Finds the line of a TOML text on which a field is set, so that an error can point at it."""

from __future__ import annotations

import re

FieldPath = tuple[str | int, ...]

_WORD = r"""(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')"""
_DOTTED = rf"({_WORD}(?:\s*\.\s*{_WORD})*)"
_TABLE = re.compile(rf"^\s*(\[\[?)\s*{_DOTTED}\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(rf"^\s*{_DOTTED}\s*=")


def field_lines(text: str) -> dict[FieldPath, int]:
    """Line number (from 1) of every table header and key of a TOML text.

    Keys of inline tables and elements of arrays have no entry of their own; ``line_of`` falls back to their
    parent. Elements of an array of tables carry their index.
    """
    lines: dict[FieldPath, int] = {}
    counts: dict[FieldPath, int] = {}
    table: FieldPath = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _TABLE.match(line):
            table = _parts(header[2])
            if header[1] == "[[":
                lines.setdefault(table, number)
                index = counts.get(table, 0)
                counts[table] = index + 1
                table = (*table, index)
            else:
                table = _inside_arrays(table, counts)
            lines.setdefault(table, number)
        elif key := _KEY.match(line):
            lines.setdefault((*table, *_parts(key[1])), number)
    return lines


def line_of(lines: dict[FieldPath, int], path: FieldPath) -> int | None:
    """Line of the field, or of the nearest field around it that has one."""
    for length in range(len(path), 0, -1):
        if (line := lines.get(path[:length])) is not None:
            return line
    return None


def _parts(dotted: str) -> FieldPath:
    return tuple(part.strip("\"'") for part in re.findall(_WORD, dotted))


def _inside_arrays(table: FieldPath, counts: dict[FieldPath, int]) -> FieldPath:
    """The path with the index of the last element behind every part that is an array of tables."""
    path: FieldPath = ()
    for part in table:
        path = (*path, part)
        if path in counts:
            path = (*path, counts[path] - 1)
    return path
