"""The search benchmark's problems have the known answers they claim, and its runs and tables say what happened."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import BertConfig, BertForQuestionAnswering

from engine.frontier import hypervolume
from tests.benchmarks.search import large_student, small_student
from tests.benchmarks.search.bert_size import parameter_count
from tests.benchmarks.search.method import instead_of_failure
from tests.benchmarks.search.problem import BenchmarkProblem
from tests.benchmarks.search.problems import PROBLEMS
from tests.benchmarks.search.random_search import RandomSearch
from tests.benchmarks.search.runs import TrialLine, play, read, run
from tests.benchmarks.search.tables import paired, sign_test, tables, trials_to
from tests.benchmarks.search.unit_cube import UnitCube


def draws(problem: BenchmarkProblem, count: int) -> list[dict]:
    random = RandomSearch(problem.task, 0)
    return [random.ask() for _ in range(count)]


@pytest.mark.parametrize(("layers", "heads", "hidden", "intermediate"), [(1, 2, 128, 256), (3, 8, 320, 1111)])
def test_the_size_is_that_of_the_real_model(layers: int, heads: int, hidden: int, intermediate: int) -> None:
    config = BertConfig(
        num_hidden_layers=layers,
        num_attention_heads=heads,
        hidden_size=hidden,
        intermediate_size=intermediate,
    )
    with torch.device("meta"):
        model = BertForQuestionAnswering(config)
    assert model.num_parameters() == parameter_count(layers, hidden, intermediate)


@pytest.mark.parametrize("name", PROBLEMS)
def test_random_search_stays_below_the_attainable_hypervolume(name: str) -> None:
    problem = PROBLEMS[name]()
    assert name == problem.task.name
    random = np.random.default_rng(0)
    values = {i: problem.true(c) for i, c in enumerate(draws(problem, 300))}
    ran = {i: row for i, row in values.items() if row is not None}
    assert (len(ran) < len(values)) == problem.task.can_fail
    assert 5 < problem.share(ran) < 95
    configuration = draws(problem, 300)[next(iter(ran))]
    measured = problem.measure(configuration, random)
    assert measured is not None
    assert {n for n in measured if measured[n] != ran[next(iter(ran))][n]} == set(problem.noise)


def test_known_maxima_are_those_of_botorch() -> None:
    assert PROBLEMS["branin-currin"]().attainable() == pytest.approx(59.36, abs=0.01)
    assert PROBLEMS["zdt2"]().attainable() == pytest.approx(120 + 1 / 3)
    assert PROBLEMS["dtlz2"]().attainable() == pytest.approx(1.1**3 - math.pi / 6)
    assert PROBLEMS["vehicle-safety"]().attainable() == pytest.approx(246.816, abs=0.001)
    assert PROBLEMS["branin-currin"]().task.reference == {"f0": 18.0, "f1": 6.0}


def test_the_frontier_of_zdt2_attains_its_hypervolume() -> None:
    problem = PROBLEMS["zdt2"]()
    rest = {f"x{i}": 0.0 for i in range(1, 6)}
    values = {i: problem.true({"x0": i / 2000, **rest}) or {} for i in range(2001)}
    assert problem.share(values) == pytest.approx(100, abs=0.01)


def test_no_training_of_an_architecture_of_the_small_student_beats_the_best_one() -> None:
    for drawn in draws(small_student.small_student(), 500):
        best = small_student.best_training(*(int(drawn[n]) for n in ("n_layers", "n_heads", "hidden_size")))
        values = small_student.true(drawn)
        attained = small_student.true(best)
        assert small_student.loss(best) == pytest.approx(0, abs=1e-9)
        assert attained is not None
        assert values is None or values["exact"] <= attained["exact"] + 1e-9


def test_no_training_of_an_architecture_of_the_large_student_beats_the_best_one() -> None:
    for drawn in draws(large_student.large_student(), 500):
        best = large_student.best_training(*large_student.architecture(drawn))
        values = large_student.true(drawn)
        attained = large_student.true(best)
        assert large_student.SPACE.allows(best)
        assert large_student.loss(best) == pytest.approx(0, abs=1e-9)
        assert attained is not None
        assert values is None or values["exact"] <= attained["exact"] + 1e-9


def test_the_best_trainings_of_the_small_student_attain_its_hypervolume() -> None:
    problem = small_student.small_student()
    configurations = list(small_student.best_of_every_architecture())
    assert all(problem.task.space.allows(c) for c in configurations)
    assert len(configurations) == 12 * 19
    assert problem.share({i: problem.true(c) or {} for i, c in enumerate(configurations)}) == pytest.approx(
        100
    )


def test_a_grid_of_best_trainings_of_the_large_student_nearly_attains_its_hypervolume() -> None:
    problem = large_student.large_student()
    values = {}
    for layers in large_student.LAYERS:
        for hidden in large_student.WIDTHS:
            for heads in large_student.HEADS:
                for intermediate in (256, 512, 1024, 1536, 2048, 3072):
                    best = large_student.best_training(layers, heads, hidden, intermediate)
                    if problem.task.space.meets_rules(best):
                        values[len(values)] = problem.true(best) or {}
    share = 100 * hypervolume(problem.task.metrics, values, problem.task.reference) / problem.attainable()
    assert 97 < share < 100


def test_every_architecture_can_be_trained() -> None:
    for layers in large_student.LAYERS:
        for hidden in large_student.WIDTHS:
            for intermediate in large_student.INTERMEDIATE:
                best = large_student.best_training(layers, 2, hidden, intermediate)
                assert large_student.true(best) is not None


def test_a_failed_trial_counts_as_just_meeting_the_thresholds() -> None:
    problem = small_student.small_student()
    configuration = small_student.best_training(2, 4, 256)
    values = instead_of_failure(problem.task, configuration)
    assert values == {"exact": 30.0, "num_parameters": float(parameter_count(2, 256, 1024))}


def test_points_of_the_unit_cube_keep_configurations() -> None:
    for name in PROBLEMS:
        problem = PROBLEMS[name]()
        cube = UnitCube(problem.task.space)
        low, high = np.array(cube.bounds)
        for configuration in draws(problem, 20):
            point = np.array(cube.encode(configuration))
            assert np.all((low <= point) & (point <= high))
            found = cube.decode(point.tolist())
            assert (
                found == pytest.approx(configuration) if name == "zdt2" else set(found) == set(configuration)
            )
            discrete = {n: v for n, v in configuration.items() if not isinstance(v, float)}
            assert {n: found[n] for n in discrete} == discrete


class Fixed:
    """Proposes an illegal, a failing and a good configuration in turn."""

    def __init__(self) -> None:
        good = small_student.best_training(12, 12, 768)
        self.proposals = [good | {"n_heads": 12, "hidden_size": 512}, good | {"batch_size": 64}, good]
        self.told: list[object] = []

    def ask(self) -> dict:
        return self.proposals[len(self.told)]

    def tell(self, configuration: dict, metrics: object, errors: object = None) -> None:
        self.told.append(metrics)

    add = tell


def test_illegal_and_failing_proposals_count_as_trials() -> None:
    method = Fixed()
    lines = play(small_student.small_student(), method, 0, 3)
    assert [line.state for line in lines] == ["illegal", "failed", "completed"]
    assert [line.share for line in lines[:2]] == [0.0, 0.0]
    assert lines[2].share > 0
    assert method.told[:2] == [None, None]
    assert lines[2].measured != lines[2].true


def test_a_run_is_kept_and_not_made_again(tmp_path: Path) -> None:
    path = tmp_path / "branin-currin.random.0.jsonl"
    problem = PROBLEMS["branin-currin"]()
    run(problem, "random", 0, 5, path)
    first = read(path)
    assert [line.number for line in first] == [1, 2, 3, 4, 5]
    before = path.stat().st_mtime_ns
    run(problem, "random", 0, 4, path)
    assert path.stat().st_mtime_ns == before
    run(problem, "random", 0, 6, path)
    assert [line.share for line in read(path)[:5]] == [line.share for line in first]
    assert "| random | 1 | - |" in tables(tmp_path, ["branin-currin"], ["random"], 2)


def line(number: int, share: float) -> TrialLine:
    return TrialLine(number, "completed", {}, {}, {}, share, 0.1)


def test_the_sign_test_pairs_seeds() -> None:
    ours = {seed: [line(1, 50.0 + seed), line(2, 92.0)] for seed in range(8)}
    theirs = {seed: [line(1, 50.0 if seed else 60.0)] for seed in range(9)}
    assert paired(ours, theirs, 1) == (7, 1)
    assert paired(ours, theirs, 2) == (0, 0)
    assert sign_test(7, 1) == pytest.approx(18 / 256)
    assert sign_test(0, 0) == 1.0
    assert trials_to(ours[0], 90) == 2
    assert math.isinf(trials_to(theirs[0], 90))
