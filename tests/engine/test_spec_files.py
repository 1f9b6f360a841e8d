"""Specifications as TOML: presets, round trips, overrides, and errors that point at line and field."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.distill.hyperparameters import HYPERPARAMETER_NAMES, Hyperparameters, hyperparameters, kind_of
from engine.errors import SpecificationError, UnknownNameError
from engine.experiment import ExperimentSpec
from engine.metric_catalogue import reported_metrics
from engine.spec_files import parse_overrides, parse_spec, preset_names, preset_text, read_spec, to_toml
from engine.tasks.catalogue import TASKS
from tests.engine.sample_spec import SAMPLE

SPACE_OF_17 = {
    "learning_rate": ("float", 2e-6, 1e-1, True),
    "beta_1": ("float", 0.7, 0.9999, False),
    "beta_2": ("float", 0.7, 0.9999, False),
    "adam_epsilon": ("float", 1e-10, 1e-5, True),
    "weight_decay": ("float", 1e-7, 1e-2, True),
    "warm_up_steps": ("int", 0, 100, False),
    "train_batch_size": ("int", 4, 32, False),
    "eval_batch_size": ("int", 4, 32, False),
    "alpha": ("float", 1e-7, 1.0, False),
    "temperature": ("int", 1, 10, False),
    "n_layers": ("int", 1, 20, False),
    "n_heads": ("int", 1, 12, False),
    "pruning_seed": ("int", 1, 100, False),
    "initializer_range": ("float", 0.0, 1.0, False),
    "dropout": ("float", 0.0, 1.0, False),
    "attention_dropout": ("float", 0.0, 1.0, False),
    "qa_dropout": ("float", 0.0, 1.0, False),
}
PUBLISHED_DEFAULTS = {
    "learning_rate": 5e-5,
    "beta_1": 0.9,
    "beta_2": 0.999,
    "adam_epsilon": 1e-8,
    "warm_up_steps": 0,
    "train_batch_size": 8,
    "eval_batch_size": 8,
    "alpha": 0.5,
    "temperature": 1.0,
    "n_layers": 6,
    "n_heads": 12,
    "pruning_seed": 42,
    "initializer_range": 0.02,
    "dropout": 0.1,
    "attention_dropout": 0.1,
    "qa_dropout": 0.1,
}


def changed(old: str, new: str) -> str:
    assert SAMPLE.count(old) >= 1
    return SAMPLE.replace(old, new, 1)


def message_of(text: str) -> str:
    with pytest.raises(SpecificationError) as caught:
        parse_spec(text, "x.toml")
    return str(caught.value)


def line_with(text: str, part: str, nth: int = 0) -> int:
    return [number for number, line in enumerate(text.splitlines(), 1) if line.startswith(part)][nth]


@pytest.mark.parametrize("name", preset_names())
def test_presets_parse_and_come_back_from_toml(name: str) -> None:
    spec = read_spec(name)
    assert spec.name == name
    assert parse_spec(to_toml(spec)) == spec


def test_there_are_the_presets_the_documentation_names() -> None:
    assert {"demo", "efficient-bert", "quick"} <= set(preset_names())


def test_efficient_bert_is_the_published_space() -> None:
    spec = read_spec("efficient-bert")
    space = {
        name: (item.type, item.low, item.high, item.log)
        for name, item in spec.parameters.items()
        if item.type != "categorical"
    }
    assert space == SPACE_OF_17
    # The published default, 0, lies outside the published range: its lower end stands in for it.
    assert spec.baseline_configuration() == PUBLISHED_DEFAULTS | {"weight_decay": 1e-7}
    assert spec.fixed == {"epochs": 3.0, "max_grad_norm": 1.0}
    assert {m.name: (m.role, m.direction, m.threshold) for m in spec.metrics} == {
        "exact": ("optimize", "maximize", 50.0),
        "num_parameters": ("optimize", "minimize", None),
        "f1": ("store", "maximize", None),
        "latency_ms": ("store", "minimize", None),
    }
    assert (spec.task.max_length, spec.task.doc_stride) == (384, 128)
    assert (spec.task.max_query_length, spec.task.max_answer_length) == (64, 30)


MISTAKES = {
    "unknown section": ("[budget]", "[budgett]", "[budgett]", "budgett: there is no such field"),
    "unknown field": ("trials = 12", "trails = 12", "trails", "budget.trails: there is no such field"),
    "wrong type": ("trials = 12", 'trials = "x"', "trials =", "budget.trials: .*valid integer.* (got 'x')"),
    "below its bound": ("trials = 12", "trials = 0", "trials =", "budget.trials: .*greater than .* (got 0)"),
    "too many trials": ("trials = 12", "trials = 9999999", "trials =", "budget.trials: .*less than"),
    "seed too large": ("seed = 1", f"seed = {2**64}", "seed =", "seed: .*less than or equal"),
    "name with a capital": ('"sample"', '"Sample"', "name = ", "name: .*pattern"),
    "low above high": (
        "low = 0.0",
        "low = 2.0",
        "[parameters.alpha]",
        "parameters.alpha: low 2 must be below",
    ),
    "log from 0": (
        "low = 1e-4",
        "low = 0",
        "[parameters.learning_rate]",
        "parameters.learning_rate: low 0 must be above 0 when log = true",
    ),
    "unknown hyperparameter": (
        "[parameters.alpha]",
        "[parameters.alfa]",
        "[parameters.alfa]",
        "parameters.alfa: no such setting; known: learning_rate, ",
    ),
    "unknown fixed": ("epochs = 3.0", "epoch = 3.0", "epoch =", "fixed.epoch: no such setting"),
    "impossible fixed": (
        "epochs = 3.0",
        "epochs = -1",
        "epochs =",
        "fixed.epochs: -1 is impossible: .*greater",
    ),
    "infinite fixed": ("epochs = 3.0", "epochs = inf", "epochs =", "fixed.epochs: .*finite number"),
    "fixed of a wrong type": ("epochs = 3.0", "epochs = [3]", "epochs =", "fixed.epochs: .*valid number.*3"),
    "fixed and searched": (
        "[fixed]",
        "[fixed]\nalpha = 0.5",
        "alpha = 0.5",
        "fixed.alpha: also stands under",
    ),
    "impossible range": (
        "high = 1.0",
        "high = 1.5",
        "high = 1.5",
        "parameters.alpha.high: 1.5 is impossible",
    ),
    "no whole numbers": (
        '[parameters.n_heads]\ntype = "int"',
        '[parameters.n_heads]\ntype = "float"',
        'type = "float"',
        "parameters.n_heads.type: takes whole numbers only",
    ),
    "no type": (
        '[parameters.n_heads]\ntype = "int"',
        "[parameters.n_heads]",
        "[parameters.n_heads]",
        "parameters.n_heads: needs type = 'float', 'int' or 'categorical'",
    ),
    "log of a wrong type": ("log = true", "log = 7", "log = 7", "parameters.learning_rate.log: .*boolean"),
    "field of another kind": (
        "log = true",
        "values = [1]",
        "values",
        "parameters.learning_rate.values: there is no such field",
    ),
    "unknown metric": (
        'name = "exact"',
        'name = "exakt"',
        "[[metrics]]",
        "metrics.0: no trial of this task reports 'exakt'; known: exact, f1, ",
    ),
    "metric without direction": (
        'direction = "maximize"\n',
        "",
        "[[metrics]]",
        "metrics.0: metric exact: role optimize needs direction",
    ),
    "misspelt field of a metric": (
        "threshold =",
        "treshold =",
        "treshold",
        "metrics.0.treshold: there is no such",
    ),
    "words searched as numbers": (
        '[parameters.n_heads]\ntype = "int"',
        '[parameters.schedule]\ntype = "float"',
        'type = "float"',
        "parameters.schedule.type: takes words only; write type = 'categorical'",
    ),
    "rule with an unknown name": (
        "seed = 1",
        'seed = 1\nrules = ["n_heads <= 4", "n_layers < depth"]',
        "rules =",
        "rules.1: rule 'n_layers < depth' reads depth",
    ),
    "rule that is no expression": (
        "seed = 1",
        'seed = 1\nrules = ["n_heads <"]',
        "rules =",
        "rules.0: .*expression",
    ),
    "baseline outside its range": (
        "n_heads = 4",
        "n_heads = 5",
        "n_heads = 5",
        "baseline.n_heads: 5 is outside",
    ),
    "baseline not searched": (
        "n_heads = 4",
        "epochs = 1.0",
        "epochs = 1.0",
        "baseline.epochs: is not searched",
    ),
    "default outside its range": ("n_heads = 4\n", "", "[baseline]", "baseline: .*n_heads = 12 is outside"),
    "baseline against a rule": (
        "seed = 1",
        'seed = 1\nrules = ["n_heads < 4"]',
        "[baseline]",
        "baseline: .*does not meet the rule 'n_heads < 4'",
    ),
    "stride as long as the window": (
        "doc_stride = 64",
        "doc_stride = 128",
        "doc_stride",
        "task.doc_stride: 128 must",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_with_line_and_field(mistake: str) -> None:
    old, new, place, wanted = MISTAKES[mistake]
    text = changed(old, new)
    message = message_of(text)
    head = f"x.toml: line {line_with(text, place)}, "
    assert message.startswith(head)
    assert re.match(re.sub(r"[()\[\]]", lambda found: "\\" + found[0], wanted), message.removeprefix(head))


def test_a_mistake_in_the_second_of_an_array_of_tables_has_its_line() -> None:
    text = changed('name = "num_parameters"', 'name = "exact"')
    assert message_of(text).startswith(
        f"x.toml: line {line_with(text, '[[metrics]]', 1)}, metrics.1: 'exact' is listed"
    )


def test_a_mistake_in_inline_tables_has_the_line_of_the_table() -> None:
    rest = SAMPLE[SAMPLE.index("[[metrics]]") :]
    text = (
        'name = "inline"\nparameters.n_layers = { type = "int", low = 3, high = 1 }\nbudget = { trials = 3, foo = 1 }\n'
        + rest
    )
    message = message_of(text)
    assert "line 2, parameters.n_layers: low 3 must be below high 1" in message
    assert "line 3, budget.foo: there is no such field" in message


def test_all_mistakes_are_told_at_once_and_syntax_errors_by_line() -> None:
    text = changed("trials = 12", "trials = 0").replace("evaluations = 3", "evaluations = 0")
    assert {"budget.trials:", "training.evaluations:"} <= set(message_of(text).split())
    text = changed("seed = 1", "seed = = 1")
    assert re.match(rf"x\.toml is not valid TOML: .*line {line_with(text, 'seed = =')}\b", message_of(text))


def test_missing_parts_are_named() -> None:
    assert "metrics: Field required" in message_of(SAMPLE[: SAMPLE.index("[[metrics]]")])
    text = re.sub(r'role = "optimize"', 'role = "store"', SAMPLE).replace("threshold = 38.0\n", "")
    assert f"line {line_with(text, '[[metrics]]')}, metrics: one to four metrics" in message_of(text)


def test_every_value_of_a_categorical_must_be_possible() -> None:
    parameter = '[parameters.n_heads]\ntype = "int"\nlow = 1\nhigh = 4'
    text = changed(parameter, '[parameters.n_heads]\ntype = "categorical"\nvalues = [4, -1, 2]')
    assert "parameters.n_heads.values.1: -1 is impossible" in message_of(text)


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    path = tmp_path / "sample.toml"
    path.write_text(SAMPLE, encoding="utf-8")
    return path


def test_overrides_reach_every_kind_of_place(sample: Path) -> None:
    overrides = parse_overrides(
        [
            "budget.trials=20",
            "metrics.exact.threshold=40",
            "parameters.n_layers.high=3",
            "baseline.n_layers=2",
            "name=other",
            "task.dataset=/data/a b.json",
            "training.precision='fp32'",
            'rules=["n_heads <= 4"]',
            "parameters.dropout={type='float', low=0.0, high=0.5}",
            "fixed={epochs=1.0}",
            "baseline.dropout = 0.1",
        ]
    )
    spec = read_spec(sample, overrides)
    assert (spec.name, spec.budget.trials, spec.task.dataset) == ("other", 20, "/data/a b.json")
    assert [metric.threshold for metric in spec.metrics] == [40, None, None]
    assert spec.parameters["n_layers"] == parse_spec(SAMPLE).parameters["n_layers"].model_copy(
        update={"high": 3}
    )
    assert spec.rules == ("n_heads <= 4",)
    assert spec.fixed == {"epochs": 1.0}
    assert spec.baseline["dropout"] == 0.1
    assert spec.training.precision == "fp32"


@pytest.mark.parametrize(
    ("setting", "wanted"),
    [
        ("budget.trials", "write it as key=value"),
        ("=3", "write it as key=value"),
        ("metrics.f1.threshold=3", "no f1 to set"),
        ("metrics.exact=3", "metrics is not a table"),
        ("name.first=3", "name is not a table"),
        ("seed.a.b=3", "no a to set"),
        ("budget.trails=3", "budget.trails: there is no such field"),
        ("budget.trials=many", "budget.trials: .*'many'"),
    ],
)
def test_overrides_that_cannot_be_are_refused(sample: Path, setting: str, wanted: str) -> None:
    with pytest.raises(SpecificationError, match=wanted):
        read_spec(sample, parse_overrides([setting]))


def test_tables_of_words_are_found_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "words.tsv").write_text("big\tlarge\n")
    text = preset_text("agora-rte").replace(
        "[agora]", '[agora]\ntransformations = [{ name = "synonyms", table = "words.tsv" }]'
    )
    path = tmp_path / "my.toml"
    path.write_text(text, encoding="utf-8")
    for overrides in (None, {"seed": 3}):
        spec = read_spec(path, overrides)
        assert spec.agora.transformations[0].table == str(tmp_path / "words.tsv")
    path.write_text(text.replace("words.tsv", "none.tsv"), encoding="utf-8")
    assert read_spec(path).agora.transformations[0].table == "none.tsv"


def test_files_are_read_and_unreadable_ones_refused(tmp_path: Path) -> None:
    path = tmp_path / "my.toml"
    path.write_text(SAMPLE, encoding="utf-8")
    assert read_spec(path) == parse_spec(SAMPLE) == read_spec(str(path), {})
    path.write_bytes(b'name = "\xff"')
    with pytest.raises(SpecificationError, match=r"my\.toml cannot be read as UTF-8"):
        read_spec(path)
    path.write_text("= 3")
    for overrides in (None, {"seed": 3}):
        with pytest.raises(SpecificationError, match=r"my\.toml is not valid TOML.*line 1"):
            read_spec(path, overrides)
    with pytest.raises(UnknownNameError, match=r"no file 'demmo' and no preset.*demo, efficient-bert"):
        read_spec("demmo")
    with pytest.raises(UnknownNameError, match="no preset 'nothing'"):
        preset_text("nothing")


TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)
KNOWN_METRICS = reported_metrics(TASKS["squad_v2"].metrics, int8=True)


@st.composite
def specs(draw: st.DrawFn) -> ExperimentSpec:
    names = draw(st.lists(st.sampled_from(HYPERPARAMETER_NAMES), min_size=1, unique=True))
    parameters: dict[str, Any] = {}
    baseline: dict[str, Any] = {}
    for name in names:
        if kind_of(name) == "choice":
            words = get_args(Hyperparameters.model_fields[name].annotation)
            parameters[name] = {"type": "categorical", "values": list(words)}
            baseline[name] = draw(st.sampled_from(words))
            continue
        whole = kind_of(name) == "int"
        low = draw(st.integers(1, 20)) if whole else draw(st.floats(0.01, 0.5))
        high = low + draw(st.integers(1, 20)) if whole else low + draw(st.floats(0.01, 0.4))
        kind = draw(st.sampled_from(["range", "log", "values"]))
        parameters[name] = (
            {"type": "categorical", "values": [high, low]}
            if kind == "values"
            else {
                "type": "int" if whole else "float",
                "low": low,
                "high": high,
                "log": kind == "log",
            }
        )
        baseline[name] = draw(st.sampled_from([low, high]))
    rules: list[list[str]] = [[]]
    for name in [name for name in names if kind_of(name) != "choice"][:1]:
        rules += [[f"{name} < 1000"], [f"not {name} == -1", f'"a" != "b\\\\" or {name} > 0']]
    fixed = draw(
        st.lists(st.sampled_from(HYPERPARAMETER_NAMES).filter(lambda name: name not in names), unique=True)
    )
    listed = draw(st.lists(st.sampled_from(KNOWN_METRICS), min_size=1, max_size=6, unique=True))
    metrics = [{"name": name, "direction": "minimize"} for name in listed[:1]]
    for name in listed[1:]:
        role = draw(st.sampled_from(["store", "constrain"]))
        bound = {"threshold": draw(st.floats(-1e9, 1e9))} if role == "constrain" else {}
        metrics.append({"name": name, "role": role, "direction": "maximize"} | bound)
    return ExperimentSpec.model_validate(
        {
            "name": draw(st.from_regex(r"\A[a-z][a-z0-9]{0,8}(-[a-z0-9]{1,4}){0,3}\Z")),
            "description": draw(TEXTS),
            "seed": draw(st.integers(0, 2**32 - 1)),
            "task": {
                "dataset": draw(TEXTS),
                "eval_dataset": draw(st.none() | TEXTS),
                "eval_fraction": draw(st.floats(0.1, 0.9)),
            },
            "budget": {"trials": draw(st.integers(1, 1000)), "parallel": draw(st.integers(0, 9))},
            "student": {
                "family": draw(st.sampled_from(["same", "bert", "distilbert", "roberta"])),
                "layers_from": draw(
                    st.sampled_from(["every_other", "last"]) | st.lists(st.integers(0, 11), min_size=1)
                ),
            },
            "training": {"int8": True, "devices": draw(st.integers(1, 4)), "compile": draw(st.booleans())},
            "strategy": {
                "name": draw(st.sampled_from(["nehvi", "sobol", "single"])),
                "repeats": draw(st.integers(1, 5)),
            },
            "metrics": metrics,
            "parameters": parameters,
            "rules": draw(st.sampled_from(rules)),
            "baseline": baseline,
            "fixed": {name: hyperparameters({}, {}).model_dump()[name] for name in fixed},
        }
    )


@settings(max_examples=60, deadline=None)
@given(specs())
def test_toml_gives_every_specification_back(spec: ExperimentSpec) -> None:
    again = parse_spec(to_toml(spec))
    assert again == spec
    assert again.model_dump_json() == spec.model_dump_json()
    assert list(again.parameters) == list(spec.parameters)
    assert to_toml(again) == to_toml(spec)
