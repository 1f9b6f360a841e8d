"""Int8 copies of models: the encoder's linear layers in 8 bits, to be evaluated and timed like any other model."""

from __future__ import annotations

import copy
import warnings
from typing import Any, cast

import torch
from torch import nn
from torch.ao.nn.quantized.dynamic import Linear as Int8Linear
from torch.ao.quantization import per_channel_dynamic_qconfig, quantize_dynamic

from engine.distill.students.encoder_linears import encoder_linears
from engine.errors import SettingError


def quantised(model: nn.Module) -> nn.Module:
    """A copy on the CPU in evaluation mode that computes the encoder's linear layers in 8-bit integers.

    Dynamic quantisation: weights are rounded to int8 once, symmetrically, with one scale per output; the scale of
    a layer's input is taken from each batch as it comes. Embeddings, norms and the head stay in fp32. The copy can
    be evaluated and timed like any model, in fp32 arithmetic (no autocast), but not trained.

    Args:
        model: A model of a supported family, on any device, pruned heads or not; it is not changed.

    Raises:
        SettingError: This build of PyTorch has no int8 operators.
    """
    if torch.backends.quantized.engine == "none":
        raise SettingError(
            "int8 needs a build of PyTorch with quantised operators (fbgemm, x86, onednn or qnnpack); "
            "this one has none: leave int8 out or install another build"
        )
    own = copy.deepcopy(model).cpu().eval()
    with warnings.catch_warnings():
        # PyTorch announces that these functions will move to torchao; they are in every version this project allows.
        warnings.simplefilter("ignore")
        plan = dict.fromkeys(encoder_linears(own), per_channel_dynamic_qconfig)
        return cast("nn.Module", quantize_dynamic(own, plan, inplace=True))  # type: ignore[no-untyped-call]


def quantised_mb(model: nn.Module) -> float:
    """Size in memory of a model made by ``quantised``, in megabytes (10^6 bytes), scales and zero points included."""
    total = sum(parameter.numel() * parameter.element_size() for parameter in model.parameters())
    for module in model.modules():
        if isinstance(module, Int8Linear):
            packed: Any = module
            weight, bias = packed.weight(), packed.bias()
            tensors = [weight.int_repr(), weight.q_per_channel_scales(), weight.q_per_channel_zero_points()]
            total += sum(t.numel() * t.element_size() for t in (*tensors, *([] if bias is None else [bias])))
    return total / 1e6
