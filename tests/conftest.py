"""Fixtures shared by all tests: real data where it is, and a tiny dataset and teacher for trials of a second."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import settings

from engine.experiment import ExperimentSpec
from engine.spec_files import read_spec

# No test is about time: a busy machine must not fail one.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

REPOSITORY = Path(__file__).resolve().parent.parent

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")


LONGEST = ("test_readme.py", "test_crash.py", "test_launch_to_download.py", "test_real_run.py")
"""Files of few but long tests. Begun last, one of them would keep a single process busy at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest; all other tests keep their order."""
    items.sort(key=lambda item: item.path.name not in LONGEST)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder with real datasets and weights; tests that need it are skipped where it is absent."""
    folder = Path(os.environ.get("BERT_FRONTIER_SHARED_DATA", REPOSITORY.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no real data at {folder} (set BERT_FRONTIER_SHARED_DATA)")
    return folder


@pytest.fixture(scope="session")
def tiny_dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small generated dataset in SQuAD 2.0 form."""
    from engine.tasks.squad.sample import generate_corpus

    path = tmp_path_factory.mktemp("dataset") / "train-v2.0.json"
    path.write_text(json.dumps(generate_corpus(24, seed=3)), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def tiny_teacher(tmp_path_factory: pytest.TempPathFactory, tiny_dataset: Path) -> Path:
    """An untrained question-answering BERT of two layers, as a Hugging Face folder."""
    import torch
    from transformers import BertConfig, BertForQuestionAnswering

    from engine.distill.models.embedded import make_tokenizer
    from engine.distill.models.folder import save_student
    from engine.tasks.squad.loading import load_squad

    questions = load_squad(tiny_dataset).questions
    tokenizer = make_tokenizer([f"{item.question} {item.context}" for item in questions])
    torch.manual_seed(0)
    model = BertForQuestionAnswering(
        BertConfig(
            vocab_size=len(tokenizer),
            hidden_size=32,
            num_hidden_layers=2,
            num_attention_heads=4,
            intermediate_size=64,
            max_position_embeddings=128,
            initializer_range=0.2,
        )
    )
    folder = tmp_path_factory.mktemp("teacher") / "model"
    save_student(model, tokenizer, folder)
    return folder


@pytest.fixture
def tiny_spec(tiny_dataset: Path, tiny_teacher: Path) -> ExperimentSpec:
    """An experiment on the tiny dataset and teacher whose trials take about a second each."""
    return read_spec(
        "demo",
        {
            "name": "tiny",
            "task.dataset": str(tiny_dataset),
            "task.train_samples": 0,
            "teacher.model": str(tiny_teacher),
            "training.evaluations": 2,
            "training.latency_repeats": 3,
            "strategy.name": "sobol",
            "budget.trials": 3,
            "baseline.n_layers": 2,
            "parameters.n_layers.high": 2,
            "fixed.epochs": 1.0,
            "fixed.train_batch_size": 16,
        },
    )
