"""Masked LM as a task: from files or the hub to rows on disk, and the real corpus."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pytest

from engine.errors import DatasetError
from engine.tasks import hub
from engine.tasks.corpus.passages import Limit
from engine.tasks.corpus.task import CorpusTask, corpus_task
from engine.tasks.interface import Part, Task
from engine.tasks.task_section import TaskSection
from tests.engine.tasks.conftest import WORDS


def lines(count: int, seed: int = 0) -> list[str]:
    rng = np.random.default_rng(seed)
    return [" ".join(rng.choice(WORDS, size=rng.integers(3, 20))) for _ in range(count)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a", "b"):
        (tmp_path / f"{name}.txt").write_text("\n".join(lines(150, ord(name))), encoding="utf-8")
    return tmp_path


def test_from_text_to_rows_on_disk_and_back(folder: Path, bert_tokenizer: Any, tmp_path: Path) -> None:
    task: Task = CorpusTask((str(folder),), max_length=32, eval_fraction=0.2, training=Limit(tokens=640))
    found = task.read()
    assert list(found) == list(task.parts) == ["training", "evaluation"]
    for name, examples in found.items():
        rows = task.encode(bert_tokenizer, examples, name)
        task.save(Part(examples, rows), tmp_path / name)
        loaded = task.load(tmp_path / name).rows
        np.testing.assert_array_equal(loaded.input_ids, rows.input_ids)
        np.testing.assert_array_equal(loaded.row_offsets, rows.row_offsets)
        assert loaded.settings == rows.settings
        assert loaded.targets == {}
        assert len(loaded.input_ids) == 640 or name == "evaluation"


def test_scores_are_those_of_the_evaluation_part(folder: Path) -> None:
    task = CorpusTask((str(folder),))
    told = {"row": np.array([0, 1]), "answer": np.array([1, 2]), "correct": np.array([True, False])}
    scores = task.score({}, {"evaluation": told | {"loss": np.array([1.0, 3.0])}})
    assert scores.metrics["mlm_accuracy"] == 50
    assert scores.metrics["mlm_loss"] == 2


def test_a_section_becomes_a_task(folder: Path) -> None:
    section = TaskSection(
        name="masked_lm", max_length=64, eval_fraction=0.25, train_samples=40, eval_samples=9
    )
    task = corpus_task(section, f"{folder}/a.txt, {folder}/b.txt", None, 3)
    assert task.sources == (f"{folder}/a.txt", f"{folder}/b.txt")
    found = task.read()
    assert (len(found["training"]), len(found["evaluation"]), task.max_length) == (40, 9, 64)
    other = corpus_task(section, str(folder / "a.txt"), str(folder / "b.txt"), 3)
    assert set(other.read()["evaluation"]) <= set(lines(150, ord("b")))


def test_hub_text_is_streamed_up_to_a_number_of_documents(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, read = [], []

    def fake(*args: Any, **options: Any) -> Any:
        asked.append((args, options))
        for number, line in enumerate(lines(10_000)):
            read.append(number)
            yield {"body": f"{line}\nand {line}"}

    monkeypatch.setattr(datasets, "load_dataset", fake)
    monkeypatch.setattr(hub, "_reachable", lambda endpoint: True)
    task = CorpusTask(("owner/texts:small",), eval_fraction=0.2, documents=50, text_field="body")
    found = task.read()
    assert asked == [(("owner/texts", "small"), {"split": "train", "streaming": True})]
    assert len(read) == 50
    assert len(found["training"]) + len(found["evaluation"]) == 100
    assert {line for part in found.values() for line in part} == {
        text for line in lines(10_000)[:50] for text in (line, f"and {line}")
    }
    monkeypatch.setattr(datasets, "load_dataset", lambda *a, **k: iter([{"title": "x"}]))
    with pytest.raises(DatasetError, match=r"no text in the column 'body' \(it has title\)"):
        task.read()


def test_what_cannot_be_had_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "_reachable", lambda endpoint: False)
    for source, message in (
        ("no/such-dataset", "cannot be"),
        ("three/part/name", "neither on this machine nor a Hugging Face name"),
        (str(tmp_path / "missing.txt"), "does not exist"),
    ):
        with pytest.raises(DatasetError, match=message):
            CorpusTask((source,)).read()
    with pytest.raises(DatasetError, match="no text is given"):
        CorpusTask(()).read()


def test_the_real_corpus(shared_data: Path, bert_tokenizer: Any) -> None:
    source = shared_data / "corpus" / "wikitext2_valid_test.txt.xz"
    task = CorpusTask((str(source),), eval_fraction=0.1, max_length=128, training=Limit(tokens=12_800))
    found = task.read()
    assert 250 < len(found["evaluation"]) < 480
    rows = task.encode(bert_tokenizer, found["training"], "training")
    assert (len(rows), len(rows.input_ids)) == (100, 12_800)
