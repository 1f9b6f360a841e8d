"""Sums of losses between two step events, kept on the device so that no step waits for the host."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping

import torch

from engine.errors import DivergenceError
from engine.events import Step


class LossWindow:
    """Adds up losses, examples and seconds until an event is made of them.

    Attributes:
        seconds: time spent in optimiser steps, over all attempts.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._clear()

    def _clear(self) -> None:
        self._sums: dict[str, torch.Tensor] = {}
        self._steps = 0
        self._examples = 0
        self._seconds_before = self.seconds

    def add(self, losses: Mapping[str, torch.Tensor], examples: int, began: float) -> None:
        """Add a step that began at the monotonic time ``began``."""
        for name, loss in losses.items():
            self._sums[name] = self._sums[name] + loss if name in self._sums else loss
        self._steps += 1
        self._examples += examples
        self.seconds += time.monotonic() - began

    def event(self, step: int, epoch: float, rate: float) -> Step:
        """The means since the last event, as an event.

        Raises:
            DivergenceError: when the loss is not finite.
        """
        began = time.monotonic()
        values = (torch.stack(list(self._sums.values())) / self._steps).tolist()  # waits for the device
        losses = dict(zip(self._sums, values, strict=True))
        self.seconds += time.monotonic() - began
        total = losses.pop("total")
        if not math.isfinite(total):
            raise DivergenceError(
                f"the loss is {total} at step {step}: training diverged; a lower learning_rate or max_grad_norm helps"
            )
        speed = self._examples / max(self.seconds - self._seconds_before, 1e-9)
        parts = {f"{name}_loss": value for name, value in losses.items()}
        event = Step(step, epoch, total, learning_rate=rate, examples_per_second=speed, **parts)
        self._clear()
        return event
