"""A generated corpus with long and short paragraphs, and small tokenizers trained on it without a network."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from tokenizers import ByteLevelBPETokenizer, Tokenizer, models, normalizers, pre_tokenizers, trainers
from transformers import BertTokenizer, RobertaTokenizer

from engine.tasks.squad.loading import Answer, Question

TEXT = (
    "harbour lantern Quill river granite Élan naïve 1987 bridge-head copper violet orchard (salt) Ångström "
    "meridian, timber. 日本 market unbelievably tower ship winter glass 3.5% mill o'clock stone path field"
)
WORDS = TEXT.split()

MakeCorpus = Callable[..., list[Question]]


def _make(count: int, seed: int = 0, longest: int = 160) -> list[Question]:
    """``count`` questions, several to a paragraph; a third has no answer, the others one to three words of it."""
    rng = random.Random(seed)
    questions: list[Question] = []
    while len(questions) < count:
        words = rng.choices(WORDS, k=rng.randint(1, longest))
        context = rng.choice([" ", "  "]).join(words)
        starts = [
            n for n, letter in enumerate(context) if letter != " " and (n == 0 or context[n - 1] == " ")
        ]
        for _ in range(rng.randint(1, 4)):
            number = len(questions)
            answers: tuple[Answer, ...] = ()
            if rng.random() < 2 / 3:
                first = rng.randrange(len(starts))
                last = min(first + rng.randrange(3), len(starts) - 1)
                end = context.find(" ", starts[last])
                text = context[starts[first] : end if end >= 0 else len(context)]
                answers = (Answer(text, starts[first]),)
            asked = " ".join(rng.choices(WORDS, k=rng.randint(1, 12))) + "?"
            questions.append(Question(f"q{number}", asked, context, answers, "topic"))
    return questions[:count]


@pytest.fixture(scope="session")
def make_corpus() -> MakeCorpus:
    return _make


@pytest.fixture(scope="session")
def bert_tokenizer() -> Any:
    trained = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    trained.normalizer = normalizers.BertNormalizer(lowercase=True)
    trained.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    trainer = trainers.WordPieceTrainer(vocab_size=150, special_tokens=special, show_progress=False)
    trained.train_from_iterator([TEXT] * 3, trainer)
    return BertTokenizer(vocab=trained.get_vocab(), do_lower_case=True)


@pytest.fixture(scope="session")
def roberta_tokenizer() -> Any:
    trained = ByteLevelBPETokenizer()
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    trained.train_from_iterator([TEXT] * 3, vocab_size=330, special_tokens=special, show_progress=False)
    model = json.loads(trained._tokenizer.to_str())["model"]
    return RobertaTokenizer(vocab=model["vocab"], merges=[tuple(pair) for pair in model["merges"]])


@pytest.fixture(params=["bert_tokenizer", "roberta_tokenizer"])
def tokenizer(request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue(request.param)
