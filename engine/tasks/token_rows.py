"""Encoded inputs as flat arrays with row offsets, and the memory-mappable Arrow file they are kept in."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from engine.errors import DatasetError

FILE_NAME = "rows.arrow"
FORMAT = 1
METADATA_KEY = b"bert_frontier_features"

Arrays = Mapping[str, NDArray[Any]]


class Columns(NamedTuple):
    """Content of an Arrow file of rows.

    Attributes:
        tokens: by name, one value per token, each of shape (tokens,).
        rows: by name, one value per row, each of shape (rows,).
        row_offsets: int64, shape (rows + 1,); row ``r`` has the tokens from ``row_offsets[r]`` to before
            ``row_offsets[r + 1]``.
        settings: what else belongs to the rows, as JSON can hold it.
    """

    tokens: Arrays
    rows: Arrays
    row_offsets: NDArray[np.int64]
    settings: Mapping[str, Any]


def save_columns(path: Path, columns: Columns) -> None:
    """Write an Arrow file; a reader sees the old file or the new one, never a part.

    Arrays are of numbers; Arrow packs truth values into bits, which cannot be mapped, so give them as bytes.
    """
    offsets = pa.array(columns.row_offsets)
    arrays: dict[str, pa.Array] = {
        name: pa.LargeListArray.from_arrays(offsets, pa.array(values))
        for name, values in columns.tokens.items()
    }
    arrays |= {name: pa.array(values) for name, values in columns.rows.items()}
    batch = pa.record_batch(arrays, metadata={METADATA_KEY: json.dumps(dict(columns.settings)).encode()})
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        with pa.OSFile(str(part), "wb") as sink, pa.ipc.new_file(sink, batch.schema) as writer:
            writer.write_batch(batch)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def load_columns(path: Path, file_format: int) -> Columns:
    """Map an Arrow file into memory; the arrays are read-only and shared between processes.

    Args:
        path: the file.
        file_format: what the file's setting ``format`` must be; it is not among the settings returned.

    Raises:
        DatasetError: The file is missing, damaged, or of another format.
    """
    try:
        table = pa.ipc.open_file(pa.memory_map(str(path))).read_all()
    except FileNotFoundError as error:
        raise DatasetError(f"no encoded features at {path}; encode the dataset first") from error
    except (OSError, pa.ArrowInvalid) as error:
        raise DatasetError(f"the encoded features {path} are damaged ({error}); delete the file") from error
    settings = json.loads((table.schema.metadata or {}).get(METADATA_KEY, b"{}"))
    if settings.pop("format", None) != file_format:
        raise DatasetError(f"{path} was written by another version of the program; delete the file")
    chunks = {name: table.column(name).chunk(0) for name in table.column_names}
    lists = {name: chunk for name, chunk in chunks.items() if pa.types.is_large_list(chunk.type)}
    return Columns(
        tokens={name: chunk.values.to_numpy() for name, chunk in lists.items()},
        rows={name: chunk.to_numpy() for name, chunk in chunks.items() if name not in lists},
        row_offsets=next(iter(lists.values())).offsets.to_numpy(),
        settings=settings,
    )


@dataclass(frozen=True, slots=True, eq=False)
class TokenRows:
    """Unpadded rows of tokens of any task whose scores need no more than a few numbers per row.

    Attributes:
        input_ids: int32, shape (tokens,).
        token_type_ids: uint8, shape (tokens,); all 0 for families without token types.
        row_offsets: int64, shape (rows + 1,); row ``r`` has the tokens from ``row_offsets[r]`` to before
            ``row_offsets[r + 1]``.
        pad_token_id: What to pad batches with.
        targets: What is to be learned, by name, one number per row.
        columns: Other numbers per row, by name, such as the example a row belongs to.
        settings: What else belongs to the rows, as JSON can hold it.
    """

    input_ids: NDArray[np.int32]
    token_type_ids: NDArray[np.uint8]
    row_offsets: NDArray[np.int64]
    pad_token_id: int
    targets: Arrays = field(default_factory=dict)
    columns: Arrays = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.row_offsets) - 1

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Tokens of each row, shape (rows,)."""
        return np.diff(self.row_offsets)

    def taken(self, chosen: NDArray[np.int64]) -> TokenRows:
        """The chosen rows alone, in memory, in the order they are given in."""
        lengths = self.lengths[chosen]
        offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        shift = np.repeat(self.row_offsets[chosen] - offsets[:-1], lengths)
        places = np.arange(int(offsets[-1])) + shift
        return TokenRows(
            input_ids=self.input_ids[places],
            token_type_ids=self.token_type_ids[places],
            row_offsets=offsets,
            pad_token_id=self.pad_token_id,
            targets={name: values[chosen] for name, values in self.targets.items()},
            columns={name: values[chosen] for name, values in self.columns.items()},
            settings=self.settings,
        )

    def labelled(self, labels: Sequence[int | float]) -> TokenRows:
        """The same rows with other labels to be learned."""
        given = self.targets["labels"]
        return replace(self, targets={**self.targets, "labels": np.asarray(labels, dtype=given.dtype)})

    def followed_by(self, others: Sequence[TokenRows]) -> TokenRows:
        """These rows and then others of the same task, in memory."""
        parts = [self, *others]
        offsets = np.cumsum([0, *(len(part.input_ids) for part in parts[:-1])])
        return TokenRows(
            input_ids=np.concatenate([part.input_ids for part in parts]),
            token_type_ids=np.concatenate([part.token_type_ids for part in parts]),
            row_offsets=np.concatenate(
                [[0], *(part.row_offsets[1:] + shift for part, shift in zip(parts, offsets, strict=True))]
            ).astype(np.int64),
            pad_token_id=self.pad_token_id,
            targets={name: np.concatenate([part.targets[name] for part in parts]) for name in self.targets},
            columns={name: np.concatenate([part.columns[name] for part in parts]) for name in self.columns},
            settings=self.settings,
        )

    def save(self, folder: Path) -> None:
        """Write the rows into ``folder``; a reader sees the old file or the new one, never a part."""
        settings = {
            "format": FORMAT,
            "pad_token_id": self.pad_token_id,
            "targets": list(self.targets),
            "settings": dict(self.settings),
        }
        tokens: Arrays = {"input_ids": self.input_ids, "token_type_ids": self.token_type_ids}
        rows: Arrays = {**self.targets, **self.columns}
        save_columns(folder / FILE_NAME, Columns(tokens, rows, self.row_offsets, settings))

    @classmethod
    def load(cls, folder: Path) -> TokenRows:
        """Map the rows in ``folder`` into memory; the arrays are read-only and shared between processes.

        Raises:
            DatasetError: The file is missing, damaged, or of another format.
        """
        found = load_columns(folder / FILE_NAME, FORMAT)
        targets = set(found.settings["targets"])
        return cls(
            **found.tokens,
            row_offsets=found.row_offsets,
            pad_token_id=found.settings["pad_token_id"],
            targets={name: values for name, values in found.rows.items() if name in targets},
            columns={name: values for name, values in found.rows.items() if name not in targets},
            settings=found.settings["settings"],
        )
