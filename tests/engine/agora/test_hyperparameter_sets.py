"""The sets Theta and the draw of some of them."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from engine.agora.hyperparameter_sets import BORT, count_sets, make_sets, set_id


def test_borts_sets():
    sets = make_sets(BORT, 0, 0)
    assert len(sets) == count_sets(BORT) == 480
    assert len({item.id for item in sets}) == 480
    assert sets[0].values == {
        "learning_rate": 1e-4,
        "weight_decay": 0.0,
        "warm_up_share": 0.35,
        "train_batch_size": 8,
        "seed": 0,
    }


def test_sixteen_of_them_have_every_value_three_times():
    sets = make_sets(BORT, 16, 7)
    assert len(sets) == 16
    used = Counter(pair for item in sets for pair in item.values.items())
    for name, values in BORT.items():
        assert all(used[name, value] >= 3 for value in values), name
        assert max(used[name, value] for value in values) - min(used[name, value] for value in values) <= 1


def test_a_draw_depends_on_the_seed_and_keeps_the_order():
    everything = [item.id for item in make_sets(BORT, 0, 0)]
    drawn = [item.id for item in make_sets(BORT, 16, 7)]
    assert drawn == [name for name in everything if name in drawn]
    assert drawn == [item.id for item in make_sets(BORT, 16, 7)]
    assert drawn != [item.id for item in make_sets(BORT, 16, 8)]


def test_ids_are_of_the_values_alone():
    assert set_id({"a": 10, "b": "x"}) == set_id({"b": "x", "a": 10.0})
    assert set_id({"a": 10}) != set_id({"a": 11})
    assert set_id({"a": 1}) != set_id({"b": 1})


@given(st.integers(1, 30), st.integers(0, 100))
def test_a_draw_has_as_many_as_asked_for(most, seed):
    values = {"learning_rate": (1e-4, 1e-5, 1e-6), "seed": (0, 1, 2, 3)}
    sets = make_sets(values, most, seed)
    assert len({item.id for item in sets}) == min(most, 12)
