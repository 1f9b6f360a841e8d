"""An int8 version of an ONNX file, with its agreement with the fp32 file and the speed of both, measured here."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from torch import nn

from engine.distill.measuring.latency import REPEATS
from engine.distill.students.anatomy import config_of
from engine.distill.students.encoder_linears import encoder_linears
from engine.errors import ModelError
from engine.export.onnx_export import WRAPPED, OnnxFile
from engine.export.onnx_session import median_ms, open_session, outputs_of, random_inputs

FILE_NAME = "model_int8.onnx"
AGREEMENT_ROWS = 32
SCOPES = "pkg.torch.onnx.name_scopes"
"""Where the exporter notes the modules a node comes from, outermost first."""


@dataclass(frozen=True, slots=True)
class Int8Comparison:
    """An int8 ONNX file against the fp32 file it was made from, on random inputs.

    Attributes:
        path: The int8 file.
        length: Tokens of the inputs.
        same_choice: Share of decisions (the highest logit: a token, a class, or a word for each token) that are the
            same, 0 to 1; it says nothing of a regression.
        mean_difference: Mean absolute difference of the logits.
        spread: Standard deviation of the fp32 logits, to compare the difference with.
        fp32_ms: Median latency of the fp32 file, one row of full length, one thread, in milliseconds.
        int8_ms: The same of the int8 file.
    """

    path: Path
    length: int
    same_choice: float
    mean_difference: float
    spread: float
    fp32_ms: float
    int8_ms: float

    @property
    def megabytes(self) -> float:
        """Size of the int8 file in megabytes (10^6 bytes)."""
        return self.path.stat().st_size / 1e6


def quantise_onnx(fp32: OnnxFile, model: nn.Module) -> Path:
    """Write ``model_int8.onnx`` beside an ONNX file: the encoder's matrices in int8, everything else as it is.

    Seven bits of each weight are used, so that processors that add pairs of products in 16 bits (x86 without VNNI)
    compute the same as all others.

    Args:
        fp32: The file, as ``export_onnx`` wrote it.
        model: The model it was made from.

    Raises:
        ModelError: The file does not show which products are the encoder's.
    """
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    target = fp32.path.with_name(FILE_NAME)
    content = onnx.load(str(fp32.path))
    nodes = _encoder_nodes(content.graph, model)
    # The quantiser turns matrices around and then trips over the noted shapes; it works out new ones.
    del content.graph.value_info[:]
    with _without_hints():
        quantize_dynamic(
            content,
            target,
            weight_type=QuantType.QInt8,
            reduce_range=True,
            nodes_to_quantize=nodes,
        )
    return target


def compare_int8(
    fp32: OnnxFile, int8: Path, model: nn.Module, *, length: int, repeats: int = REPEATS
) -> Int8Comparison:
    """Measure both files on random tokens of one length.

    Args:
        fp32: The fp32 file.
        int8: The int8 file made from it.
        model: The model both were made from, for the sizes of its vocabulary and token types.
        length: Tokens of each row, 1 to the model's longest input.
        repeats: Timed runs, of which the median counts.
    """
    config = config_of(model)
    sizes = {"vocabulary": config.vocab_size, "types": getattr(config, "type_vocab_size", 1)}
    first, second = open_session(fp32.path), open_session(int8)
    rows = [random_inputs(fp32.inputs, (1, length), seed=seed, **sizes) for seed in range(AGREEMENT_ROWS)]
    pairs = [
        (own[name], other[name])
        for own, other in ((outputs_of(first, row), outputs_of(second, row)) for row in rows)
        for name in fp32.outputs
    ]
    return Int8Comparison(
        path=int8,
        length=length,
        same_choice=float(
            np.mean([(own.argmax(axis=-1) == other.argmax(axis=-1)).mean() for own, other in pairs])
        ),
        mean_difference=float(np.mean([np.abs(own - other).mean() for own, other in pairs])),
        spread=float(np.std([own for own, _ in pairs])),
        fp32_ms=median_ms(first, rows[0], repeats),
        int8_ms=median_ms(second, rows[0], repeats),
    )


def _encoder_nodes(graph: Any, model: nn.Module) -> list[str]:  # noqa: ANN401 - onnx's classes are made at run time
    """Names of the products with the encoder's matrices, by the modules that the exporter noted with each node.

    Raises:
        ModelError: They are not as many as the encoder has linear layers.
    """
    linears = encoder_linears(model)
    scopes = {f"'{WRAPPED}{name}'" for name in linears}
    found = [
        node.name
        for node in graph.node
        if node.op_type == "MatMul" and any(name in _scope(node) for name in scopes)
    ]
    if len(found) != len(linears):
        raise ModelError(
            f"the ONNX file has {len(found)} products with the encoder's matrices, the model has {len(linears)}; "
            "export without --int8"
        )
    return found


def _scope(node: Any) -> str:  # noqa: ANN401
    return next((entry.value for entry in node.metadata_props if entry.key == SCOPES), "")


@contextmanager
def _without_hints() -> Iterator[None]:
    """Without the advice to preprocess, which for these graphs changes nothing."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)
