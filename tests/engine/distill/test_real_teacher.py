"""The real SQuAD 2.0 teacher: loading, copying to DistilBERT, pruning, and the way back from disk."""

from __future__ import annotations

import gzip
import json

import pytest
import torch

from engine.distill.models.folder import load_student, load_teacher, save_student
from engine.distill.students.anatomy import architecture_of
from engine.distill.students.architecture import num_parameters
from engine.distill.students.build import build_student

QUESTIONS = 24


@pytest.fixture(scope="module")
def teacher(shared_data):
    folder = shared_data / "models" / "minilm-l6-squad2-teacher"
    if not folder.is_dir():
        pytest.skip(f"no weights at {folder}")
    return load_teacher(folder)


@pytest.fixture(scope="module")
def encoded(shared_data, teacher):
    with gzip.open(shared_data / "squad" / "dev-v2.0.json.gz") as file:
        articles = json.load(file)["data"]
    pairs = [
        (p["qas"][0]["question"], p["context"]) for article in articles for p in article["paragraphs"][:1]
    ]
    questions, contexts = zip(*pairs[:QUESTIONS], strict=True)
    return teacher[1](
        list(questions),
        list(contexts),
        truncation="only_second",
        max_length=160,
        padding="max_length",
        return_tensors="pt",
    )


def answers(model, encoded):
    inputs = {name: value for name, value in encoded.items() if name != "token_type_ids"}
    if model.config.model_type == "bert":
        inputs = dict(encoded)
    hidden = encoded["attention_mask"] == 0
    with torch.inference_mode():
        output = model.eval()(**inputs)
    return torch.stack(
        [x.masked_fill(hidden, -1e9).argmax(1) for x in (output.start_logits, output.end_logits)]
    )


def test_size_of_the_teacher(teacher):
    assert num_parameters(architecture_of(teacher[0])) == sum(p.numel() for p in teacher[0].parameters())


def test_distilbert_copy_mostly_agrees_with_its_teacher(teacher, encoded):
    expected = answers(teacher[0], encoded)
    same_family = build_student(teacher[0], n_layers=6, n_heads=12)
    assert torch.equal(answers(same_family, encoded), expected)
    student = build_student(teacher[0], n_layers=6, n_heads=12, family="distilbert")
    agreement = (answers(student, encoded) == expected).all(0).float().mean()
    # 0.93 on 300 questions; folding one type or the mean of both gives 0.57 to 0.69.
    assert agreement > 0.8


def test_pruned_student_survives_the_disk(teacher, encoded, tmp_path):
    student = build_student(teacher[0], n_layers=2, n_heads=5, family="distilbert", pruning_seed=3)
    save_student(student, teacher[1], tmp_path / "model")
    loaded, _ = load_student(tmp_path / "model")
    assert all(torch.equal(a, b) for a, b in zip(student.parameters(), loaded.parameters(), strict=True))
    assert torch.equal(answers(loaded, encoded), answers(student, encoded))
