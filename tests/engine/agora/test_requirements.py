"""What an Agora run must be like, and what follows from its specification."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.agora.pruning import Reading
from engine.agora.requirements import BORT_PARAMETERS, agora_metric, agora_plan, agora_sets
from engine.agora.rounds import End, Made, RoundRecord, Train, most_trainings, next_step
from engine.errors import SpecificationError
from engine.spec_files import parse_spec, preset_names, read_spec, to_toml

TEXT = """
name = "run"
[task]
name = "rte"
dataset = "/data/rte"
[teacher]
model = "/models/teacher"
[strategy]
name = "agora"
[agora]
rounds = 7
[[metrics]]
name = "accuracy"
direction = "maximize"
"""
PARAMETER = '[parameters.alpha]\ntype = "categorical"\nvalues = [0.0, 0.5]\n[agora]'


def test_without_parameters_the_sets_are_borts() -> None:
    spec = parse_spec(TEXT)
    assert {name: item.type for name, item in spec.parameters.items()} == dict.fromkeys(
        BORT_PARAMETERS, "categorical"
    )
    assert len(agora_sets(spec)) == 16
    assert len(agora_sets(parse_spec(TEXT.replace("rounds = 7", "max_sets = 0")))) == 480
    assert parse_spec(to_toml(spec)) == spec


def test_parameters_that_are_given_are_all_there_are() -> None:
    spec = parse_spec(TEXT.replace("[agora]", PARAMETER))
    assert list(spec.parameters) == ["alpha"]
    assert len(agora_sets(spec)) == 10, "each value with each of five seeds"
    assert agora_sets(spec)[0].values == {"alpha": 0.0, "seed": 0}
    assert spec.baseline_configuration() == {}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('name = "rte"', 'name = "masked_lm"', "task.name: Agora needs a task of classification"),
        ("rounds = 7", 'metric = "f1"', "agora.metric: no such score of rte: 'f1'; known: accuracy"),
        ("rounds = 7", "chs_only = true", "agora.chs_only: takes one hyperparameter set, but there are 480"),
        ("[agora]", "[baseline]\nlearning_rate = 1e-4\n[agora]", "baseline: an Agora run has none"),
        (
            "[agora]",
            '[parameters.alpha]\ntype = "float"\nlow = 0.0\nhigh = 1.0\n[agora]',
            "parameters.alpha.type: must be 'categorical'",
        ),
        (
            "[agora]",
            '[parameters.alpha]\ntype = "categorical"\nvalues = [0.5, 2.0]\n[agora]',
            "parameters.alpha.values.1: 2.0 is impossible",
        ),
        ('"/models/teacher"', '"/models/teacher"\ntrained = false\n[fixed]\nalpha = 0.0', "teacher.trained"),
        ('"/models/teacher"', '"/models/teacher"\nkeep_hidden_states = true', "teacher.keep_hidden_states"),
        ("rounds = 7", '[[agora.transformations]]\nname = "shuffle"', "no such transformation 'shuffle'"),
        ("rounds = 7", "[parameters.seed]\ntype = 'categorical'\nvalues = [1]", "parameters.seed: no such"),
    ],
)
def test_slips_are_named(old: str, new: str, message: str) -> None:
    text = TEXT.replace(old, new)
    if "masked_lm" in new:
        text = text.replace('name = "accuracy"', 'name = "mlm_accuracy"')
    with pytest.raises(SpecificationError, match=message):
        parse_spec(text)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, 4 + 3 + 2 + 1),
        ({"agora.rounds": 2}, 4 + 3),
        ({"agora.replays": 1, "agora.rounds": 9}, 4 + 3 + 3 + 2 + 1),
        ({"budget.trials": 6}, 6),
    ],
)
def test_trainings_are_counted_as_if_every_round_dropped_one_set(
    settings: dict[str, int], expected: int
) -> None:
    assert read_spec("agora-rte", settings).trial_count() == expected


@given(
    scores=st.lists(st.integers(0, 5), min_size=60, max_size=60),
    replays=st.integers(0, 3),
    pruning=st.sampled_from(get_args(Reading)),
)
def test_no_run_trains_more_than_is_counted(scores: list[int], replays: int, pruning: str) -> None:
    settings = {"agora.pruning": pruning, "agora.replays": replays, "agora.patience": 0, "agora.rounds": 9}
    plan = agora_plan(read_spec("agora-rte", settings))
    record: list[RoundRecord] = []
    trained = 0
    while not isinstance(step := next_step(plan, record), End):
        if isinstance(step, Train):
            found = {name: float(scores[trained + place]) for place, name in enumerate(step.sets)}
            trained += len(found)
            record.append(RoundRecord(found))
        else:
            record[-1] = RoundRecord(record[-1].accuracies, Made(mistakes=3, added=3))
    assert trained <= most_trainings(plan)


@pytest.mark.parametrize("name", [name for name in preset_names() if name.startswith("agora-")])
def test_presets_are_small_enough_for_a_cpu(name: str) -> None:
    spec = read_spec(name)
    assert spec.trial_count() == 10
    assert agora_metric(spec) == spec.metrics[0].name == spec.task.info.main_metric


def test_there_is_a_preset_for_each_task_of_the_comparison() -> None:
    assert {f"agora-{task}" for task in ("rte", "mrpc", "cola", "sst2")} <= set(preset_names())
