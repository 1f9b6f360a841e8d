"""Runs a model over a part's rows once and collects what its head says of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from engine.distill.students.anatomy import takes_token_types
from engine.distill.training.batches import PER_TOKEN, Batch, by_length, make_batch
from engine.distill.training.precision import Precision, autocast
from engine.tasks.interface import OUTPUT_NAMES, Head, Outputs, Rows

MAX_TOKENS = 8192
"""Padded tokens in a forward pass of inference: enough to fill a processor, few enough to bound memory."""


def model_inputs(model: Any, inputs: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:  # noqa: ANN401
    """The inputs without those the model's family does not know (only BERT has token types)."""
    if not takes_token_types(model):
        return {name: value for name, value in inputs.items() if name != "token_type_ids"}
    return inputs


def predict(
    model: Any,  # noqa: ANN401 - transformers is untyped
    rows: Rows,
    head: Head,
    *,
    batch_size: int,
    precision: Precision,
    hidden: Path | None = None,
    report: Callable[[float], None] | None = None,
) -> Outputs:
    """What the model's head says of every row, in fp32; the model is left in the mode it was in.

    Args:
        model: a transformers model with the head, on its device.
        rows: the inputs.
        head: decides what is collected, see ``OUTPUT_NAMES``.
        batch_size: rows at a time, at most; ``MAX_TOKENS`` bounds them too.
        precision: arithmetic of the forward pass.
        hidden: file for the last hidden states, written as ``hidden`` in fp16, shape (tokens, width), in the layout
            of ``Rows.input_ids``; None collects none.
        report: called now and then with the share done, from 0 to 1.
    """
    device = next(model.parameters()).device
    training = model.training
    model.eval()
    collected = _empty(model, rows, head, hidden)
    done = 0
    try:
        with torch.inference_mode():
            for chosen in by_length(rows, batch_size, MAX_TOKENS):
                batch = make_batch(rows, chosen, device)
                with autocast(device, precision):
                    output = model(
                        **model_inputs(model, batch.inputs), output_hidden_states=hidden is not None
                    )
                _collect(collected, output, rows, batch)
                done += len(chosen)
                if report is not None:
                    report(done / len(rows))
    finally:
        model.train(training)
    return collected


def _empty(model: Any, rows: Rows, head: Head, hidden: Path | None) -> dict[str, NDArray[Any]]:  # noqa: ANN401
    collected: dict[str, NDArray[Any]] = {}
    for name in OUTPUT_NAMES[head]:
        shape = (len(rows.input_ids),) if name in PER_TOKEN else (len(rows), int(model.config.num_labels))
        collected[name] = np.zeros(shape, dtype=np.float32)
    if hidden is not None:
        shape = (len(rows.input_ids), int(model.config.hidden_size))
        collected["hidden"] = np.lib.format.open_memmap(hidden, mode="w+", dtype=np.float16, shape=shape)
    return collected


def _collect(collected: dict[str, NDArray[Any]], output: Any, rows: Rows, batch: Batch) -> None:  # noqa: ANN401
    mask = batch.mask.bool().cpu().numpy()
    places = (rows.row_offsets[batch.rows][:, None] + np.arange(mask.shape[1]))[mask]
    for name, values in collected.items():
        told = output.hidden_states[-1] if name == "hidden" else output[OUTPUT_FIELDS[name]]
        array = told.float().cpu().numpy()
        if name in PER_TOKEN:
            values[places] = array[mask]
        else:
            values[batch.rows] = array


OUTPUT_FIELDS = {"start": "start_logits", "end": "end_logits", "logits": "logits"}
"""Where transformers puts each output."""
