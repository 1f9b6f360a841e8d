"""Losses between two step events: means over steps, seconds in steps alone, and divergence named."""

from __future__ import annotations

import math

import pytest
import torch

from engine.distill.training import loss_window
from engine.distill.training.loss_window import LossWindow
from engine.errors import DivergenceError


def losses(**values):
    return {name: torch.tensor(value) for name, value in values.items()}


def test_means_speed_and_seconds_by_hand(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(loss_window.time, "monotonic", lambda: now[0])
    window = LossWindow(50.0)
    for total, hard, seconds in ((2.0, 1.0, 0.5), (4.0, 2.0, 1.5)):
        began = now[0]
        now[0] += seconds
        window.add(losses(total=total, hard=hard, cosine=0.25), 8, began)
        now[0] += 10.0  # an evaluation between two steps is no training
    event = window.event(7, 0.5, 1e-3)
    assert (event.step, event.epoch, event.learning_rate) == (7, 0.5, 1e-3)
    assert (event.loss, event.hard_loss, event.cosine_loss) == (3.0, 1.5, 0.25)
    assert (event.soft_loss, event.hidden_loss, event.attention_loss) == (None, None, None)
    assert event.examples_per_second == 16 / 2.0
    assert window.seconds == 52.0
    window.add(losses(total=1.0, hard=1.0), 4, now[0])
    assert window.event(8, 0.6, 1e-3).loss == 1.0, "a new window begins with every event"


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_one_bad_step_in_a_window_is_divergence(value):
    window = LossWindow(0.0)
    for total in (1.0, value, 1.0):
        window.add(losses(total=total), 1, 0.0)
    with pytest.raises(DivergenceError, match="at step 9: training diverged; a lower learning_rate"):
        window.event(9, 1.0, 0.1)
