"""Rows of tokens: what is saved comes back, mapped, and what cannot be read is told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import DatasetError
from engine.tasks.token_rows import FILE_NAME, Columns, TokenRows, load_columns, save_columns


def rows_of(lengths: list[int]) -> TokenRows:
    total = sum(lengths)
    return TokenRows(
        input_ids=np.arange(total, dtype=np.int32),
        token_type_ids=(np.arange(total) % 2).astype(np.uint8),
        row_offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        pad_token_id=7,
        targets={"labels": np.arange(len(lengths), dtype=np.float32)},
        columns={"example": np.arange(len(lengths), dtype=np.int32)[::-1].copy()},
        settings={"max_length": 12, "special_ids": [0, 1]},
    )


@settings(deadline=None, max_examples=25)
@given(st.lists(st.integers(0, 5), max_size=6))
def test_rows_come_back_as_they_were(tmp_path_factory: pytest.TempPathFactory, lengths: list[int]) -> None:
    folder = tmp_path_factory.mktemp("rows")
    rows = rows_of(lengths)
    rows.save(folder)
    found = TokenRows.load(folder)
    assert len(found) == len(lengths)
    assert found.lengths.tolist() == lengths
    for name in ("input_ids", "token_type_ids", "row_offsets"):
        assert getattr(found, name).dtype == getattr(rows, name).dtype
        np.testing.assert_array_equal(getattr(found, name), getattr(rows, name))
    assert list(found.targets) == ["labels"]
    assert list(found.columns) == ["example"]
    np.testing.assert_array_equal(found.targets["labels"], rows.targets["labels"])
    np.testing.assert_array_equal(found.columns["example"], rows.columns["example"])
    assert (found.pad_token_id, found.settings) == (7, rows.settings)


def test_loaded_rows_are_mapped_and_cannot_be_changed(tmp_path: Path) -> None:
    rows_of([2, 3]).save(tmp_path)
    found = TokenRows.load(tmp_path)
    assert not found.input_ids.flags.owndata
    with pytest.raises(ValueError, match="read-only"):
        found.input_ids[0] = 9


def test_saving_again_replaces_the_file_and_leaves_nothing_else(tmp_path: Path) -> None:
    rows_of([2]).save(tmp_path)
    rows_of([1, 1, 4]).save(tmp_path)
    assert TokenRows.load(tmp_path).lengths.tolist() == [1, 1, 4]
    assert [item.name for item in tmp_path.iterdir()] == [FILE_NAME]


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no encoded features"):
        TokenRows.load(tmp_path)
    rows_of([2, 3]).save(tmp_path)
    path = tmp_path / FILE_NAME
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DatasetError, match="damaged"):
        TokenRows.load(tmp_path)
    tokens = {"input_ids": np.zeros(1, np.int32)}
    save_columns(path, Columns(tokens, {}, np.array([0, 1]), {"format": 99}))
    with pytest.raises(DatasetError, match="another version"):
        TokenRows.load(tmp_path)
    assert load_columns(path, 99).settings == {}


def test_chosen_rows_are_those_rows_in_the_order_they_are_asked_for() -> None:
    whole = TokenRows(
        input_ids=np.arange(9, dtype=np.int32),
        token_type_ids=np.arange(9, dtype=np.uint8) % 2,
        row_offsets=np.array([0, 2, 5, 9]),
        pad_token_id=0,
        targets={"labels": np.array([7, 8, 9])},
        columns={"example": np.array([0, 0, 1])},
        settings={"vocabulary": 9},
    )
    taken = whole.taken(np.array([2, 0]))
    assert taken.input_ids.tolist() == [5, 6, 7, 8, 0, 1]
    assert taken.token_type_ids.tolist() == [1, 0, 1, 0, 0, 1]
    assert (taken.row_offsets.tolist(), len(taken)) == ([0, 4, 6], 2)
    assert (taken.targets["labels"].tolist(), taken.columns["example"].tolist()) == ([9, 7], [1, 0])
    assert taken.settings == whole.settings
    assert len(whole.taken(np.array([], dtype=np.int64))) == 0
