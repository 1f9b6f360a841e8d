"""What datasets hold, told in words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.errors import DatasetError
from engine.inspection.datasets import Inspected, Side, inspected_files
from engine.inspection.datasets import inspect_data as inspected
from engine.tasks.squad.sample import generate_corpus
from engine.tasks.task_section import TaskSection

SQUAD = TaskSection()
MRPC = TaskSection(name="mrpc")
TEXT = TaskSection(name="masked_lm")
OWN = TaskSection.model_validate(
    {"name": "mood", "format": {"text": "text", "label": "mood", "labels": ["sad", "glad"]}}
)
STARS = TaskSection.model_validate({"name": "stars", "format": {"text": "text", "regression": True}})


def inspect_data(section: TaskSection, source: str, side: Side) -> str:
    """What is told of data that are here."""
    found = inspected(section, source, side)
    assert found.is_here
    return found.told


def test_questions(tmp_path: Path) -> None:
    path = tmp_path / "train.json"
    corpus = generate_corpus(12, seed=3)
    path.write_text(json.dumps(corpus), encoding="utf-8")
    asked = [
        qa for article in corpus["data"] for paragraph in article["paragraphs"] for qa in paragraph["qas"]
    ]
    answerable = sum(not qa["is_impossible"] for qa in asked)
    told = inspect_data(SQUAD, str(path), "training")
    assert told.startswith(f"{len(asked):,} questions about 12 paragraphs")
    assert told.endswith(f"{100 * answerable / len(asked):.0f} % answerable")
    assert inspected_files(SQUAD, str(path)) == (path,)


def test_questions_whose_answers_are_nowhere_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "train.json"
    qas = [
        {"id": "1", "question": "Who?", "answers": [{"text": "Ann", "answer_start": 0}]},
        {"id": "2", "question": "Where?", "answers": [{"text": "Rome", "answer_start": 3}]},
    ]
    path.write_text(json.dumps({"data": [{"paragraphs": [{"context": "Ann sings.", "qas": qas}]}]}))
    assert inspect_data(SQUAD, str(path), "training") == (
        "1 question about 1 paragraph, 100 % answerable; 1 question left out, without an answer in the context"
    )


def test_labels(tmp_path: Path) -> None:
    path = tmp_path / "moods.csv"
    path.write_text("text,mood\n" + "\n".join(f"text {i},{'glad' if i % 4 else 'sad'}" for i in range(8)))
    assert inspect_data(OWN, str(path), "training") == "8 examples, 25 % sad, 75 % glad"
    path.write_text("text,label\na,1.5\nb,4\n")
    assert inspect_data(STARS, str(path), "training") == "2 examples, values from 1.5 to 4"


def test_the_folder_of_a_published_task(tmp_path: Path) -> None:
    for name, rows in (("train", 6), ("dev", 2)):
        lines = [f"{i % 2}\t{i}\t{i}\tfirst {name} {i}\tsecond {i}" for i in range(rows)]
        text = "Quality\t#1 ID\t#2 ID\t#1 String\t#2 String\n" + "\n".join(lines)
        (tmp_path / f"{name}.tsv").write_text(text)
    assert inspect_data(MRPC, str(tmp_path), "training").startswith("6 examples, 50 % ")
    assert inspect_data(MRPC, str(tmp_path), "evaluation").startswith("2 examples, 50 % ")


def test_text(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("one passage\n\nand another\n")
    assert inspect_data(TEXT, str(tmp_path), "training") == (
        "2 files, 0.0 MB as stored; the first passages have 11 characters each"
    )
    assert len(inspected_files(TEXT, str(tmp_path))) == 2


@pytest.mark.parametrize(
    ("section", "text", "told"),
    [
        (SQUAD, "{}", "not in SQuAD form"),
        (OWN, "text,feeling\na,glad\n", "mood"),
        (TEXT, "\n\n", "holds no text"),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, section: TaskSection, text: str, told: str) -> None:
    path = tmp_path / {"squad_v2": "a.json", "mood": "a.csv", "masked_lm": "a.txt"}[section.name]
    path.write_text(text)
    with pytest.raises(DatasetError, match=told):
        inspect_data(section, str(path), "training")


def test_hub_names_are_looked_up_in_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path))
    missing = Inspected(
        "a hub name that is not in the local cache: fetched when the experiment starts", is_here=False
    )
    assert inspected(SQUAD, "rajpurkar/squad_v2", "training") == missing
    folder = tmp_path / "rajpurkar___squad_v2" / "squad_v2" / "0.0.0" / "abc"
    folder.mkdir(parents=True)
    splits = {"train": {"num_examples": 130319}, "validation": {"num_examples": 11873}}
    (folder / "dataset_info.json").write_text(json.dumps({"splits": splits}))
    assert inspect_data(SQUAD, "rajpurkar/squad_v2", "training") == (
        "in the local cache, 130,319 rows (train)"
    )
    assert inspect_data(SQUAD, "rajpurkar/squad_v2", "evaluation").endswith("11,873 rows (validation)")
    assert inspected_files(SQUAD, "rajpurkar/squad_v2") == ()
    (folder / "dataset_info.json").write_text("half wri")
    assert inspected(SQUAD, "rajpurkar/squad_v2", "training") == missing
    assert inspected(TEXT, "Salesforce/wikitext:wikitext-2-v1", "training") == missing
    assert inspected(MRPC, "nyu-mll/glue", "training") == missing
