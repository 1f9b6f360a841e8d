"""Reads tables of any usual form (TSV, CSV, JSON lines, Parquet, gzip) into rows that know their line."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from engine.errors import DatasetError
from engine.tasks.sequence.definition import Definition

GZIP_MAGIC = b"\x1f\x8b"
SUFFIXES = (".tsv", ".csv", ".txt", ".jsonl", ".json", ".parquet")
"""Suffixes of data files; all but Parquet may be followed by ".gz"."""
# One tab-separated line is one row there, whatever quotation marks it holds.
PLAIN_SUFFIXES = (".tsv", ".txt")


class Line(NamedTuple):
    """One row of a table: where it stands, in words, and its values by column."""

    where: str
    values: Mapping[str, Any]


class Table(NamedTuple):
    """Rows of one source."""

    source: str
    lines: Sequence[Line]


def read_table(path: Path, definition: Definition) -> Table:
    """Read a file in the form its suffix and its first characters tell.

    Raises:
        DatasetError: The file is missing, unreadable, damaged, empty, or a row has the wrong number of fields.
    """
    content = _read_bytes(path)
    suffix = next((item for item in reversed(path.suffixes) if item != ".gz"), "")
    if suffix == ".parquet":
        return Table(str(path), _parquet(content, path))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise DatasetError(
            f"{path}, line {line}: not text in UTF-8 ({error.reason}); save the file as UTF-8"
        ) from error
    if not text.strip():
        raise DatasetError(f"{path} is empty; download it again or give another file")
    if text.lstrip()[0] in "{[" and suffix not in (".tsv", ".csv"):
        return Table(str(path), list(_json_lines(text, path)))
    if suffix in (".jsonl", ".json"):
        raise DatasetError(f"{path}, line 1: neither an object nor a list of them; JSON lines are expected")
    plain = suffix in PLAIN_SUFFIXES
    quoted = definition.quoted if definition.quoted is not None else not plain
    delimiter = definition.delimiter or ("\t" if plain else ",")
    return Table(str(path), list(_delimited(text, path, definition, delimiter, quoted)))


def _read_bytes(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise DatasetError(f"no file at {path} (looked at {path.absolute()}); check the path") from error
    except OSError as error:
        raise DatasetError(f"{path} cannot be read: {error}") from error
    if not content.startswith(GZIP_MAGIC):
        return content
    try:
        return gzip.decompress(content)
    except (EOFError, OSError, zlib.error) as error:
        raise DatasetError(f"{path} is damaged gzip ({error}); download it again") from error


def _parquet(content: bytes, path: Path) -> list[Line]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        rows = pq.read_table(io.BytesIO(content)).to_pylist()
    except (OSError, pa.ArrowException, ValueError) as error:
        raise DatasetError(f"{path} is not a Parquet file or is damaged: {error}") from error
    return [Line(f"{path}, row {number}", row) for number, row in enumerate(rows, start=1)]


def _json_lines(text: str, path: Path) -> Iterator[Line]:
    if text.lstrip().startswith("["):
        rows = _parse(text, path, 1)
        if not isinstance(rows, list):
            raise DatasetError(f"{path}: a list of objects is expected")
        parsed: Iterator[tuple[int, object]] = enumerate(rows, start=1)
    else:
        lines = enumerate(text.split("\n"), start=1)
        parsed = ((number, _parse(line, path, number)) for number, line in lines if line.strip())
    for number, row in parsed:
        if not isinstance(row, dict):
            raise DatasetError(f"{path}, line {number}: an object is expected, found {row!r:.40}")
        yield Line(f"{path}, line {number}", row)


def _parse(text: str, path: Path, line: int) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise DatasetError(
            f"{path}, line {line + error.lineno - 1}: not JSON, {error.msg} at column {error.colno}"
        ) from error
    except RecursionError as error:
        raise DatasetError(f"{path}, line {line}: nested too deeply to be read") from error


def _delimited(text: str, path: Path, definition: Definition, delimiter: str, quoted: bool) -> Iterator[Line]:
    rows = _quoted_rows(text, path, delimiter) if quoted else _plain_rows(text, delimiter)
    first_line, first = next(rows)
    columns = definition.columns or _headless_columns(definition, first)
    if columns is None:
        columns = tuple(name.strip() for name in first)
        if len(set(columns)) < len(columns):
            raise DatasetError(f"{path}, line {first_line}: a column is named twice ({', '.join(columns)})")
    else:
        yield _line(path, first_line, first, columns)
    width = len(columns) - (columns[-1] == "*")
    for number, fields in rows:
        if definition.drop_short and len(fields) < width:
            continue
        yield _line(path, number, fields, columns)


def _line(path: Path, number: int, fields: Sequence[str], columns: Sequence[str]) -> Line:
    more_follow = columns[-1] == "*"
    width = len(columns) - more_follow
    if len(fields) < width or (len(fields) > width and not more_follow):
        raise DatasetError(
            f"{path}, line {number}: {len(fields)} fields where {width} are expected "
            f"({', '.join(columns[:width])}); mend the line, or check delimiter and quotation marks"
        )
    return Line(f"{path}, line {number}", dict(zip(columns[:width], fields[:width], strict=True)))


def _headless_columns(definition: Definition, first: Sequence[str]) -> tuple[str, ...] | None:
    """Columns of a file without a header: its first row names none of them and has as many fields."""
    for columns in definition.headless:
        width = len(columns) - (columns[-1] == "*")
        enough = len(first) >= width if columns[-1] == "*" else len(first) == width
        if enough and not set(columns) & {name.strip() for name in first}:
            return columns
    return None


def _plain_rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    for number, line in enumerate(text.rstrip("\r\n").split("\n"), start=1):
        yield number, line.removesuffix("\r").split(delimiter)


def _quoted_rows(text: str, path: Path, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    start = 1
    try:
        for fields in reader:
            if fields:
                yield start, fields
            start = reader.line_num + 1
    except csv.Error as error:
        raise DatasetError(f"{path}, line {start}: {error}; check delimiter and quotation marks") from error
