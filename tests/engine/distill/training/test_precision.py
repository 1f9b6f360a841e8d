"""Which arithmetic is chosen, and that it is the one the forward pass runs in."""

from __future__ import annotations

import pytest
import torch

from engine.distill.training.precision import BF16_HIDDEN_SIZE, autocast, choose_precision, default_device

CPU = torch.device("cpu")


@pytest.mark.parametrize("setting", ["fp32", "bf16"])
@pytest.mark.parametrize("device", [CPU, torch.device("cuda"), torch.device("meta")])
def test_a_setting_is_obeyed(setting, device):
    assert choose_precision(setting, device, 8) == setting


@pytest.mark.parametrize(
    ("available", "supported", "hidden_size", "expected"),
    [
        (True, True, BF16_HIDDEN_SIZE, "bf16"),
        (True, True, BF16_HIDDEN_SIZE - 1, "fp32"),
        (True, False, 768, "fp32"),
        (False, None, 768, "fp32"),
    ],
)
def test_auto_on_a_cpu(monkeypatch, available, supported, hidden_size, expected):
    def answer():
        assert supported is not None, "the operator does not exist in such a build"
        return supported

    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: available)
    monkeypatch.setattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", answer)
    assert choose_precision("auto", CPU, hidden_size) == expected


@pytest.mark.parametrize(("supported", "expected"), [(True, "bf16"), (False, "fp32")])
def test_auto_on_a_gpu_asks_the_gpu(monkeypatch, supported, expected):
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda: supported)
    assert choose_precision("auto", torch.device("cuda"), 8) == expected


@pytest.mark.parametrize(("precision", "dtype"), [("fp32", torch.float32), ("bf16", torch.bfloat16)])
def test_matrix_products_run_in_the_precision(precision, dtype):
    layer = torch.nn.Linear(4, 4)
    with autocast(CPU, precision):
        assert layer(torch.ones(2, 4)).dtype == dtype
    assert layer.weight.dtype == torch.float32


def test_default_device_is_what_torch_sees():
    assert default_device().type == ("cuda" if torch.cuda.is_available() else "cpu")
