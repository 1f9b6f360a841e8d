"""A small extraction: a generated text, a tiny masked-LM teacher, and candidates of a second each."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import BertConfig, BertForMaskedLM, BertModel

from engine.distill.extraction.trials import candidate_trial, maximum_trial
from engine.distill.models.embedded import make_tokenizer
from engine.events import Finished
from engine.experiment import ExperimentSpec
from engine.spec_files import parse_spec
from engine.trial_folder import TrialFolder, TrialSpec

SPEC = """
name = "tiny-extraction"
seed = 3
[task]
name = "masked_lm"
dataset = "{dataset}"
max_length = 16
eval_fraction = 0.3
[teacher]
model = "{model}"
[student]
initialise = "random"
head_shape = "resize"
[training]
latency_length = 16
latency_repeats = 3
[strategy]
name = "extract"
[extract]
interval = 1
steps = 4
held_out = 8
[budget]
trials = 30
[fixed]
optimizer = "sgd"
learning_rate = 1.0
train_batch_size = 8
schedule = "constant"
initializer_range = 0.1
dropout = 0.0
attention_dropout = 0.0
[parameters.n_layers]
type = "categorical"
values = [1, 2]
[parameters.n_heads]
type = "categorical"
values = [2, 3]
[parameters.hidden_size]
type = "categorical"
values = [16, 24]
[parameters.intermediate_size]
type = "categorical"
values = [16, 32]
[[metrics]]
name = "w"
direction = "maximize"
"""


@pytest.fixture(scope="session")
def text(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sentences over thirty words, of which some follow others."""
    rng = random.Random(0)
    lines = []
    for _ in range(150):
        word = rng.randrange(30)
        words = []
        for _ in range(9):
            words.append(f"word{word}")
            word = (2 * word + rng.choice((1, 1, 1, 7))) % 30
        lines.append(" ".join(words))
    path = tmp_path_factory.mktemp("text") / "text.txt"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def _folder(folder: Path, text: Path, kind: Any) -> Path:
    tokenizer = make_tokenizer(text.read_text().splitlines())
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=48,
        num_hidden_layers=3,
        num_attention_heads=4,
        intermediate_size=96,
        max_position_embeddings=32,
        initializer_range=0.15,
    )
    kind(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def teacher_folder(tmp_path_factory: pytest.TempPathFactory, text: Path) -> Path:
    """A random BERT with a masked-LM head."""
    return _folder(tmp_path_factory.mktemp("teacher"), text, BertForMaskedLM)


@pytest.fixture(scope="session")
def headless_folder(tmp_path_factory: pytest.TempPathFactory, text: Path) -> Path:
    """A random BERT without a head."""
    return _folder(tmp_path_factory.mktemp("headless"), text, BertModel)


@pytest.fixture
def extraction(text: Path, teacher_folder: Path) -> ExperimentSpec:
    """Twelve legal architectures, all of which are trained."""
    return parse_spec(SPEC.format(dataset=text, model=teacher_folder))


@pytest.fixture
def run_trial(tmp_path: Path) -> Callable[..., Finished]:
    """Runs a trial of an extraction to its end; number 0 is the maximum point."""

    def run(spec: ExperimentSpec, number: int = 0, **parameters: Any) -> Finished:
        role = "student" if number else "teacher"
        trial = TrialSpec(
            experiment=spec,
            name=spec.name,
            number=number,
            role=role,
            parameters=parameters,
            seed=spec.seed + number,
            cache=tmp_path / "cache",
        )
        folder = TrialFolder(tmp_path / f"trial-{number}")
        folder.write_spec(trial)
        *_, last = (candidate_trial if number else maximum_trial)(trial, folder)
        assert isinstance(last, Finished)
        return last

    return run
