"""ONNX Runtime behind a narrow door: whether it is installed, running a file on one thread, and how long that takes."""

from __future__ import annotations

import importlib.util
import statistics
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import SettingError

PACKAGES = ("onnx", "onnxscript", "onnxruntime")
WARMUP = 5
ERRORS_ONLY = 3

Arrays = Mapping[str, NDArray[Any]]


def require_onnx() -> None:
    """Check that the packages ONNX needs are installed.

    Raises:
        SettingError: One is missing.
    """
    missing = [name for name in PACKAGES if importlib.util.find_spec(name) is None]
    if missing:
        raise SettingError(
            f"ONNX needs the package{'s' if len(missing) > 1 else ''} {', '.join(missing)}; "
            "install with: pip install 'bert-frontier[onnx]'"
        )


def open_session(path: Path) -> Any:  # noqa: ANN401 - onnxruntime is untyped
    """An ONNX Runtime session on the CPU that works on one thread and prints errors alone."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = ERRORS_ONLY
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def outputs_of(session: Any, inputs: Arrays) -> dict[str, NDArray[Any]]:  # noqa: ANN401
    """All outputs of one run, by name."""
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, dict(inputs)), strict=True))


def random_inputs(
    names: tuple[str, ...], shape: tuple[int, int], *, vocabulary: int, types: int, seed: int = 0
) -> dict[str, NDArray[np.int64]]:
    """Inputs of random tokens: the first row is full, later ones end in ever more padding, at most half.

    Args:
        names: Inputs of the model: ``input_ids``, ``attention_mask`` and perhaps ``token_type_ids``.
        shape: Rows and tokens of each.
        vocabulary: Tokens are drawn from 0 to below this.
        types: Token types the model knows; the second half of a row has the last of them.
        seed: Of the draw.
    """
    rows, length = shape
    ids = np.random.default_rng(seed).integers(0, vocabulary, shape, dtype=np.int64)
    ends = length - (np.arange(rows) * length) // (2 * max(1, rows))
    position = np.broadcast_to(np.arange(length), shape)
    found = {
        "input_ids": ids,
        "attention_mask": (position < ends[:, None]).astype(np.int64),
        "token_type_ids": np.where(position >= length // 2, types - 1, 0).astype(np.int64),
    }
    return {name: found[name] for name in names}


def median_ms(session: Any, inputs: Arrays, repeats: int) -> float:  # noqa: ANN401
    """Median wall time of one run in milliseconds, warm."""
    seconds = []
    for _ in range(WARMUP + repeats):
        start = time.perf_counter()
        outputs_of(session, inputs)
        seconds.append(time.perf_counter() - start)
    return 1000 * statistics.median(seconds[WARMUP:])
