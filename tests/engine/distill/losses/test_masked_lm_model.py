"""The two halves of a masked-LM model against its own full forward pass."""

from __future__ import annotations

import pytest
import torch

from engine.distill.losses.masked_lm_model import check_masked_lm, encode, vocabulary_logits
from engine.distill.measuring.inference import model_inputs
from engine.errors import ModelError
from tests.engine.distill.text_rows import masked_lm
from tests.engine.distill.tiny_teachers import tiny_bert, tiny_inputs


@pytest.mark.parametrize("family", ["bert", "distilbert", "roberta"])
def test_logits_of_chosen_tokens_are_those_of_the_full_forward_pass(family):
    model = masked_lm(family).eval()
    inputs = tiny_inputs()
    if family == "roberta":
        inputs["token_type_ids"] = torch.zeros_like(inputs["token_type_ids"])
    check_masked_lm(model)
    full = model(**model_inputs(model, inputs), output_hidden_states=True)
    places = torch.tensor([0, 3, 21, 47])
    encoded = encode(model, inputs, states=True)
    torch.testing.assert_close(
        vocabulary_logits(model, encoded.last_hidden_state, places), full.logits.flatten(0, 1)[places]
    )
    for own, expected in zip(encoded.hidden_states, full.hidden_states, strict=True):
        torch.testing.assert_close(own, expected)


def test_gradients_are_those_of_the_full_forward_pass():
    inputs, places = tiny_inputs(), torch.tensor([1, 5, 44])
    gradients = []
    for whole in (True, False):
        model = masked_lm("bert")
        if whole:
            logits = model(**inputs).logits.flatten(0, 1)[places]
        else:
            logits = vocabulary_logits(model, encode(model, inputs).last_hidden_state, places)
        logits.square().sum().backward()
        gradients.append([p.grad for p in model.parameters() if p.grad is not None])
    assert len(gradients[0]) == len(gradients[1])
    torch.testing.assert_close(gradients[1], gradients[0])


def test_models_without_the_head_are_told():
    with pytest.raises(ModelError, match="BertForQuestionAnswering\\) has no masked-LM head"):
        check_masked_lm(tiny_bert())
