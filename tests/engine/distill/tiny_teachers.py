"""Tiny random teachers, tokenizers and inputs for the tests of this folder."""

from __future__ import annotations

import torch
from transformers import AutoConfig
from transformers.models.bert.tokenization_bert import BertTokenizer

from engine.distill.models.pretrained import AUTO_MODELS

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


def tiny(family="bert", head="span", n_layers=4, n_heads=4, seed=0, **changes):
    """A random model of any family (a ``model_type``) with any head and settings of its configuration."""
    torch.manual_seed(seed)
    inner = "hidden_dim" if family == "distilbert" else "intermediate_size"
    settings = {
        "vocab_size": VOCABULARY,
        "hidden_size": 32,
        "num_hidden_layers": n_layers,
        "num_attention_heads": n_heads,
        inner: 48,
        "max_position_embeddings": POSITIONS,
        "initializer_range": 0.3,
    }
    if family not in ("bert", "distilbert"):
        settings |= {"type_vocab_size": 1, "layer_norm_eps": 1e-5}
    return randomised(AUTO_MODELS[head].from_config(AutoConfig.for_model(family, **(settings | changes))))


def tiny_bert(**settings):
    return tiny("bert", **settings)


def tiny_distilbert(**settings):
    return tiny("distilbert", **settings)


def tiny_roberta(**settings):
    return tiny("roberta", **settings)


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


def known_inputs(model, inputs):
    """The inputs without token types unless the model is BERT."""
    return {
        name: value
        for name, value in inputs.items()
        if model.config.model_type == "bert" or "type" not in name
    }


def logits_of(model, inputs):
    """All logits without dropout; start and end stacked, shape (2, batch, length), for question answering."""
    training = model.training
    with torch.no_grad():
        output = model.eval()(**known_inputs(model, inputs))
    model.train(training)
    if "start_logits" in output:
        return torch.stack([output.start_logits, output.end_logits])
    return output.logits
