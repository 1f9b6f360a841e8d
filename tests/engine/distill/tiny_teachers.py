"""Tiny random teachers, tokenizers and inputs for the tests of this folder."""

from __future__ import annotations

import torch
from transformers.models.bert.configuration_bert import BertConfig
from transformers.models.bert.modeling_bert import BertForQuestionAnswering
from transformers.models.bert.tokenization_bert import BertTokenizer
from transformers.models.distilbert.configuration_distilbert import DistilBertConfig
from transformers.models.distilbert.modeling_distilbert import DistilBertForQuestionAnswering

WORDS = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "[MASK]",
    "who",
    "was",
    "the",
    "king",
    "of",
    "france",
    "?",
    "charles",
]
VOCABULARY = 40
POSITIONS = 64


def tiny_bert(n_layers=4, n_heads=4, seed=0, **changes):
    torch.manual_seed(seed)
    settings = {
        "vocab_size": VOCABULARY,
        "hidden_size": 32,
        "num_hidden_layers": n_layers,
        "num_attention_heads": n_heads,
        "intermediate_size": 48,
        "max_position_embeddings": POSITIONS,
        "initializer_range": 0.3,
    }
    return randomised(BertForQuestionAnswering(BertConfig(**(settings | changes))))


def tiny_distilbert(n_layers=4, n_heads=4, seed=0, **changes):
    torch.manual_seed(seed)
    settings = {
        "vocab_size": VOCABULARY,
        "dim": 32,
        "n_layers": n_layers,
        "n_heads": n_heads,
        "hidden_dim": 48,
        "max_position_embeddings": POSITIONS,
        "initializer_range": 0.3,
    }
    return randomised(DistilBertForQuestionAnswering(DistilBertConfig(**(settings | changes))))


def randomised(model):
    """The model with random biases and norms too, so that a forgotten one shows."""
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() == 1:
                parameter.add_(0.3 * torch.randn_like(parameter))
    return model.eval()


def tiny_tokenizer():
    return BertTokenizer(vocab={word: number for number, word in enumerate(WORDS)}, do_lower_case=True)


def tiny_inputs(batch=3, length=20, padding=5):
    """Ids, a mask with padding at the end of the second row, and token types."""
    ids = torch.randint(5, VOCABULARY, (batch, length), generator=torch.Generator().manual_seed(9))
    mask = torch.ones_like(ids)
    mask[1, length - padding :] = 0
    types = (torch.arange(length) >= length // 2).long().expand(batch, -1)
    return {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}


def logits_of(model, inputs):
    """Start and end logits stacked, shape (2, batch, length), without dropout."""
    known = dict(inputs)
    if model.config.model_type == "distilbert":
        known.pop("token_type_ids", None)
    training = model.training
    with torch.no_grad():
        output = model.eval()(**known)
    model.train(training)
    return torch.stack([output.start_logits, output.end_logits])
