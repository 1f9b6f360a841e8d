"""What a trial will end with: which completed trials tell, and which metrics are known."""

from __future__ import annotations

import numpy as np
import pytest

from engine.early_stopping.curves import Curve, in_numbers
from engine.early_stopping.forecast import Forecaster, Forecasts
from engine.metrics import Metric
from engine.parameters import CategoricalParameter, FloatParameter, IntegerParameter
from engine.space import SearchSpace
from tests.engine.early_stopping.made_curves import METRICS, completed, curve


def forecasts(
    metrics: tuple[Metric, ...], done: list[Curve], one: Curve, min_curves: int
) -> Forecasts | None:
    return Forecaster(metrics, done, min_curves).forecasts(one)


LATENCY = Metric(name="latency_ms", direction="minimize")


def test_a_curve_is_carried_on_like_the_others() -> None:
    found = forecasts(METRICS, completed(), curve(9, [36.0], 3e7), 5)
    assert found is not None
    assert found["exact"].mean == pytest.approx(56, abs=1)
    assert 0 < found["exact"].scale < 1.5
    assert found["num_parameters"].mean == 3e7
    assert found["num_parameters"].scale == 0
    later = forecasts(METRICS, completed(), curve(9, [36.0, 40.0], 3e7), 5)
    assert later is not None
    assert later["exact"].mean == pytest.approx(50, abs=1)


def test_nothing_is_said_before_enough_trials_tell() -> None:
    assert forecasts(METRICS, completed()[:4], curve(9, [36.0]), 5) is None
    # Of trials that ended before their third evaluation nothing is learned of what comes after it.
    short = [curve(one.number, [1.0, 2.0], final=40.0) for one in completed()]
    assert forecasts(METRICS, short, curve(9, [36.0, 40.0, 45.0]), 5) is None
    nameless = [Curve(one.number, one.points, {}, {}, {"num_parameters": 1.0}) for one in completed()]
    assert forecasts(METRICS, nameless, curve(9, [36.0]), 5) is None


def test_stored_metrics_are_left_out() -> None:
    stored = Metric(name="train_seconds", role="store", direction="minimize")
    found = forecasts((*METRICS, stored), completed(), curve(9, [36.0]), 5)
    assert found is not None
    assert list(found) == ["exact", "num_parameters"]


def test_a_metric_measured_at_the_end_alone_follows_the_known_ones() -> None:
    random = np.random.default_rng(0)
    trials = []
    for one in completed() * 2:
        size = random.uniform(1e7, 9e7)
        known = {"num_parameters": size}
        trials.append(
            Curve(one.number, one.points, {}, known, {**(one.final or {}), **known, "latency_ms": size / 1e7})
        )
    found = forecasts((*METRICS, LATENCY), trials, curve(9, [36.0], 5.5e7), 5)
    assert found is not None
    assert found["latency_ms"].mean == pytest.approx(5.5, abs=0.01)


def test_a_metric_of_which_nothing_tells_is_as_in_the_others() -> None:
    trials = [
        Curve(one.number, one.points, {}, one.known, {**(one.final or {}), "latency_ms": float(one.number)})
        for one in completed()
    ]
    found = forecasts((*METRICS, LATENCY), trials, curve(9, [36.0]), 5)
    assert found is not None
    assert found["latency_ms"].mean == pytest.approx(3.5)
    assert found["latency_ms"].scale > 1


def test_an_evaluation_without_a_number_is_carried_by_the_settings_alone() -> None:
    broken = Curve(9, ({"exact": float("nan")},), {}, {"num_parameters": 1e7})
    found = forecasts(METRICS, completed(), broken, 5)
    assert found is not None
    finals = [one.final["exact"] for one in completed() if one.final]
    assert found["exact"].mean == pytest.approx(np.mean(finals))


def test_a_setting_that_decides_the_gain_is_found() -> None:
    random = np.random.default_rng(0)
    trials = [
        curve(number, [start], final=start + 20 * rate, rate=rate)
        for number, (start, rate) in enumerate(random.uniform([30, 0], [40, 1], size=(16, 2)).tolist())
    ]
    slow, fast = (forecasts(METRICS, trials, curve(99, [35.0], rate=rate), 5) for rate in (0.0, 1.0))
    assert slow is not None
    assert fast is not None
    assert (slow["exact"].mean, fast["exact"].mean) == (
        pytest.approx(35, abs=0.1),
        pytest.approx(55, abs=0.1),
    )


def test_settings_become_numbers() -> None:
    space = SearchSpace(
        {
            "rate": FloatParameter(low=1e-4, high=1e-2, log=True),
            "layers": IntegerParameter(low=1, high=2),
            "width": CategoricalParameter(values=(128, 256)),
            "which": CategoricalParameter(values=("first", "last")),
        }
    )
    found = in_numbers(space, {"rate": 1e-3, "layers": 2, "width": 128, "which": "last"})
    assert found == {
        "rate": pytest.approx(0.5),
        "layers": pytest.approx(0.75),
        "width": pytest.approx(0.25),
        "which = first": 0.0,
        "which = last": 1.0,
    }
