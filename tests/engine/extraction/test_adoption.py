"""What follows an extraction: its trial, and the experiments that take its architecture further."""

from __future__ import annotations

import pytest

from engine.distill.hyperparameters import hyperparameters
from engine.distill.students.architecture import Architecture
from engine.distill.students.asked_shape import asked_shape
from engine.distill.students.shape import student_architecture
from engine.errors import SettingError
from engine.extraction.adoption import adopted, extracted_trial
from engine.extraction.coefficient import Costs, w_coefficient
from engine.spec_files import parse_spec, read_spec, to_toml

SPEC = read_spec("bort", {"name": "bort-one"})
HEADLESS = SPEC.changed(teacher={"model": "somewhere", "trained": False})
BORT = {"n_layers": 4, "n_heads": 8, "hidden_size": 768, "intermediate_size": 1024}
ROBERTA_LARGE = Architecture(
    "roberta", 24, 16, 1024, 4096, 16, 50_265, 512, 1, "masked_lm", 2, position_offset=2
)


def metrics(w: float, size: float = 1.0, operations: float = 1.0) -> dict[str, float]:
    return {"w": w, "lemma_parameters": size, "lemma_operations": operations}


def test_the_largest_w_is_extracted_and_of_equals_the_smaller() -> None:
    assert extracted_trial({}, "operations") is None
    assert extracted_trial({1: {"num_parameters": 3.0}}, "operations") is None
    assert extracted_trial({1: metrics(1.0), 2: metrics(3.0), 3: metrics(2.0)}, "operations") == 2
    assert extracted_trial({1: metrics(3.0, size=2.0), 2: metrics(3.0)}, "operations") == 2
    timed = {n: metrics(1.0) | {"encoder_latency_ms": ms} for n, ms in ((1, 9.0), (2, 5.0))}
    assert extracted_trial(timed, "latency") == 2


def test_table_1_extracts_bort() -> None:
    large = Costs(355, 6.170)
    rows = {
        1: (56.14, 0.308, 0.093),
        2: (35.20, 0.314, 0.114),
        3: (35.20, 0.318, 0.130),
        4: (110, 2.416, 0.60),
    }
    measured = {
        number: metrics(w_coefficient(Costs(size, seconds), large, error), size, seconds)
        for number, (size, seconds, error) in rows.items()
    }
    assert extracted_trial(measured, "operations") == 1


@pytest.mark.parametrize("spec", [SPEC, HEADLESS], ids=["with a head", "without"])
@pytest.mark.parametrize("purpose", ["pretrain", "search"])
def test_what_follows_is_a_whole_specification_of_students_of_the_architecture(spec, purpose) -> None:
    new = adopted(spec, BORT, purpose, "bort-one")
    assert parse_spec(to_toml(new)) == new
    assert new.name == f"bort-one-{purpose}"
    assert (new.teacher, new.task.dataset, new.task.train_samples) == (spec.teacher, spec.task.dataset, 0)
    settings = hyperparameters(new.fixed, new.baseline_configuration())
    made = student_architecture(ROBERTA_LARGE, asked_shape(new.student, settings))
    assert (made.n_layers, made.n_heads, made.hidden_size, made.intermediate_size) == tuple(BORT.values())
    assert "n_layers 4, n_heads 8" in new.description


def test_pre_training_is_borts_comparison_where_the_teacher_has_a_head() -> None:
    new = adopted(SPEC, BORT, "pretrain", "bort-one")
    assert new.parameters["method"].values == ("mlm", "bort")
    assert new.trial_count() == 2
    assert BORT.items() <= new.fixed.items()
    alone = adopted(HEADLESS, BORT, "pretrain", "bort-one")
    assert (alone.fixed["method"], alone.trial_count()) == ("mlm", 1)


def test_a_search_goes_to_the_neighbours_and_starts_from_the_architecture() -> None:
    new = adopted(SPEC, BORT, "search", "bort-one")
    values = {name: item.values for name, item in new.parameters.items() if item.type == "categorical"}
    assert values == {
        "n_layers": (2, 4, 6),
        "n_heads": (4, 8, 12),
        "hidden_size": (512, 768, 1024),
        "intermediate_size": (768, 1024, 3072),
    }
    assert BORT.items() <= new.baseline_configuration().items()
    assert new.rules == SPEC.rules
    edge = adopted(SPEC, {**BORT, "n_layers": 12}, "search", "bort-one")
    assert edge.parameters["n_layers"].values == (10, 12)


def test_what_the_extraction_did_not_search_is_not_searched_after_it() -> None:
    parameters = {"n_layers": {"type": "int", "low": 1, "high": 12}}
    spec = SPEC.changed(
        parameters=parameters, rules=(), fixed={**SPEC.fixed, "n_heads": 16}, extract={"interval": 1}
    )
    new = adopted(spec, {"n_layers": 3}, "search", "one")
    assert new.parameters["n_layers"].values == (2, 3, 4)
    assert set(new.parameters) == {"n_layers", "learning_rate"}
    assert (new.fixed["n_heads"], new.fixed["hidden_size"]) == (16, 0)


def test_only_extractions_are_adopted() -> None:
    with pytest.raises(SettingError, match=r"demo is no extraction .*nehvi"):
        adopted(read_spec("demo"), BORT, "pretrain", "demo")
