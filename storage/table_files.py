"""Files made of Arrow tables: CSV for spreadsheets, JSON for programs, Parquet and Arrow for notebooks."""

from __future__ import annotations

import csv
import io
import json
from typing import Literal

import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq

from storage.result_formats import json_value

TableFormat = Literal["json", "csv", "parquet", "arrow"]
MEDIA_TYPES: dict[TableFormat, str] = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
    "arrow": "application/vnd.apache.arrow.file",
}
"""What a file of each format is called in HTTP."""


def table_file(table: pa.Table, form: TableFormat) -> bytes:
    """A table as a file.

    NULL is an empty field in CSV and null in JSON, as are NaN and infinities in JSON. Times are UTC, in ISO 8601 in
    JSON. Lists and structures become JSON text in CSV.
    """
    buffer = io.BytesIO()
    match form:
        case "json":
            rows = [{name: json_value(cell) for name, cell in row.items()} for row in table.to_pylist()]
            return json.dumps(rows, ensure_ascii=False, allow_nan=False).encode()
        case "csv":
            # Arrow quotes every name in a header.
            header = io.StringIO()
            csv.writer(header, lineterminator="\n").writerow(table.column_names)
            buffer.write(header.getvalue().encode())
            options = pc.WriteOptions(include_header=False, quoting_style="needed")
            pc.write_csv(_flat(table), buffer, options)
        case "parquet":
            pq.write_table(table, buffer, compression="zstd")
        case "arrow":
            with pa.ipc.new_file(buffer, table.schema) as writer:
                writer.write_table(table)
    return buffer.getvalue()


def _flat(table: pa.Table) -> pa.Table:
    """The table without columns that CSV has no form for."""
    for place, field in enumerate(table.schema):
        if pa.types.is_nested(field.type):
            text = [
                None if cell is None else json.dumps(json_value(cell), ensure_ascii=False)
                for cell in table.column(place).to_pylist()
            ]
            table = table.set_column(place, field.name, pa.array(text, pa.string()))
    return table
