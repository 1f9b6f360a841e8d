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
seeds = [0, 1]
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
    section = read(TOML)
    plan = section.plan(section.sets({"learning_rate": (1e-4, 1e-5)}, seed=1), trainings=50)
    assert len(plan.sets) == 4
    assert (plan.pruning, plan.rounds, plan.trainings) == ("halving", 4, 50)


def test_defaults_need_no_file_but_a_models_embeddings():
    section = AgoraSection()
    assert section.transformations == DEFAULT_TRANSFORMATIONS
    assert section.models == ()
    assert section.needs_neighbours
    sets = section.sets({"learning_rate": (1e-4, 1e-5, 9e-6), "train_batch_size": (8, 16)}, 0)
    assert len(sets) == 16
    assert {item.values["seed"] for item in sets} == {0, 1, 2, 3, 4}
    assert section.plan(sets, 1000).pruning == "stable_worst"


def test_a_rerun_drops_no_set():
    section = read(TOML).model_copy(update={"chs_only": True, "seeds": (1,)})
    plan = section.plan(section.sets({"learning_rate": (1e-4,)}, 0), 9)
    assert len(plan.sets) == 1
    assert plan.pruning is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("seeds = [-1]", "greater than or equal to 0"),
        ("seeds = [0.5]", "valid integer"),
        ("seeds = [1, 1]", "more than once"),
        ("seeds = []", "at least 1"),
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
