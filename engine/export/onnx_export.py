"""Writes a model as an ONNX file with free batch and length, and checks it against the model it was made from."""

from __future__ import annotations

import copy
import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn

from engine.distill.students.anatomy import config_of, max_positions, takes_token_types
from engine.errors import ModelError
from engine.export.onnx_session import open_session, outputs_of, random_inputs, require_onnx
from engine.tasks.interface import Head

FILE_NAME = "model.onnx"
TOLERANCE = 1e-4
OPSET = 20
OUTPUTS: Mapping[Head, tuple[str, ...]] = {
    "span": ("start_logits", "end_logits"),
    "sequence": ("logits",),
    "masked_lm": ("logits",),
}
"""Outputs of each head, named as in transformers."""
WRAPPED = "model."
"""What names of modules and weights begin with in the file."""


@dataclass(frozen=True, slots=True)
class OnnxFile:
    """An ONNX file that was written and checked.

    Attributes:
        path: The file.
        inputs: Names of its inputs, each of shape (batch, length), int64.
        outputs: Names of its outputs, fp32.
        largest_difference: From the outputs of the model it was made from, over all shapes tried.
    """

    path: Path
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    largest_difference: float

    @property
    def megabytes(self) -> float:
        """Size of the file in megabytes (10^6 bytes)."""
        return self.path.stat().st_size / 1e6


def export_onnx(model: nn.Module, tokenizer: Any, folder: Path, head: Head) -> OnnxFile:  # noqa: ANN401
    """Write ``model.onnx`` into a folder and compare what it says with what the model says.

    Batch size and length of the inputs are free, up to the model's longest input. Heads that were sliced out of the
    model are not in the file: it is as small as the model in memory.

    Args:
        model: The model, on any device; it is not changed.
        tokenizer: Its tokenizer, which names the inputs.
        folder: Where to write; it is made if need be.
        head: The model's head, which names the outputs.

    Raises:
        SettingError: Packages are missing.
        ModelError: The model cannot be written, or the file does not agree with it to 1e-4.
    """
    require_onnx()
    own = copy.deepcopy(model).cpu().eval()
    names = tuple(
        name for name in tokenizer.model_input_names if name != "token_type_ids" or takes_token_types(own)
    )
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FILE_NAME
    _write(_Plain(own, names, OUTPUTS[head]), path)
    difference = _largest_difference(own, path, names)
    # Written so that NaN is refused too.
    if not difference <= TOLERANCE:
        path.unlink()
        raise ModelError(
            f"the ONNX file differs from the model by {difference:.2g}, more than {TOLERANCE:g}; it was not kept: "
            "export without --onnx, or with the torch version the model was trained with"
        )
    return OnnxFile(path, names, OUTPUTS[head], difference)


class _Plain(nn.Module):
    """The model with tensors in and tensors out, in the order of their names."""

    def __init__(self, model: nn.Module, inputs: tuple[str, ...], outputs: tuple[str, ...]) -> None:
        super().__init__()
        self.model = model
        self.inputs = inputs
        self.outputs = outputs

    def forward(self, *tensors: Tensor) -> tuple[Tensor, ...]:
        told = self.model(**dict(zip(self.inputs, tensors, strict=True)))
        return tuple(told[name] for name in self.outputs)


def _write(plain: _Plain, path: Path) -> None:
    longest = max_positions(plain.model)
    free = {0: torch.export.Dim("batch"), 1: torch.export.Dim("length", max=longest)}
    example = _inputs(plain.model, plain.inputs, (2, min(16, longest)))
    with _quiet(), torch.no_grad():
        try:
            program = torch.onnx.export(
                plain,
                tuple(example.values()),
                dynamo=True,
                dynamic_shapes=(tuple(free for _ in plain.inputs),),
                input_names=list(plain.inputs),
                output_names=list(plain.outputs),
                opset_version=OPSET,
                verbose=False,
            )
        except RuntimeError as error:
            reason = str(error).strip().split("\n")[0]
            raise ModelError(f"the model cannot be written as ONNX: {reason}") from error
    assert program is not None
    program.save(str(path))


def _largest_difference(model: nn.Module, path: Path, names: tuple[str, ...]) -> float:
    """Over a single token, a full row, and batches with padding."""
    session = open_session(path)
    longest = max_positions(model)
    differences = []
    for rows, length in ((1, 1), (1, longest), (2, longest // 2), (5, max(2, longest // 3))):
        inputs = _inputs(model, names, (rows, length))
        found = outputs_of(session, {name: tensor.numpy() for name, tensor in inputs.items()})
        with torch.no_grad():
            told = cast("Any", model)(**inputs)
        differences += [np.abs(array - told[name].numpy()).max() for name, array in found.items()]
    return float(np.max(differences))


def _inputs(model: nn.Module, names: tuple[str, ...], shape: tuple[int, int]) -> dict[str, Tensor]:
    config = config_of(model)
    arrays = random_inputs(
        names, shape, vocabulary=config.vocab_size, types=getattr(config, "type_vocab_size", 1)
    )
    return {name: torch.from_numpy(array) for name, array in arrays.items()}


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the exporter's notes on packages that are not needed and functions it calls itself."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
