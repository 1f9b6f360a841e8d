"""What a change in the tables of the form means in TOML."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from dashboard.launching import goals_table, space_table
from dashboard.launching.draft import problems
from dashboard.launching.fields import field_at, section_fields, shown, written
from engine.distill.hyperparameters import HYPERPARAMETER_NAMES, Hyperparameters
from engine.errors import SpecificationError
from engine.spec_files import parse_spec, preset_names, preset_text

DEMO = preset_text("demo")


def space(name: str, **changes: Any) -> dict[str, Any]:
    text = space_table.edited(DEMO, name, changes)
    parse_spec(text)
    return tomllib.loads(text)


def test_space_shows_every_setting() -> None:
    document = tomllib.loads(DEMO)
    order = space_table.setting_order(document)
    frame = space_table.space_frame(document, order)
    pretraining = {"method", "alpha_ce", "alpha_mlm", "mask_probability", "mask_smoothing"}
    assert set(order) == set(HYPERPARAMETER_NAMES) - pretraining
    assert frame.loc["learning_rate"].to_dict() == {
        "meaning": default_help("learning_rate"),
        "kind": "float",
        "low": 1e-4,
        "high": 5e-3,
        "log": True,
        "values": "",
        "when": "",
        "value": "0.0005",
    }
    assert frame.loc["dropout", "kind"] == "fixed"
    assert frame.loc["beta_1", ["kind", "value"]].tolist() == ["default", "0.9"]
    assert frame.loc["schedule", ["kind", "value"]].tolist() == ["default", "linear"]


def default_help(name: str) -> str | None:
    return Hyperparameters.model_fields[name].description


def test_words_are_fixed_or_searched_as_words() -> None:
    assert space("schedule", value="noam")["fixed"]["schedule"] == "noam"
    assert space("schedule", kind="fixed")["fixed"]["schedule"] == "linear"
    for kind in ("categorical", "float"):
        found = space("schedule", kind=kind)
        assert found["parameters"]["schedule"] == {
            "type": "categorical",
            "values": ["linear", "noam", "constant"],
        }
        assert found["baseline"]["schedule"] == "linear"
    found = space("schedule", values="noam, constant")
    assert found["parameters"]["schedule"]["values"] == ["noam", "constant"]
    assert found["baseline"]["schedule"] == "noam"


def test_what_is_no_number_is_written_down_and_found_at_fault() -> None:
    text = space_table.edited(DEMO, "epochs", {"value": "many"})
    assert tomllib.loads(text)["fixed"]["epochs"] == "many"
    with pytest.raises(SpecificationError, match=r"fixed\.epochs"):
        parse_spec(text)


def test_bounds_change() -> None:
    assert space("temperature", high=8.0)["parameters"]["temperature"] == {
        "type": "float",
        "low": 1.0,
        "high": 8.0,
    }
    assert space("learning_rate", log=False)["parameters"]["learning_rate"].get("log", False) is False


def test_kinds_change() -> None:
    fixed = space("alpha", kind="fixed")
    assert "alpha" not in fixed["parameters"]
    assert fixed["fixed"]["alpha"] == 0.5
    default = space("dropout", kind="default")
    assert "dropout" not in default["fixed"]
    chosen = space("n_heads", kind="categorical", values="2, 4")
    assert chosen["parameters"]["n_heads"] == {"type": "categorical", "values": [2, 4]}


def test_a_setting_searched_anew_gets_a_proposed_range_with_the_baseline_in_it() -> None:
    found = space("weight_decay", kind="float")
    assert found["parameters"]["weight_decay"] == {"type": "float", "low": 1e-7, "high": 1e-2, "log": True}
    assert found["baseline"]["weight_decay"] == 1e-7


def test_value_is_the_baseline_of_what_is_searched_and_fixes_what_is_not() -> None:
    assert space("alpha", value="0.7")["baseline"]["alpha"] == 0.7
    assert space("epochs", value="2")["fixed"]["epochs"] == 2.0
    found = space("beta_1", value="0.8")["fixed"]["beta_1"]
    assert found == 0.8
    assert isinstance(space("n_layers", value="3")["baseline"]["n_layers"], int)


@pytest.mark.parametrize("preset", preset_names())
def test_tables_of_every_preset(preset: str) -> None:
    document = tomllib.loads(preset_text(preset))
    assert not space_table.space_frame(document, space_table.setting_order(document)).empty
    assert not goals_table.goals_frame(document, goals_table.goal_order(document)).empty


def goals(name: str, **changes: Any) -> list[dict[str, Any]]:
    text = goals_table.edited(DEMO, name, changes)
    parse_spec(text)
    found: list[dict[str, Any]] = tomllib.loads(text)["metrics"]
    return found


def test_goals_change() -> None:
    assert goals("f1", role="optimize")[-1] == {"name": "f1", "role": "optimize", "direction": "maximize"}
    assert "threshold" not in goals("exact", threshold=None)[0]
    assert goals("exact", threshold=50.0)[0]["threshold"] == 50.0
    assert [table["name"] for table in goals("latency_ms", role=goals_table.UNUSED)] == [
        "exact",
        "num_parameters",
    ]


def test_fields_come_from_the_specification() -> None:
    trials = field_at("budget", "trials")
    assert (trials.kind, trials.default, trials.label) == ("whole", 30, "trials")
    assert "baseline included" in trials.help
    assert field_at("student", "family").choices == ("same", "bert", "distilbert", "roberta")
    assert field_at("student", "layers_from").choices == ("every_other", "first", "last", "random")
    assert shown(field_at("student", "layers_from"), [0, 5]) == "0, 5"
    assert (field_at("teacher", "trained").kind, shown(field_at("teacher", "trained"), None)) == (
        "switch",
        True,
    )
    assert all(
        field.help
        for section in ("task", "teacher", "student", "training", "extract", "early_stopping")
        for field in section_fields(section)
        if field.path != ("task", "format")
    )
    assert shown(trials, None) == 30
    assert shown(trials, "many") is None
    assert shown(field_at("student", "family"), "gpt") is None


@pytest.mark.parametrize(
    ("path", "entered", "value"),
    [
        (("student", "layers_from"), "first", "first"),
        (("student", "layers_from"), "0, 5,11", [0, 5, 11]),
        (("student", "layers_from"), "0, five", [0, "five"]),
        (("task", "format", "labels"), "sad, glad", ["sad", "glad"]),
        (("task", "format", "scale"), "0, -5", [0, -5]),
        (("task", "format", "quoted"), "no", False),
        (("task", "format", "quoted"), None, None),
        (("task", "format", "columns"), "", None),
        (("task", "eval_dataset"), "", None),
        (("budget", "trials"), None, 30),
        (("budget", "trials"), 7, 7),
        (("strategy", "transfer_from"), "one, two", ["one", "two"]),
    ],
)
def test_what_is_entered_is_written_as_the_field_takes_it(
    path: tuple[str, ...], entered: Any, value: Any
) -> None:
    field = field_at(*path)
    assert written(field, entered) == value
    if value is not None and value != [0, "five"]:
        again = shown(field, value)
        assert written(field, again) == value


def test_conditions_stand_in_the_space_table() -> None:
    found = space("temperature", when="alpha > 0")
    assert found["conditions"] == {"temperature": "alpha > 0"}
    text = space_table.edited(DEMO, "temperature", {"when": "alpha > 0"})
    frame = space_table.space_frame(tomllib.loads(text), ["temperature", "alpha"])
    assert frame["when"].tolist() == ["alpha > 0", ""]
    for changes in ({"when": None}, {"when": "  "}, {"kind": "fixed"}, {"kind": "default"}):
        assert not tomllib.loads(space_table.edited(text, "temperature", changes)).get("conditions")
    # A condition on what is not searched yet means that it is to be searched.
    found = space("weight_decay", when="alpha > 0.5")
    assert found["conditions"] == {"weight_decay": "alpha > 0.5"}
    assert "weight_decay" in found["parameters"]


def test_problems_are_told_apart() -> None:
    with pytest.raises(SpecificationError) as caught:
        parse_spec(
            DEMO.replace("trials = 12", "trials = 0").replace("seed = 1", "seed = -1"), "experiment.toml"
        )
    found = problems(str(caught.value))
    assert len(found) == 2
    assert found[0].startswith("Line 4, seed:")
    assert "budget.trials" in found[1]
