"""Runs a question-answering model over a feature set and collects the logits of every token."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from engine.distill.batches import Logits, by_length, make_batch
from engine.distill.precision import Precision, autocast
from engine.tasks.squad_features import Features


def model_inputs(model: Any, inputs: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:  # noqa: ANN401
    """The inputs without those the model's family does not know (DistilBERT has no token types)."""
    if getattr(model.config, "model_type", "") == "distilbert":
        return {name: value for name, value in inputs.items() if name != "token_type_ids"}
    return inputs


def predict(
    model: Any,  # noqa: ANN401 - transformers is untyped
    features: Features,
    batch_size: int,
    precision: Precision,
    report: Callable[[float], None] | None = None,
) -> Logits:
    """Logits of every token of every window; the model is left in the mode it was in.

    Args:
        model: a transformers question-answering model on its device.
        features: the windows.
        batch_size: windows at a time.
        precision: arithmetic of the forward pass; logits come back in fp32.
        report: called now and then with the share done, from 0 to 1.
    """
    device = next(model.parameters()).device
    training = model.training
    model.eval()
    start = np.zeros(len(features.input_ids), dtype=np.float32)
    end = np.zeros(len(features.input_ids), dtype=np.float32)
    done = 0
    try:
        with torch.inference_mode():
            for windows in by_length(features, batch_size):
                batch = make_batch(features, windows, device)
                with autocast(device, precision):
                    output = model(**model_inputs(model, batch.inputs))
                mask = batch.inputs["attention_mask"].bool().cpu().numpy()
                places = (features.row_offsets[windows][:, None] + np.arange(mask.shape[1]))[mask]
                start[places] = output.start_logits.float().cpu().numpy()[mask]
                end[places] = output.end_logits.float().cpu().numpy()[mask]
                done += len(windows)
                if report is not None:
                    report(done / len(features))
    finally:
        model.train(training)
    return Logits(start, end)
