"""Int8 copies: near the model they come from, smaller, and usable wherever the model is."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch
from torch import nn

from engine.distill.measuring.latency import measure_latency
from engine.distill.measuring.quantisation import quantised, quantised_mb
from engine.distill.students.build import build_student
from engine.distill.students.encoder_linears import encoder_linears
from engine.errors import SettingError
from tests.engine.distill.tiny_teachers import logits_of, tiny, tiny_inputs

HEADS = ["span", "sequence", "masked_lm"]


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("family", ["bert", "distilbert", "roberta"])
def test_it_says_nearly_the_same(family, head):
    model = tiny(family, head)
    inputs = tiny_inputs()
    exact, near = logits_of(model, inputs), logits_of(quantised(model), inputs)
    assert not torch.equal(exact, near)
    assert (exact - near).abs().mean() < 0.25 * exact.std()


def test_weights_are_rounded_to_eight_bits_per_output():
    model = tiny("bert", n_layers=1)
    weight = encoder_linears(model)["bert.encoder.layer.0.intermediate.dense"].weight.detach()
    small = quantised(model).bert.encoder.layer[0].intermediate.dense
    scale = weight.abs().amax(dim=1, keepdim=True) / 127.5
    assert small.weight().dequantize() == pytest.approx(weight, abs=float(scale.max()) * 0.51)
    assert torch.allclose(small.weight().q_per_channel_scales().float(), scale.flatten(), rtol=1e-3)


def test_only_the_encoders_linear_layers_change():
    model = tiny("bert", "sequence")
    small = quantised(model)
    assert not encoder_linears(small)
    assert len(encoder_linears(model)) == 4 * 6, "the model itself is left alone"
    assert {name for name, module in small.named_modules() if isinstance(module, nn.Linear)} == {
        "bert.pooler.dense",
        "classifier",
    }
    assert torch.equal(
        small.bert.embeddings.word_embeddings.weight, model.bert.embeddings.word_embeddings.weight
    )


def test_the_size_is_that_of_its_tensors():
    model = tiny("bert", n_layers=2)
    everything = sum(parameter.numel() for parameter in model.parameters())
    weights = sum(linear.weight.numel() for linear in encoder_linears(model).values())
    outputs = sum(linear.out_features for linear in encoder_linears(model).values())
    # A byte for a weight instead of four; for each output a scale (8 bytes) and a zero point (8 bytes).
    assert quantised_mb(quantised(model)) == pytest.approx(
        (4 * everything - 3 * weights + 16 * outputs) / 1e6
    )


def test_a_pruned_student_can_be_quantised_and_timed():
    student = build_student(tiny("bert"), n_layers=2, n_heads=2, seed=1)
    student.train()
    small = quantised(student)
    assert student.training
    assert not small.training
    assert (logits_of(student, tiny_inputs()) - logits_of(small, tiny_inputs())).abs().mean() < 0.2
    assert measure_latency(small, length=16, repeats=3).median_ms > 0


def test_a_wide_model_becomes_smaller_and_faster():
    model = tiny("bert", n_layers=2, n_heads=12, hidden_size=768, intermediate_size=3072)
    small = quantised(model)
    assert quantised_mb(small) < 0.3 * sum(p.numel() for p in model.parameters()) * 4 / 1e6
    slow, fast = (measure_latency(each, length=64, warmup=2, repeats=5).median_ms for each in (model, small))
    assert fast < slow


def test_a_build_without_int8_says_so(monkeypatch):
    monkeypatch.setattr(torch.backends, "quantized", SimpleNamespace(engine="none"))
    with pytest.raises(SettingError, match="int8 needs a build of PyTorch"):
        quantised(tiny("bert", n_layers=1))
