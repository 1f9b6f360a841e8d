"""The section of a specification: defaults, slips, and the way to a plan."""

from __future__ import annotations

import tomllib

import pytest
import tomli_w
from pydantic import ValidationError

from engine.agora.section import DEFAULT_TRANSFORMATIONS, AgoraSection
from engine.agora.transformations.edits import Deletion

TOML = """
rounds = 4
pruning = "halving"
max_sets = 0
[hyperparameters]
learning_rate = [1e-4, 1e-5]
seed = [0, 1]
[filters]
label = "kept"
[[transformations]]
name = "deletion"
rate = 0.2
[[transformations]]
name = "masked_lm"
model = "some/model"
"""


def read(text: str) -> AgoraSection:
    return AgoraSection.model_validate(tomllib.loads(text))


def test_toml_is_read_and_written():
    section = read(TOML)
    assert section.transformations[0] == Deletion(name="deletion", rate=0.2)
    assert section.models == ("some/model",)
    assert not section.needs_neighbours
    assert section.filters.label == "kept"
    written = tomli_w.dumps(section.model_dump(mode="json", exclude_defaults=True, exclude_none=True))
    assert read(written) == section
    assert AgoraSection().model_dump(exclude_defaults=True) == {}


def test_the_plan_follows_the_section():
    plan = read(TOML).plan(seed=1, trainings=50)
    assert len(plan.sets) == 4
    assert (plan.pruning, plan.rounds, plan.trainings) == ("halving", 4, 50)


def test_defaults_need_no_file_but_a_models_embeddings():
    section = AgoraSection()
    assert section.transformations == DEFAULT_TRANSFORMATIONS
    assert section.models == ()
    assert section.needs_neighbours
    assert len(section.sets(0)) == 16
    assert section.plan(0, 1000).pruning == "stable_worst"


def test_a_rerun_keeps_one_set_and_drops_none():
    section = read(TOML)
    chosen = section.sets(0)[2]
    again = AgoraSection.model_validate(section.rerun(chosen.values).model_dump(mode="json"))
    assert [item.id for item in again.sets(0)] == [chosen.id]
    assert again.plan(0, 9).pruning is None
    assert again.rounds == 4


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("hyperparameters = {learning_speed = [1]}", "no such setting; known: learning_rate"),
        ("hyperparameters = {learning_rate = []}", "has no values"),
        ("hyperparameters = {learning_rate = [-1]}", "-1: Input should be greater than 0"),
        ("hyperparameters = {seed = [0.5]}", "0.5 is no seed"),
        ("hyperparameters = {seed = [1, 1]}", "more than once"),
        ("hyperparameters = {}", "at least 1"),
        ("chs_only = true", "takes one hyperparameter set, but there are 480"),
        ("pruning = 'best'", "stable_worst"),
        ("round = 3", "not permitted"),
        ("transformations = []", "at least 1"),
        ("transformations = [{name = 'shuffle'}]", "no such transformation 'shuffle'; known: .*deletion"),
    ],
)
def test_slips_are_named(change, message):
    with pytest.raises(ValidationError, match=message):
        read(change)


def test_every_field_is_described():
    for name, info in AgoraSection.model_fields.items():
        assert info.description or name == "filters"
