"""Finds and reads text files for pre-training, plain, packed or JSON lines; a passage is a line."""

from __future__ import annotations

import gzip
import json
import lzma
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from engine.errors import DatasetError

SUFFIXES = tuple(form + packing for form in (".txt", ".jsonl") for packing in ("", ".gz", ".xz"))
WILDCARDS = "*?["


def is_text_path(source: str) -> bool:
    """Tell whether a source means files: it has wildcards or a known suffix, exists, or starts with /, . or ~."""
    if (
        source.endswith(SUFFIXES)
        or source.startswith(("/", ".", "~"))
        or any(sign in source for sign in WILDCARDS)
    ):
        return True
    return bool(source) and Path(source).exists()


def find_text_files(source: str) -> tuple[Path, ...]:
    """Text files behind a file name, a folder (with the folders in it) or a pattern such as ``news/**/*.txt.xz``.

    Returns:
        The files in the order of their names.

    Raises:
        DatasetError: There are none, or a named file is of an unknown kind.
    """
    path = Path(source).expanduser()
    kinds = ", ".join(SUFFIXES)
    if path.is_dir():
        found = [item for item in path.rglob("*") if item.is_file() and item.name.endswith(SUFFIXES)]
        if not found:
            raise DatasetError(f"the folder {path} holds no text; files of these kinds are read: {kinds}")
    elif path.exists():
        if not path.name.endswith(SUFFIXES):
            raise DatasetError(f"{path} is not of a kind that is read as text; name it one of: {kinds}")
        found = [path]
    elif any(sign in source for sign in WILDCARDS):
        found = [item for item in _matching(path) if item.name.endswith(SUFFIXES)]
        if not found:
            raise DatasetError(f"no text matches {source}; files of these kinds are read: {kinds}")
    else:
        raise DatasetError(f"the text {path} does not exist; check the path")
    return tuple(sorted(found))


def read_passages(path: Path, text_field: str = "text") -> Iterator[str]:
    """Passages of a file: its lines that are not empty, or those of the texts in a file of JSON lines.

    Args:
        path: a file of one of the kinds in ``SUFFIXES``.
        text_field: where JSON lines have their text.

    Raises:
        DatasetError: The file cannot be read, or is not what its name says.
    """
    json_lines = ".jsonl" in path.suffixes
    number = 0
    try:
        with _open(path) as file:
            for number, line in enumerate(file, start=1):
                texts = _text_of(line, path, number, text_field).split("\n") if json_lines else (line,)
                yield from (text.strip() for text in texts if not text.isspace() and text)
    except UnicodeDecodeError as error:
        raise DatasetError(f"{path} is not UTF-8 text after line {number} ({error}); convert it") from error
    except (OSError, EOFError, lzma.LZMAError) as error:
        raise DatasetError(f"{path} cannot be read as text ({error}); download it again") from error


def _matching(pattern: Path) -> list[Path]:
    """Files that a pattern means; the folders before its first wildcard are taken as they are."""
    parts = pattern.parts
    first = next(n for n, part in enumerate(parts) if any(sign in part for sign in WILDCARDS))
    return [item for item in Path(*parts[:first]).glob("/".join(parts[first:])) if item.is_file()]


def _open(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8")
    if path.suffix == ".xz":
        return lzma.open(path, "rt", encoding="utf-8")
    return path.open(encoding="utf-8")


def _text_of(line: str, path: Path, number: int, field: str) -> str:
    if not line.strip():
        return ""
    try:
        record = json.loads(line)
    except json.JSONDecodeError as error:
        raise DatasetError(f"{path}, line {number} is no JSON ({error}); give one record a line") from error
    text = record.get(field) if isinstance(record, dict) else None
    if not isinstance(text, str):
        raise DatasetError(
            f"{path}, line {number} has no text in the field {field!r}; name the field that has it"
        )
    return text
