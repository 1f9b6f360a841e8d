"""The strategy ``extract``: the sorted space, its partition once for each hyperparameter set, and an end."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from engine.distill.students.architecture import Architecture
from engine.distill.students.bort_lemmas import lemma_operations, lemma_parameters
from engine.distill.students.sizes import StudentSizes
from engine.errors import SettingError
from engine.extraction.coefficient import Costs
from engine.extraction.options import Extraction
from engine.metrics import Metric
from engine.parameters import CategoricalParameter, configuration_key
from engine.rules import Rule
from engine.space import SearchSpace
from engine.spec_sections import StudentSection
from engine.strategies import wire
from engine.strategies.extract import ordered_space
from engine.strategies.interface import Observation, SearchProblem
from engine.strategies.known import KnownFunctions
from engine.strategies.registry import suggest

ROBERTA_LARGE = Architecture(
    "roberta", 24, 16, 1024, 4096, 16, 50_265, 512, 1, "masked_lm", 2, position_offset=2
)
BORT = {
    "n_layers": CategoricalParameter(values=(2, 4, 6, 8, 10, 12)),
    "n_heads": CategoricalParameter(values=(4, 8, 12, 16)),
    "hidden_size": CategoricalParameter(values=(512, 768, 1024)),
    "intermediate_size": CategoricalParameter(values=(256, 512, 768, 1024, 3072)),
}
STUDENTS = StudentSizes(
    teacher=ROBERTA_LARGE,
    section=StudentSection(initialise="random", head_shape="resize"),
    fixed={},
    length=512,
)
PROBLEM = SearchProblem(
    SearchSpace(BORT, (Rule("hidden_size % n_heads == 0"),)),
    (Metric(name="w", direction="maximize"),),
    known=STUDENTS,
    extraction=Extraction(interval=4),
)


def run_to_end(problem: SearchProblem, most: int = 1000) -> list[dict]:
    """All suggestions, two at a time, each pending while the next are made."""
    seen: list[Observation] = []
    while len(seen) < most:
        made = suggest("extract", problem, seen, 2)
        if not made:
            break
        seen += [Observation(len(seen) + i, one.parameters, "pending") for i, one in enumerate(made, 1)]
    return [dict(observation.parameters) for observation in seen]


def test_borts_space_is_sorted_by_the_lemmas() -> None:
    space = ordered_space(PROBLEM)
    assert len(space) == 300
    assert [item.place for item in space] == list(range(300))
    costs = [(item.costs.size, item.costs.speed) for item in space]
    assert costs == sorted(costs)
    bort = next(item for item in space if tuple(item.architecture.values()) == (4, 8, 768, 1024))
    expected = lemma_parameters(4, 8, 768, 1024, positions=514), lemma_operations(4, 8, 768, 1024, length=512)
    assert (bort.costs.size, bort.costs.speed) == expected
    assert space[0].architecture["n_layers"] == 2
    assert tuple(space[-1].architecture.values())[2:] == (1024, 3072)


def test_every_fourth_of_borts_architectures_and_the_last_are_trained_once() -> None:
    tried = run_to_end(PROBLEM)
    places = [0, *range(4, 300, 4), 299]
    assert len(tried) == len(places) == 76
    space = ordered_space(PROBLEM)
    assert tried == [dict(space[place].architecture) for place in places]


def test_each_hyperparameter_set_goes_through_the_whole_partition() -> None:
    parameters = {"learning_rate": CategoricalParameter(values=(0.1, 1.0)), **BORT}
    problem = replace(
        PROBLEM, space=SearchSpace(parameters), extraction=Extraction(interval=100, fixed={"hidden_size": 0})
    )
    tried = run_to_end(problem)
    assert [point["learning_rate"] for point in tried] == [0.1] * 4 + [1.0] * 4
    assert not [key for key, count in Counter(map(configuration_key, tried)).items() if count > 1]
    assert list(tried[0]) == list(parameters)


def test_what_has_been_tried_is_not_suggested_again_whatever_became_of_it() -> None:
    first, second = (one.parameters for one in suggest("extract", PROBLEM, [], 2))
    for state in ("completed", "failed", "pending", "stopped"):
        assert suggest("extract", PROBLEM, [Observation(1, first, state)])[0].parameters == second


def test_a_suggestion_tells_its_place_and_what_is_known_of_it() -> None:
    (made,) = suggest("extract", PROBLEM, [])
    assert made.strategy == "extract"
    assert made.note == "place 1 of 300 in the order of the space"
    assert made.predicted["lemma_parameters"] == (ordered_space(PROBLEM)[0].costs.size, 0.0)


def test_the_order_gain_puts_the_largest_savings_first() -> None:
    extraction = Extraction(interval=4, order="gain", maximum=Costs(355_359_744, 2.4e11))
    space = ordered_space(replace(PROBLEM, extraction=extraction))
    assert {configuration_key(item.architecture) for item in space} == {
        configuration_key(item.architecture) for item in ordered_space(PROBLEM)
    }
    assert space[0].costs.size < space[-1].costs.size
    with pytest.raises(SettingError, match="maximum point"):
        ordered_space(replace(PROBLEM, extraction=Extraction(order="gain")))


def test_sizes_may_come_from_any_functions() -> None:
    known = KnownFunctions(
        {"lemma_parameters": lambda point: -float(point["n_layers"]), "lemma_operations": lambda point: 1.0}
    )
    space = SearchSpace({"n_layers": BORT["n_layers"]})
    problem = replace(PROBLEM, space=space, known=known, extraction=Extraction())
    assert [item.architecture["n_layers"] for item in ordered_space(problem)] == [12, 10, 8, 6, 4, 2]


def test_unknown_sizes_and_impossible_architectures_are_refused() -> None:
    with pytest.raises(SettingError, match="not known"):
        suggest("extract", replace(PROBLEM, known=None), [])
    wide = SearchSpace({"n_heads": CategoricalParameter(values=(4, 7))})
    with pytest.raises(SettingError, match="n_heads = 7"):
        suggest("extract", replace(PROBLEM, space=wide, extraction=Extraction()), [])


def test_a_problem_keeps_its_extraction_on_the_wire() -> None:
    extraction = Extraction(3, "gain", {"hidden_size": 0}, Costs(10.0, 20.0))
    problem = replace(PROBLEM, extraction=extraction)
    again = wire.problem_from_json(wire.problem_to_json(problem))
    assert again.extraction == extraction
    assert ordered_space(again) == ordered_space(problem)
