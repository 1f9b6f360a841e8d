"""An Agora run of real processes on the toy task, with a BERT of one layer for a teacher: seconds in all."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import BertConfig, BertForSequenceClassification

from engine.distill.models.embedded import make_tokenizer
from engine.distill.models.folder import save_student
from engine.experiment import ExperimentSpec
from engine.spec_files import parse_spec
from tests.engine.agora.toy import VOCABULARY, sentences

SPEC = """
name = "tiny"
seed = 5
[task]
name = "worth"
dataset = "{data}/train.tsv"
eval_dataset = "{data}/dev.tsv"
max_length = 16
[task.format]
text = "text"
labels = ["poor", "rich"]
metrics = ["accuracy", "mcc"]
[teacher]
model = "{data}/teacher"
[student]
initialise = "random"
[training]
evaluations = 1
latency_length = 16
latency_repeats = 3
checkpoint_seconds = 0.5
[strategy]
name = "agora"
[agora]
rounds = 3
seeds = [1]
pruning = "halving"
patience = 0
samples_per_mistake = 2
samples_per_round = 60
transformations = [{{ name = "deletion" }}, {{ name = "insertion" }}, {{ name = "swap" }}]
filters = {{ min_words = 1 }}
[fixed]
n_layers = 0
n_heads = 0
alpha = 0.5
epochs = 16.0
eval_batch_size = 64
dropout = 0.0
attention_dropout = 0.0
qa_dropout = 0.0
[parameters.learning_rate]
type = "categorical"
values = [3e-3, 1e-2]
[parameters.train_batch_size]
type = "categorical"
values = [4, 8]
[[metrics]]
name = "accuracy"
direction = "maximize"
"""


def write_tiny_data(folder: Path) -> None:
    """Training and evaluation sentences as files, and a teacher that was trained on other sentences."""
    for name, count in (("train", 40), ("dev", 60)):
        lines = [f"{item.text}\t{('poor', 'rich')[int(item.label)]}" for item in sentences(name, count)]
        (folder / f"{name}.tsv").write_text("\n".join(["text\tlabel", *lines]) + "\n", encoding="utf-8")
    tokenizer = make_tokenizer([" ".join(VOCABULARY)])
    save_student(trained_teacher(tokenizer), tokenizer, folder / "teacher")


def trained_teacher(tokenizer: object) -> BertForSequenceClassification:
    """A small BERT that knows most words' worth."""
    torch.manual_seed(0)
    model = BertForSequenceClassification(
        BertConfig(
            vocab_size=len(tokenizer),
            hidden_size=32,
            num_hidden_layers=1,
            num_attention_heads=2,
            intermediate_size=32,
            max_position_embeddings=32,
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
            num_labels=2,
        )
    )
    known = sentences("known", 1200)
    batch = tokenizer([item.text for item in known], padding=True, return_tensors="pt")
    labels = torch.tensor([item.label for item in known])
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for step in range(120):
        chosen = torch.arange(step * 100, step * 100 + 100) % len(known)
        loss = model(**{name: values[chosen] for name, values in batch.items()}, labels=labels[chosen]).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model.eval()


def tiny_agora(data: Path, **agora: object) -> ExperimentSpec:
    """The specification on the data of a folder."""
    spec = parse_spec(SPEC.format(data=data))
    return spec.changed(agora=spec.agora.model_dump() | agora) if agora else spec
