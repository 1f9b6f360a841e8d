"""Measures how long a model takes for one batch of a fixed shape: warm, repeated, as a median with its spread."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass

import torch
from torch import nn

from engine.distill.students.anatomy import config_of, max_positions
from engine.errors import SettingError

WARMUP = 5
REPEATS = 30
INPUT_SEED = 0


@dataclass(frozen=True, slots=True)
class Latency:
    """Wall time of one forward pass over a batch.

    Args:
        median_ms: Median over the repeats, in milliseconds.
        iqr_ms: Distance between the upper and the lower quartile, in milliseconds.
        repeats: Timed passes.
        batch: Sequences in the batch.
        length: Tokens of each sequence, no padding.
        threads: Threads of PyTorch's operators on the CPU.
        device: Where the model was, "cpu" or "cuda:0" for example.
    """

    median_ms: float
    iqr_ms: float
    repeats: int
    batch: int
    length: int
    threads: int
    device: str


def measure_latency(
    model: nn.Module,
    *,
    length: int,
    batch: int = 1,
    warmup: int = WARMUP,
    repeats: int = REPEATS,
    threads: int = 1,
) -> Latency:
    """Times the model where it is, in evaluation mode, on random tokens.

    The model's mode and PyTorch's number of threads are put back afterwards. On a GPU each pass is timed from an
    idle device to an idle device.

    Args:
        model: A transformers model that takes ``input_ids`` and ``attention_mask``.
        length: Tokens of each sequence, 1 to the model's maximum.
        batch: Sequences in the batch, at least 1.
        warmup: Untimed passes before, at least 0.
        repeats: Timed passes, at least 1.
        threads: Threads of PyTorch's operators, at least 1.

    Raises:
        SettingError: A setting is out of its range.
    """
    config = config_of(model)
    lowest = {"length": 1, "batch": 1, "warmup": 0, "repeats": 1, "threads": 1}
    values = {"length": length, "batch": batch, "warmup": warmup, "repeats": repeats, "threads": threads}
    for name, value in values.items():
        if value < lowest[name]:
            raise SettingError(f"{name} is {value}; it must be at least {lowest[name]}")
    if length > max_positions(model):
        raise SettingError(f"length is {length}; the model takes at most {max_positions(model)} tokens")
    device = next(model.parameters()).device
    generator = torch.Generator().manual_seed(INPUT_SEED)
    tokens = torch.randint(0, config.vocab_size, (batch, length), generator=generator).to(device)
    threads_before, training = torch.get_num_threads(), model.training
    try:
        torch.set_num_threads(threads)
        model.eval()
        seconds = _time_passes(model, tokens, warmup, repeats)
    finally:
        model.train(training)
        torch.set_num_threads(threads_before)
    milliseconds = [1000 * value for value in seconds]
    return Latency(
        statistics.median(milliseconds), _iqr(milliseconds), repeats, batch, length, threads, str(device)
    )


def _time_passes(model: nn.Module, tokens: torch.Tensor, warmup: int, repeats: int) -> list[float]:
    mask = torch.ones_like(tokens)
    seconds = []
    with torch.inference_mode():
        for _ in range(warmup + repeats):
            _wait_for(tokens.device)
            start = time.perf_counter()
            model(input_ids=tokens, attention_mask=mask)
            _wait_for(tokens.device)
            seconds.append(time.perf_counter() - start)
    return seconds[warmup:]


def _wait_for(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def _iqr(values: list[float]) -> float:
    if len(values) == 1:
        return 0.0
    lower, _, upper = statistics.quantiles(values, n=4, method="inclusive")
    return upper - lower
