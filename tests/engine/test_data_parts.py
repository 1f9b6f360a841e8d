"""The data of an experiment are read as it would sample them, for every kind of task, and never from the hub."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine import data_parts
from engine.data_parts import data_key, read_data
from engine.distill.models.embedded_files import embedded_data
from engine.errors import DatasetError
from engine.experiment import ExperimentSpec
from engine.spec_files import parse_spec, preset_text

REST = """
[teacher]
model = "google-bert/bert-base-uncased"
trained = false
[strategy]
name = "single"
[fixed]
alpha = 0.0
[[metrics]]
name = "{metric}"
direction = "maximize"
"""


def spec(task: str, metric: str) -> ExperimentSpec:
    return parse_spec(f'name = "mine"\n[task]\n{task}\n{REST.format(metric=metric)}')


def test_the_embedded_corpus_is_written_and_split(tmp_path: Path) -> None:
    demo = parse_spec(preset_text("demo"))
    data = read_data(demo, tmp_path)
    assert list(data.parts) == ["training", "calibration", "evaluation"]
    assert not data.prepared
    assert embedded_data(tmp_path).train.exists()
    assert not embedded_data(tmp_path).teacher.exists()
    for part in data.parts.values():
        assert part.tokens is None
        assert part.tables.examples.num_rows == part.total > 100
    ids = [set(part.tables.examples["example"].to_pylist()) for part in data.parts.values()]
    assert not ids[0] & ids[1] | ids[0] & ids[2]


def test_labels(tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv"
    path.write_text("text,label\n" + "".join(f"text {n},{'good' if n % 3 else 'bad'}\n" for n in range(50)))
    task = f'name = "reviews"\ndataset = "{path}"\n[task.format]\ntext = "text"\nlabels = ["bad", "good"]'
    data = read_data(spec(task, "accuracy"), tmp_path)
    assert not data.regression
    labels = data.parts["training"].tables.examples["golds"].to_pylist()
    assert {label for (label,) in labels} == {"bad", "good"}
    assert sum(part.total for part in data.parts.values()) == 50


def test_values(tmp_path: Path) -> None:
    path = tmp_path / "pairs.csv"
    path.write_text("a,b,score\n" + "".join(f"one {n},two {n},{n / 10}\n" for n in range(40)))
    task = f'name = "likeness"\ndataset = "{path}"\n[task.format]\ntext = "a"\npair = "b"\nlabel = "score"\n'
    data = read_data(spec(task + "regression = true\nscale = [0, 5]", "pearson"), tmp_path)
    assert data.regression
    assert data.parts["training"].tables.contexts.num_rows == data.parts["training"].total


def test_passages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "corpus.txt"
    path.write_text("".join(f"passage number {n}\n" for n in range(400)))
    text = preset_text("pretrain").replace("Salesforce/wikitext", str(path))
    monkeypatch.setattr(data_parts, "MAX_PASSAGES", 30)
    data = read_data(parse_spec(text), tmp_path)
    part = data.parts["training"]
    assert part.tables.examples.num_rows == 30 < part.total
    assert sum(item.total for item in data.parts.values()) == 400
    assert part.tables.examples["question"][0].as_py().startswith("passage number")


def test_what_is_on_the_hub_is_not_fetched(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="is on the hub and no experiment has prepared it"):
        read_data(spec('name = "rte"\ndataset = "nyu-mll/glue"', "accuracy"), tmp_path)


def test_prepared_data_are_read_as_they_were_prepared(tiny_spec: ExperimentSpec, tmp_path: Path) -> None:
    from engine.distill.prepared import prepare

    fresh = read_data(tiny_spec, tmp_path)
    list(prepare(tiny_spec, tmp_path))
    data = read_data(tiny_spec, tmp_path)
    assert data.prepared
    for part in data.parts.values():
        assert part.tokens is not None
        assert 0 < part.tokens.max() <= tiny_spec.task.max_length
        assert len(part.tokens) >= part.total
    for name, part in fresh.parts.items():
        assert part.tables.examples.equals(data.parts[name].tables.examples)


def test_the_key_follows_the_file(tmp_path: Path) -> None:
    path = tmp_path / "train.json"
    document = {"data": [{"title": "t", "paragraphs": []}]}
    path.write_text(json.dumps(document))
    given = spec(f'name = "squad_v2"\ndataset = "{path}"', "exact")
    first = data_key(given, tmp_path)
    assert data_key(given, tmp_path) == first
    path.write_text(json.dumps(document) + " ")
    assert data_key(given, tmp_path) != first
