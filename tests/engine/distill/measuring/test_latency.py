"""What a latency measurement does to the model and what it reports; never how fast."""

from __future__ import annotations

import pytest
import torch

from engine.distill.measuring import latency
from engine.distill.measuring.latency import Latency, measure_latency
from engine.distill.students.build import build_student
from engine.errors import SettingError
from tests.engine.distill.tiny_teachers import POSITIONS, tiny_bert, tiny_distilbert


class Clock:
    """A clock that shows the given passes' durations, two readings for each."""

    def __init__(self, durations):
        self.readings = [reading for duration in durations for reading in (0.0, duration)]

    def perf_counter(self):
        return self.readings.pop(0)


@pytest.mark.parametrize("make", [tiny_bert, tiny_distilbert])
def test_shape_warm_up_and_state(make):
    model = build_student(make(), n_layers=2, n_heads=2)
    calls = []
    model.register_forward_pre_hook(
        lambda module, args, inputs: calls.append(
            (
                inputs["input_ids"].shape,
                module.training,
                torch.get_num_threads(),
                torch.is_inference_mode_enabled(),
            )
        ),
        with_kwargs=True,
    )
    before = torch.get_num_threads()
    result = measure_latency(model, length=12, batch=3, warmup=2, repeats=4, threads=before + 1)
    assert calls == [((3, 12), False, before + 1, True)] * 6
    assert torch.get_num_threads() == before
    assert model.training
    assert (result.batch, result.length, result.repeats, result.threads) == (3, 12, 4, before + 1)
    assert result.device == "cpu"
    assert result.median_ms > 0


def test_median_and_quartiles_leave_out_the_warm_up(monkeypatch):
    monkeypatch.setattr(latency, "time", Clock([9.0, 0.004, 0.001, 0.002, 0.005, 0.003]))
    result = measure_latency(tiny_bert(n_layers=1), length=4, warmup=1, repeats=5)
    assert result == Latency(pytest.approx(3.0), pytest.approx(2.0), 5, 1, 4, 1, "cpu")


def test_one_repeat_has_no_spread():
    assert measure_latency(tiny_bert(n_layers=1), length=4, warmup=0, repeats=1).iqr_ms == 0


def test_state_is_restored_after_an_error():
    model = tiny_bert(n_layers=1).train()
    before = torch.get_num_threads()

    def fail(*args):
        raise RuntimeError("broken")

    model.register_forward_pre_hook(fail)
    with pytest.raises(RuntimeError, match="broken"):
        measure_latency(model, length=4, threads=before + 1)
    assert torch.get_num_threads() == before
    assert model.training


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"length": 0}, "length is 0; it must be at least 1"),
        ({"length": POSITIONS + 1}, f"length is {POSITIONS + 1}; the model takes at most {POSITIONS}"),
        ({"batch": 0}, "batch is 0"),
        ({"repeats": 0}, "repeats is 0"),
        ({"warmup": -1}, "warmup is -1"),
        ({"threads": 0}, "threads is 0"),
    ],
)
def test_bad_settings_are_named(change, words):
    with pytest.raises(SettingError, match=words):
        measure_latency(tiny_bert(n_layers=1), **({"length": 4} | change))
