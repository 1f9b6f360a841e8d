"""Labels that are kept, and what logits mean."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.agora.texts import Text
from engine.distill.agora.labels import LabelCache, rounded, text_digest
from engine.distill.agora.views import told, verdicts
from engine.tasks.sequence.task import sequence_task


def logits(*values: float) -> np.ndarray:
    return np.array(values, dtype=np.float32)


def test_what_is_kept_comes_back_from_all_files(tmp_path: Path) -> None:
    cache = LabelCache(tmp_path / "labels")
    assert cache.read() == {}
    cache.add({"a": logits(1, 2), "b": logits(3, 4)})
    cache.add({"c": logits(5, 6)})
    cache.add({"a": logits(1, 2), "b": logits(3, 4)})
    found = LabelCache(tmp_path / "labels").read()
    assert {name: values.tolist() for name, values in found.items()} == {
        "a": [1, 2],
        "b": [3, 4],
        "c": [5, 6],
    }
    assert len(list((tmp_path / "labels").iterdir())) == 2


def test_a_damaged_file_is_as_good_as_none(tmp_path: Path) -> None:
    cache = LabelCache(tmp_path)
    cache.add({"a": logits(1, 2)})
    [path] = tmp_path.glob("*.npz")
    path.write_bytes(path.read_bytes()[:40])
    assert cache.read() == {}
    cache.add({"a": logits(1, 2)})
    assert cache.read()["a"].tolist() == [1, 2]


def test_texts_are_told_apart_exactly() -> None:
    texts = [Text("a b"), Text("a", "b"), Text("a B"), Text("a b", ""), Text("a  b")]
    assert len({text_digest(text) for text in texts}) == len(texts)
    assert text_digest(Text("a", "b")) == text_digest(Text("a", "b"))


def test_the_last_bits_do_not_count() -> None:
    assert rounded(logits(1.00001, -2.00004)).tolist() == logits(1.0, -2.0).tolist()


def test_classes_have_the_softmax_as_confidence() -> None:
    task = sequence_task("rte", dataset="x")
    first, second = verdicts(task, np.stack([logits(2, 0), logits(0, 0.5)]))
    assert (first.label, second.label) == (0, 1)
    assert first.confidence == pytest.approx(1 / (1 + np.exp(-2)))
    assert told(task, first.label) == "entailment"
    assert told(task, None) is None


def test_values_have_no_confidence_unless_they_are_learned_as_classes() -> None:
    task = sequence_task("stsb", dataset="x")
    [only] = verdicts(task, np.array([[3.25]]))
    assert (only.label, only.confidence, only.value) == (3.25, None, None)
    assert told(task, only.label) == "3.25"
    classes = sequence_task("stsb", dataset="x", rounding=True)
    [only] = verdicts(classes, np.log(np.array([[0.0, 0.0, 0.25, 0.75, 0.0, 0.0]]) + 1e-12))
    assert only.label == 3
    assert only.confidence == pytest.approx(0.75)
    assert only.value == pytest.approx(2.75)
    assert told(classes, only.label, only.value) == "2.75"
