"""The embedded corpus and teacher: made on first use from a seed, kept in the cache, never downloaded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers
from transformers import BertConfig, BertForQuestionAnswering, BertTokenizer

from engine.distill.hyperparameters import Hyperparameters
from engine.distill.losses.objectives import task_objective
from engine.distill.models.embedded_corpus import SEED, write_embedded_corpus
from engine.distill.models.embedded_files import embedded_data
from engine.distill.models.folder import save_student
from engine.distill.training.loop import TrainingRun, train
from engine.events import Event, Progress
from engine.tasks.squad.features import encode
from engine.tasks.squad.loading import load_squad

VOCABULARY = 1200
MAX_LENGTH = 128
DOC_STRIDE = 64
MAX_QUERY_LENGTH = 32

TEACHER = Hyperparameters(
    learning_rate=3e-3,
    beta_2=0.98,
    weight_decay=0.01,
    warm_up_steps=50,
    train_batch_size=32,
    eval_batch_size=64,
    epochs=3.0,
    alpha=0.0,
    n_layers=4,
    n_heads=4,
    dropout=0.0,
    attention_dropout=0.0,
    qa_dropout=0.0,
)
"""Trained from scratch in half a minute on two cores."""

HIDDEN_SIZE = 96
INTERMEDIATE_SIZE = 192


def make_embedded_data(cache: Path) -> Iterator[Event]:
    """Write the corpus and train the teacher, unless they are there; yields what it does."""
    data = embedded_data(cache)
    if data.teacher.exists():
        return
    yield Progress(0.0, "writing the embedded corpus")
    write_embedded_corpus(data)
    questions = load_squad(data.train).questions
    tokenizer = make_tokenizer([f"{item.question} {item.context}" for item in questions])
    model = _model(tokenizer)
    run = TrainingRun(
        rows=encode(
            tokenizer,
            questions,
            max_length=MAX_LENGTH,
            doc_stride=DOC_STRIDE,
            max_query_length=MAX_QUERY_LENGTH,
        ),
        objective=task_objective("span", 2, TEACHER, "fp32"),
        settings=TEACHER,
        seed=SEED,
    )
    for event in train(model, run):
        yield (
            Progress(event.fraction, f"embedded teacher: {event.message}")
            if isinstance(event, Progress)
            else event
        )
    save_student(
        model, tokenizer, data.teacher, card="The embedded teacher, trained on the generated corpus."
    )


def make_tokenizer(texts: list[str]) -> Any:  # noqa: ANN401 - transformers is untyped
    """A lower-case WordPiece tokenizer over the texts, the same for the same texts."""
    words = Tokenizer(models.WordPiece(unk_token="[UNK]"))  # noqa: S106 - the unknown word, no password
    words.normalizer = normalizers.BertNormalizer(lowercase=True)
    words.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    # The trainer numbers the continuing letters in the order of a hash map, which differs from run to run.
    letters = {letter for text in texts for letter in words.normalizer.normalize_str(text)}
    special += [f"##{letter}" for letter in sorted(letters) if not letter.isspace()]
    words.train_from_iterator(
        texts, trainers.WordPieceTrainer(vocab_size=VOCABULARY, special_tokens=special, show_progress=False)
    )
    return BertTokenizer(vocab=words.get_vocab(), do_lower_case=True)


def _model(tokenizer: Any) -> Any:  # noqa: ANN401
    state = torch.get_rng_state()
    torch.manual_seed(SEED)
    model = BertForQuestionAnswering(
        BertConfig(
            vocab_size=len(tokenizer),
            hidden_size=HIDDEN_SIZE,
            num_hidden_layers=TEACHER.n_layers,
            num_attention_heads=TEACHER.n_heads,
            intermediate_size=INTERMEDIATE_SIZE,
            max_position_embeddings=MAX_LENGTH,
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
            initializer_range=0.05,
        )
    )
    torch.set_rng_state(state)
    return model
