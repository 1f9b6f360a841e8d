"""What a specification of an extraction must be like, and how many candidates it has."""

from __future__ import annotations

import re

import pytest

from engine.errors import SpecificationError
from engine.extraction.requirements import candidate_count, fixed_architecture, last_layer
from engine.spec_files import parse_spec, preset_text, read_spec

BORT = preset_text("bort")


def message_of(text: str) -> str:
    with pytest.raises(SpecificationError) as caught:
        parse_spec(text, "x.toml")
    return str(caught.value)


def test_the_preset_is_borts_space_with_every_fourth_of_300_and_the_last() -> None:
    spec = read_spec("bort")
    assert spec.trial_count() == candidate_count(spec) == 76
    everything = spec.changed(extract={**spec.extract.model_dump(), "interval": 1}, budget={"trials": 300})
    assert everything.trial_count() == 300
    assert spec.baseline_configuration() == {}
    assert spec.metric_names()[0] == "w"
    assert (spec.task.max_length, spec.fixed["optimizer"]) == (512, "sgd")


def test_several_hyperparameter_sets_multiply_the_candidates() -> None:
    spec = read_spec("bort")
    rates = {"type": "categorical", "values": [0.1, 0.5, 1.0]}
    fixed = {name: value for name, value in spec.fixed.items() if name != "learning_rate"}
    more = spec.changed(
        parameters={**spec.parameters, "learning_rate": rates}, fixed=fixed, budget={"trials": 500}
    )
    assert more.trial_count() == 3 * 76


def test_the_rule_on_heads_holds_without_being_written() -> None:
    assert read_spec("bort").changed(rules=()).trial_count() == 76


MISTAKES = {
    "another task": (
        [('name = "masked_lm"', 'name = "squad_v2"')],
        "task.name: an extraction compares predictions of words",
    ),
    "students from the teacher": (
        [('initialise = "random"', 'initialise = "teacher"')],
        "student.initialise: must be 'random'",
    ),
    "pruned heads": (
        [('head_shape = "resize"', 'head_shape = "prune"')],
        "student.head_shape: must be 'resize'",
    ),
    "a baseline": ([("[fixed]", "[baseline]\nn_layers = 12\n\n[fixed]")], "baseline: an extraction has none"),
    "a head that is not there": (
        [
            ('model = "FacebookAI/roberta-large"', 'model = "x"\ntrained = false'),
            ("steps = 10", 'steps = 10\nlast_layer = "head"'),
        ],
        "extract.last_layer: 'head' needs a teacher",
    ),
    "several processes": ([("latency_length = 512", "devices = 2")], "training.devices: must be 1"),
    "what would change the error's meaning": (
        [("[[metrics]]", '[parameters.temperature]\ntype = "categorical"\nvalues = [1, 2]\n\n[[metrics]]')],
        "parameters.temperature: cannot be searched in an extraction",
    ),
    "a range": (
        [
            ("learning_rate = 0.5\n", ""),
            (
                "[[metrics]]",
                '[parameters.learning_rate]\ntype = "float"\nlow = 0.1\nhigh = 1.0\n\n[[metrics]]',
            ),
        ],
        "parameters: learning_rate takes any number .* write type = 'categorical' with values = .0.1, 1.",
    ),
    "an interval beyond the space": (
        [("interval = 4", "interval = 301")],
        "extract.interval: .* from 1 to 300",
    ),
    "too small a budget": (
        [("trials = 76", "trials = 75")],
        "budget.trials: is 75, but 76 candidates are to be trained .76 of 300",
    ),
    "a metric of students": ([('name = "w"', 'name = "mlm_accuracy"')], "metrics.0: no trial .* reports"),
    "no architecture left": (
        [("hidden_size % n_heads == 0", "hidden_size < n_heads")],
        "parameters: no architecture of the space meets the rules",
    ),
    "a rule over both": (
        [
            ("hidden_size % n_heads == 0", "hidden_size * learning_rate > 1"),
            ("learning_rate = 0.5\n", ""),
            (
                "[[metrics]]",
                '[parameters.learning_rate]\ntype = "categorical"\nvalues = [0.1, 1.0]\n\n[[metrics]]',
            ),
        ],
        "rules: .* mixes the architecture",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_are_named_with_their_field(mistake: str) -> None:
    changes, expected = MISTAKES[mistake]
    text = BORT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    assert re.search(expected, message_of(text)), message_of(text)


def test_no_architecture_is_searched() -> None:
    text = BORT[: BORT.index("[parameters.n_layers]")] + BORT[BORT.index("[[metrics]]") :]
    text = text.replace('rules = ["hidden_size % n_heads == 0"]\n', "")
    text = text.replace(
        "[[metrics]]", '[parameters.dropout]\ntype = "categorical"\nvalues = [0.0, 0.1]\n\n[[metrics]]', 1
    )
    assert "parameters: no architecture is searched" in message_of(text)


def test_the_last_layer_follows_the_teacher_unless_it_is_set() -> None:
    spec = read_spec("bort")
    headless = spec.changed(teacher={"model": "x", "trained": False})
    assert (last_layer(spec), last_layer(headless)) == ("head", "embedding")
    largest = {**spec.extract.model_dump(), "maximum_point": "largest"}
    assert last_layer(headless.changed(extract=largest)) == "head"
    assert (
        last_layer(spec.changed(extract={**spec.extract.model_dump(), "last_layer": "embedding"}))
        == "embedding"
    )


def test_what_is_not_searched_is_fixed_or_the_default() -> None:
    spec = read_spec("bort")
    parameters = {name: item for name, item in spec.parameters.items() if name != "n_heads"}
    less = spec.changed(parameters=parameters, rules=(), fixed={**spec.fixed, "n_heads": 16})
    assert fixed_architecture(less) == {"n_heads": 16}
    # 768 is divisible by 16 too: 6 depths, 3 widths, 5 inner widths.
    assert less.changed(extract={"interval": 1}, budget={"trials": 90}).trial_count() == 90
