"""Rows of generated text and tiny masked-LM models for the tests of pre-training."""

from __future__ import annotations

import numpy as np
import torch
from transformers.models.bert.configuration_bert import BertConfig
from transformers.models.bert.modeling_bert import BertForMaskedLM
from transformers.models.distilbert.configuration_distilbert import DistilBertConfig
from transformers.models.distilbert.modeling_distilbert import DistilBertForMaskedLM
from transformers.models.roberta.configuration_roberta import RobertaConfig
from transformers.models.roberta.modeling_roberta import RobertaForMaskedLM

from engine.tasks.token_rows import TokenRows

WORDS = 40
PAD, UNK, CLS, SEP, MASK = range(5)
SETTINGS = {"mask_token_id": MASK, "special_ids": [PAD, UNK, CLS, SEP, MASK], "vocabulary": WORDS}


def rows_of(texts, settings=SETTINGS):
    """Rows of the given token ids."""
    lengths = [len(text) for text in texts]
    ids = np.concatenate([np.asarray(text, dtype=np.int32) for text in texts])
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return TokenRows(ids, np.zeros(len(ids), dtype=np.uint8), offsets, PAD, settings=settings)


def text_rows(count, seed=0, shortest=12, longest=24):
    """Rows that count in a circle of words, in steps of 1 or 2, so that a hidden word follows from its neighbours."""
    rng = np.random.default_rng(seed)
    texts = []
    for _ in range(count):
        steps = np.full(rng.integers(shortest, longest + 1) - 2, rng.integers(1, 3))
        words = (rng.integers(0, WORDS - 5) + np.cumsum(steps)) % (WORDS - 5) + 5
        texts.append([CLS, *words, SEP])
    return rows_of(texts)


def masked_lm(family="bert", layers=2, heads=2, width=32, seed=0, dropout=0.0, vocabulary=WORDS):
    """A tiny random masked-LM model."""
    torch.manual_seed(seed)
    common = {"vocab_size": vocabulary, "max_position_embeddings": 64, "initializer_range": 0.1}
    if family == "distilbert":
        config = DistilBertConfig(
            dim=width,
            n_layers=layers,
            n_heads=heads,
            hidden_dim=2 * width,
            dropout=dropout,
            attention_dropout=dropout,
            **common,
        )
        return DistilBertForMaskedLM(config)
    kind, model = {"bert": (BertConfig, BertForMaskedLM), "roberta": (RobertaConfig, RobertaForMaskedLM)}[
        family
    ]
    config = kind(
        hidden_size=width,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        intermediate_size=2 * width,
        hidden_dropout_prob=dropout,
        attention_probs_dropout_prob=dropout,
        pad_token_id=PAD,
        **common,
    )
    return model(config)
