"""The arithmetic of training and inference: bf16 autocast where device and model size make it pay."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Literal

import torch

Precision = Literal["fp32", "bf16"]

BF16_HIDDEN_SIZE = 256
"""Narrowest model for which bf16 is chosen automatically on a CPU: below it conversions cost more than they save."""


def choose_precision(
    setting: Literal["auto", "fp32", "bf16"], device: torch.device, hidden_size: int
) -> Precision:
    """The precision a model runs in on a device, for the setting ``training.precision``."""
    if setting != "auto":
        return setting
    if device.type == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported() else "fp32"
    if device.type != "cpu" or hidden_size < BF16_HIDDEN_SIZE:
        return "fp32"
    # Builds of torch without oneDNN do not have the operator.
    onednn = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
    fast = onednn and torch.ops.mkldnn._is_mkldnn_bf16_supported()
    return "bf16" if fast else "fp32"


def autocast(device: torch.device, precision: Precision) -> AbstractContextManager[object]:
    """Context in which the forward pass runs."""
    if precision == "fp32":
        return nullcontext()
    return torch.autocast(device.type, torch.bfloat16)


def default_device() -> torch.device:
    """The GPU this process was given, or the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")
