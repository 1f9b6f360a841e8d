"""Cuts through fitted models: values along parameters, intervals, and what cannot be built."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pytest

from engine.errors import SettingError
from engine.parameters import CategoricalParameter, FloatParameter, IntegerParameter
from engine.whatif.asking import models_for
from engine.whatif.cuts import SLICE_POINTS, SURFACE_POINTS, Cut, cut, grid
from engine.whatif.learning import Models
from engine.whatif.worker import Reply, Request, Worker
from tests.engine.whatif.studies import study
from tests.engine.whatif.test_worker import as_data


@pytest.fixture(scope="module")
def models() -> Models:
    return models_for(*study(20))


def centre(models: Models) -> dict[str, float | int | str]:
    return dict(models.completed[0].parameters)


def test_values_along_a_parameter() -> None:
    assert grid(CategoricalParameter(values=("a", "b")), 5) == ["a", "b"]
    assert grid(IntegerParameter(low=2, high=6), 9) == [2, 3, 4, 5, 6]
    many = grid(IntegerParameter(low=1, high=1000), 9)
    assert (len(many), many[0], many[-1]) == (9, 1, 1000)
    logarithmic = grid(FloatParameter(low=1e-6, high=1e-2, log=True), 5)
    assert logarithmic == pytest.approx([1e-6, 1e-5, 1e-4, 1e-3, 1e-2])


def test_slices_go_through_the_prediction_of_the_centre(models: Models) -> None:
    at = centre(models)
    found = cut(models, Cut("exact", at))
    means, deviations = models.predict(["exact"], [models.problem.space.canonical(at)])
    expected = models.estimate("exact", float(means[0, 0]), float(deviations[0, 0]))
    assert [part.parameter for part in found.slices] == list(models.problem.space.parameters)
    assert (found.surface, found.is_exact, found.trials) == (None, False, 20)
    for part in found.slices:
        assert len(part.values) <= SLICE_POINTS
        assert at[part.parameter] in part.values or len(part.values) == SLICE_POINTS
        if at[part.parameter] in part.values:
            place = list(part.values).index(at[part.parameter])
            assert part.means[place] == pytest.approx(expected.mean)
            assert part.lows[place] == pytest.approx(expected.low)
            assert part.highs[place] == pytest.approx(expected.high)
        for low, mean, high in zip(part.lows, part.means, part.highs, strict=True):
            assert (low is None) == (mean is None) == (high is None)
            if low is not None and mean is not None and high is not None:
                assert low <= mean <= high


def test_a_known_metric_has_no_band(models: Models) -> None:
    found = cut(models, Cut("num_parameters", centre(models)))
    assert found.is_exact
    for part in found.slices:
        assert part.lows == part.means == part.highs


def test_a_surface_holds_its_slices(models: Models) -> None:
    at = centre(models)
    first, second = list(models.problem.space.parameters)[:2]
    found = cut(models, Cut("exact", at, (first, second))).surface
    assert found is not None
    assert found.parameters == (first, second)
    means = np.array(found.means, dtype=float)
    assert means.shape == (len(found.rows), len(found.columns))
    assert max(means.shape) <= SURFACE_POINTS
    row = found.rows[len(found.rows) // 2]
    along = cut(models, Cut("exact", at | {first: row})).slices[1]
    for column, value in zip(found.columns, means[len(found.rows) // 2], strict=True):
        if column in along.values:
            assert along.means[list(along.values).index(column)] == pytest.approx(value)


def test_what_breaks_a_rule_is_left_out(models: Models) -> None:
    # With 512 units there is a rule against more than 6 layers.
    at = centre(models) | {"n_layers": 6, "hidden_size": 512}
    part = cut(models, Cut("exact", at)).slices[0]
    assert list(part.values) == list(range(1, 9))
    assert [mean is None for mean in part.means] == [False] * 6 + [True] * 2


def test_too_few_trials_say_how_many_are_missing() -> None:
    models = models_for(*study(2))
    found = cut(models, Cut("exact", centre(models)))
    assert (found.slices, found.surface, found.missing) == ([], None, 3)


def test_a_cut_is_checked(models: Models) -> None:
    space, at = models.problem.space, centre(models)
    first, second = list(space.parameters)[:2]
    Cut("exact", at, (first, second)).check(space, ["exact"])
    with pytest.raises(SettingError, match="no trial reports the metric 'nonsense'"):
        Cut("nonsense", at).check(space, ["exact"])
    with pytest.raises(SettingError, match=f"no value for {first}"):
        Cut("exact", {}).check(space, ["exact"])
    for over in ((first,), (first, "nonsense")):
        with pytest.raises(SettingError, match="a surface is over two"):
            Cut("exact", at, over).check(space, ["exact"])


def test_cuts_come_back_through_the_process_as_they_were_made() -> None:
    problem, observations = study(16, known=None)
    asked = Cut("exact", dict(observations[0].parameters))
    worker = Worker()
    line = Request.of("s/1", as_data(16), None).model_dump_json()
    assert worker.reply(line).error is None
    reply = worker.reply(Request.of("s/1", None, asked).model_dump_json())
    assert reply.error is None, reply.traceback
    found = Reply.model_validate_json(reply.model_dump_json()).read_cuts()
    expected = cut(models_for(problem, observations), asked)
    assert found is not None
    assert asdict(found)["slices"][0]["values"] == asdict(expected)["slices"][0]["values"]
    assert found.slices[0].means == pytest.approx(expected.slices[0].means)
    refused = worker.reply(Request.of("s/1", None, Cut("nonsense", {})).model_dump_json())
    assert refused.is_setting
