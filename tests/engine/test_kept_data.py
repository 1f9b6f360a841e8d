"""Data that were kept are shown as they were, whatever becomes of their files."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from engine.data_parts import read_data
from engine.experiment import ExperimentSpec
from engine.kept_data import keep_data, shown_data, shown_key


def test_data_are_kept(tiny_spec: ExperimentSpec, tmp_path: Path) -> None:
    cache, copy = tmp_path / "cache", tmp_path / "copy"
    dataset = tmp_path / "data.json"
    dataset.write_text(Path(tiny_spec.task.dataset).read_text(encoding="utf-8"), encoding="utf-8")
    spec = tiny_spec.changed(task=tiny_spec.task.model_dump() | {"dataset": str(dataset)})
    before = read_data(spec, cache)
    assert shown_key(spec, cache) != shown_key(spec, copy)
    keep_data(before, copy)
    key = shown_key(spec, copy)
    dataset.write_text(json.dumps({"version": "v2.0", "data": []}), encoding="utf-8")
    assert shown_key(spec, copy) == key
    again = shown_data(spec, copy)
    assert list(again.parts) == list(before.parts)
    assert (again.prepared, again.regression) == (before.prepared, before.regression)
    for name, part in before.parts.items():
        assert again.parts[name].tables.examples.equals(part.tables.examples)
        assert again.parts[name].tables.contexts.equals(part.tables.contexts)
        assert again.parts[name].total == part.total


def test_lengths_of_prepared_rows_are_kept_too(tiny_spec: ExperimentSpec, tmp_path: Path) -> None:
    from dataclasses import replace

    data = read_data(tiny_spec, tmp_path / "cache")
    name, part = next(iter(data.parts.items()))
    tokens = np.arange(5)
    keep_data(replace(data, parts={name: replace(part, tokens=tokens)}), tmp_path / "copy")
    kept = shown_data(tiny_spec, tmp_path / "copy").parts[name].tokens
    assert kept is not None
    assert kept.tolist() == tokens.tolist()
