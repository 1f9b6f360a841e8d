"""Every built-in task trains and is evaluated: all on generated files, some on the real ones where they are."""

from __future__ import annotations

import gzip
import math
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import torch
from scipy import stats
from sklearn import metrics as reference
from transformers import AutoTokenizer, BertConfig, BertModel

from engine.distill.models.embedded import make_tokenizer
from engine.distill.trial import student_trial, teacher_trial
from engine.events import Evaluation, Finished
from engine.spec_files import parse_spec
from engine.tasks.predictions import read_predictions
from engine.tasks.sequence.catalogue import DEFINITIONS
from engine.tasks.sequence.generated import generate_sample
from engine.trial_folder import TrialFolder, TrialSpec

REAL = {"cola": "CoLA", "mrpc": "MRPC", "rte": "RTE", "sst2": "SST-2", "stsb": "STS-B", "copa": "COPA"}

SPEC = """
name = "every"
[task]
name = "{task}"
dataset = "{dataset}"
{evaluation}
max_length = 64
train_samples = {train}
eval_samples = {evaluate}
[teacher]
model = "{model}"
trained = false
[training]
evaluations = 2
latency_length = 16
latency_repeats = 3
[strategy]
name = "single"
[budget]
trials = 1
[fixed]
alpha = 0.0
epochs = {epochs}
learning_rate = 3e-3
train_batch_size = 16
eval_batch_size = 64
n_layers = 0
n_heads = 0
[[metrics]]
name = "{metric}"
direction = "maximize"
"""


def encoder(folder: Path, tokenizer) -> Path:
    """A tiny random BERT without a head."""
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
        initializer_range=0.1,
    )
    BertModel(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def words_of(folder: Path) -> list[str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [
        (gzip.open(path, "rt") if path.suffix == ".gz" else path.open(encoding="utf-8")).read()
        for path in files
    ]


def run(tmp_path: Path, **fields):
    fields["metric"] = DEFINITIONS[fields["task"]].metrics[0]
    experiment = parse_spec(SPEC.format(**{"evaluation": "", **fields}))
    ended = []
    for number, (role, trainable) in enumerate((("teacher", teacher_trial), ("baseline", student_trial))):
        folder = TrialFolder(tmp_path / role)
        facts = {
            "experiment": experiment,
            "name": "every",
            "number": number,
            "role": role,
            "parameters": {},
            "seed": 1,
            "cache": tmp_path / "cache",
        }
        folder.write_spec(TrialSpec.model_validate(facts))
        ended.append(list(trainable(folder.read_spec(), folder)))
    return ended[1], read_predictions(folder.predictions)


@pytest.mark.parametrize("task", sorted(DEFINITIONS))
def test_trains_and_is_evaluated_on_generated_files(task: str, tmp_path: Path) -> None:
    made = generate_sample(task, tmp_path / "data", training=48, evaluation=24)
    model = encoder(tmp_path / "model", make_tokenizer(words_of(tmp_path / "data")))
    events, predictions = run(
        tmp_path,
        task=task,
        dataset=made.dataset,
        evaluation=f'eval_dataset = "{made.eval_dataset}"' if made.eval_dataset else "",
        model=model,
        train=0,
        evaluate=0,
        epochs=2.0,
    )
    finished = events[-1]
    assert isinstance(finished, Finished)
    assert len([event for event in events if isinstance(event, Evaluation)]) == 2
    for name in DEFINITIONS[task].metrics:
        assert math.isfinite(finished.metrics[name]), name
        assert finished.standard_errors.get(name, 1.0) >= 0
    examples = pq.read_table(TrialFolder(tmp_path / "teacher").examples).to_pylist()
    assert [item["example"] for item in examples] == list(predictions)
    assert all(item["question"] and item["golds"] for item in examples)


def test_a_model_learns_what_a_generated_task_holds(tmp_path: Path) -> None:
    """The label depends on a word of the text, which a one-layer BERT finds."""
    made = generate_sample("sst2", tmp_path / "data", training=240, evaluation=60)
    model = encoder(tmp_path / "model", make_tokenizer(words_of(tmp_path / "data")))
    events, _ = run(tmp_path, task="sst2", dataset=made.dataset, model=model, train=0, evaluate=0, epochs=8.0)
    assert events[-1].metrics["accuracy"] > 90


@pytest.mark.parametrize("task", sorted(REAL))
def test_trains_on_real_files_and_scores_as_the_usual_libraries_do(
    task: str, tmp_path: Path, shared_data: Path
) -> None:
    kind = "superglue" if task == "copa" else "glue"
    tokenizer = AutoTokenizer.from_pretrained(shared_data / "models" / "minilm-l6-v2")
    events, predictions = run(
        tmp_path,
        task=task,
        dataset=shared_data / kind / REAL[task],
        model=encoder(tmp_path / "model", tokenizer),
        train=128,
        evaluate=80,
        epochs=1.0,
    )
    told = events[-1].metrics
    number = task == "stsb"
    answers = [found["value" if number else "answer"] for found in predictions.values()]
    table = pq.read_table(TrialFolder(tmp_path / "teacher").examples)
    golds = [
        (float(found[0]) if number else found if task == "copa" else found[0])
        for found in table["golds"].to_pylist()
    ]
    assert len(answers) == 80
    for name, value in expected(task, golds, answers).items():
        assert told[name] == pytest.approx(100 * value, abs=1e-6), name


def expected(task: str, golds: list, answers: list) -> dict[str, float]:
    """The task's metrics by scikit-learn and scipy."""
    if task == "stsb":
        return {
            "pearson": stats.pearsonr(golds, answers).statistic,
            "spearman": stats.spearmanr(golds, answers).statistic,
        }
    if task == "copa":
        return {"accuracy": sum(a in g for a, g in zip(answers, golds, strict=True)) / len(golds)}
    found = {"accuracy": reference.accuracy_score(golds, answers)}
    if task == "cola":
        found["mcc"] = reference.matthews_corrcoef(golds, answers)
    if task == "mrpc":
        found["f1"] = reference.f1_score(golds, answers, pos_label="equivalent")
    return found
