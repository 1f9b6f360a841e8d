"""Files made of a query's result: CSV for spreadsheets, JSON for programs, Parquet and Arrow for notebooks."""

from __future__ import annotations

import csv
import io
import json
import math
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from storage.sql import QueryResult

_ARROW_TYPES = {
    "BOOLEAN": pa.bool_(),
    "TINYINT": pa.int8(),
    "SMALLINT": pa.int16(),
    "INTEGER": pa.int32(),
    "BIGINT": pa.int64(),
    "UTINYINT": pa.uint8(),
    "USMALLINT": pa.uint16(),
    "UINTEGER": pa.uint32(),
    "UBIGINT": pa.uint64(),
    "FLOAT": pa.float32(),
    "DOUBLE": pa.float64(),
    "VARCHAR": pa.string(),
    "JSON": pa.string(),
    "DATE": pa.date32(),
    "TIMESTAMP": pa.timestamp("us"),
}


def to_csv(result: QueryResult) -> str:
    """Comma-separated text with a header; NULL is an empty field, lists and structures are JSON."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(result.columns)
    for row in result.rows:
        writer.writerow([_csv_field(cell) for cell in row])
    return text.getvalue()


def to_json(result: QueryResult) -> str:
    """A list of objects, one a row; NaN and infinities are null, times are ISO 8601, bytes are hexadecimal."""
    records = [dict(zip(result.columns, map(json_value, row), strict=True)) for row in result.rows]
    return json.dumps(records, ensure_ascii=False, allow_nan=False)


def to_parquet(result: QueryResult) -> bytes:
    """A Parquet file; values that Arrow has no type for become text."""
    buffer = io.BytesIO()
    pq.write_table(_table(result), buffer, compression="zstd")
    return buffer.getvalue()


def to_arrow(result: QueryResult) -> bytes:
    """An Arrow IPC file, also known as Feather; values that Arrow has no type for become text."""
    buffer = io.BytesIO()
    table = _table(result)
    with pa.ipc.new_file(buffer, table.schema) as writer:
        writer.write_table(table)
    return buffer.getvalue()


def _table(result: QueryResult) -> pa.Table:
    cells = list(zip(*result.rows, strict=True)) if result.rows else [() for _ in result.columns]
    arrays = [_arrow_array(values, kind) for values, kind in zip(cells, result.types, strict=True)]
    return pa.Table.from_arrays(arrays, names=result.columns)


def _csv_field(cell: object) -> object:
    if cell is None:
        return ""
    value = cell if isinstance(cell, float) else json_value(cell)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (bool, list, dict)) else value


def json_value(cell: Any) -> Any:  # noqa: ANN401
    """The nearest thing to ``cell`` that JSON has."""
    match cell:
        case None | bool() | int() | str():
            return cell
        case float() | Decimal():
            return float(cell) if math.isfinite(cell) else None
        case datetime() | date() | time():
            return cell.isoformat()
        case bytes():
            return cell.hex()
        case dict():
            return {str(key): json_value(value) for key, value in cell.items()}
        case list() | tuple():
            return [json_value(value) for value in cell]
        case _:
            return str(cell)


def _arrow_array(values: tuple[Any, ...], kind: str) -> pa.Array:
    known = _ARROW_TYPES.get(kind)
    try:
        array = pa.array(values, type=known)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError):
        return pa.array([None if value is None else str(value) for value in values], type=pa.string())
    return array.cast(pa.string()) if pa.types.is_null(array.type) else array
