"""The architectures of a space: Bort's 300, rules, and spaces that cannot be listed."""

from __future__ import annotations

import pytest

from engine.errors import SettingError
from engine.extraction.candidates import (
    architecture_of,
    architectures,
    check_rules,
    hyperparameter_sets,
)
from engine.parameters import CategoricalParameter, FloatParameter, IntegerParameter
from engine.rules import Rule
from engine.space import SearchSpace

BORT = {
    "n_layers": CategoricalParameter(values=(2, 4, 6, 8, 10, 12)),
    "n_heads": CategoricalParameter(values=(4, 8, 12, 16)),
    "hidden_size": CategoricalParameter(values=(512, 768, 1024)),
    "intermediate_size": CategoricalParameter(values=(256, 512, 768, 1024, 3072)),
}


@pytest.mark.parametrize("rules", [(), ("hidden_size % n_heads == 0",)])
def test_borts_space_has_300_legal_architectures_with_bert_base_and_bort_among_them(rules):
    found = architectures(SearchSpace(BORT, tuple(Rule(rule) for rule in rules)))
    assert len(found) == 300
    tuples = {tuple(point.values()) for point in found}
    assert len(tuples) == 300
    assert {(12, 12, 768, 3072), (4, 8, 768, 1024), (4, 8, 1024, 768)} <= tuples
    assert not any(hidden in (512, 1024) and heads == 12 for _, heads, hidden, _ in tuples)


def test_what_is_fixed_counts_for_the_heads():
    space = SearchSpace({"n_heads": CategoricalParameter(values=(4, 6, 8))})
    assert [point["n_heads"] for point in architectures(space, {"hidden_size": 384})] == [4, 6, 8]
    assert [point["n_heads"] for point in architectures(space, {"hidden_size": 512})] == [4, 8]
    assert len(architectures(space, {"hidden_size": 0})) == 3


def test_other_parameters_make_hyperparameter_sets():
    space = SearchSpace(
        {
            "n_layers": IntegerParameter(low=1, high=3),
            "learning_rate": CategoricalParameter(values=(0.1, 1.0)),
            "train_batch_size": CategoricalParameter(values=(8, 16)),
        },
        (Rule("learning_rate < 1 or train_batch_size > 8"), Rule("n_layers != 2")),
    )
    assert architectures(space) == [{"n_layers": 1}, {"n_layers": 3}]
    assert hyperparameter_sets(space) == [
        {"learning_rate": 0.1, "train_batch_size": 8},
        {"learning_rate": 0.1, "train_batch_size": 16},
        {"learning_rate": 1.0, "train_batch_size": 16},
    ]
    assert hyperparameter_sets(SearchSpace(BORT)) == [{}]
    assert architecture_of({"n_layers": 1, "learning_rate": 0.1}) == {"n_layers": 1}


def test_spaces_that_cannot_be_listed_are_refused():
    with pytest.raises(SettingError, match="type = 'categorical'"):
        hyperparameter_sets(SearchSpace({"learning_rate": FloatParameter(low=0.1, high=1.0)}))
    wide = {name: IntegerParameter(low=1, high=10**9) for name in ("n_layers", "intermediate_size")}
    with pytest.raises(SettingError, match="combinations"):
        architectures(SearchSpace(wide))
    with pytest.raises(SettingError, match="no architecture"):
        architectures(SearchSpace({"n_layers": IntegerParameter(low=1, high=3)}, (Rule("n_layers > 3"),)))


def test_a_rule_over_both_kinds_is_refused():
    parameters = {**BORT, "learning_rate": CategoricalParameter(values=(0.1, 1.0))}
    check_rules(SearchSpace(parameters, (Rule("hidden_size >= 512"), Rule("learning_rate < 2"))))
    with pytest.raises(SettingError, match="mixes the architecture"):
        check_rules(SearchSpace(parameters, (Rule("n_layers * learning_rate < 2"),)))
