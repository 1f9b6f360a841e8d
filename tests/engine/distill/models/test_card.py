"""The model card states what was measured: every number in full, beside the teacher's, and on which input."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from engine.distill.hyperparameters import Hyperparameters
from engine.distill.measuring.hardware import hardware
from engine.distill.models.card import model_card
from engine.trial_folder import TrialSpec

METRICS = {
    "exact": 61.25,
    "f1": 64.5,
    "HasAns_exact": 58.0,
    "no_answer_threshold": -1.23456,
    "num_parameters": 66364418,
    "flops": 27183820800,
    "model_mb": 265.457672,
    "latency_ms": 12.3456,
}


@pytest.fixture
def write(tiny_spec, tiny_prepared, tmp_path):
    """Writes a card; the experiment and what was measured may be given."""

    def call(metrics=METRICS, experiment=tiny_spec, prepared=tiny_prepared):
        spec = TrialSpec(
            experiment=experiment,
            name="tiny-2",
            number=7,
            role="student",
            parameters={},
            seed=0,
            cache=tmp_path,
        )
        return model_card(spec, Hyperparameters(alpha=0.25), metrics, {"exact": 1.5}, prepared, 128)

    return call


@pytest.fixture
def card(write):
    return write()


def test_it_names_trial_teacher_and_data(card, tiny_spec, tiny_prepared):
    assert card.startswith("# tiny-2, trial 7\n")
    assert f"`{tiny_spec.teacher.model}`" in card
    assert (
        f"`{tiny_spec.task.dataset}` ({len(tiny_prepared.parts['training'].examples)} training examples"
        in card
    )
    assert f"Measured on {len(tiny_prepared.parts['evaluation'].examples)} evaluation examples" in card
    assert "calibrated no-answer threshold -1.2346" in card


def test_scores_have_errors_and_the_teachers_figures(card, tiny_prepared):
    teacher = tiny_prepared.teacher_metrics
    assert f"| exact | 61.25 | 1.50 | {teacher['exact']:.2f} |" in card
    assert f"| f1 | 64.50 |  | {teacher['f1']:.2f} |" in card
    assert "| best_exact" not in card, "what was not measured is left out"


def test_sizes_are_given_in_full_with_their_units(card):
    assert "| num_parameters | 66,364,418 |" in card
    assert "| flops | 27,183,820,800 FLOPs |" in card
    assert "| model_mb | 265.5 MB |" in card
    assert "| latency_ms | 12.35 ms |" in card
    assert "train_seconds" not in card


def test_latency_is_given_for_the_input_it_was_timed_on(card):
    assert "128 tokens, latency: batch 1" in card


def test_every_setting_is_listed(card):
    for name, value in Hyperparameters(alpha=0.25).model_dump().items():
        assert f"| {name} | {value} |" in card


def test_measurements_in_eight_bits_stand_with_the_others(write):
    card = write(METRICS | {"int8_exact": 60.0, "int8_mb": 91.2, "int8_latency_ms": 4.0, "total": 200.0})
    assert "| int8_exact | 60.00 |  |  |" in card
    assert "| int8_mb | 91.2 MB |" in card
    assert "| int8_latency_ms | 4 ms |" in card
    assert "| total" not in card, "a count is no score"


def test_the_machine_is_named(card):
    assert "| measured on |  |" in card
    for name, value in hardware().items():
        assert f"| {name} | {value} |" in card


@pytest.mark.parametrize(
    ("head", "what", "loader"),
    [
        ("span", "question answering", "AutoModelForQuestionAnswering"),
        ("sequence", "sequence classification", "AutoModelForSequenceClassification"),
        ("masked_lm", "masked language model", "AutoModelForMaskedLM"),
    ],
)
def test_every_head_has_its_loader(write, tiny_prepared, head, what, loader):
    task = SimpleNamespace(head=head)
    card = write({"num_parameters": 10}, prepared=replace(tiny_prepared, task=task))
    assert f"A student for {what}, distilled from" in card
    assert f"from transformers import {loader}, AutoTokenizer\n" in card
    assert f'model = {loader}.from_pretrained("path/to/this/folder")' in card
    assert "| metric |" not in card, "a table without rows is left out"
    assert "threshold" not in card


def test_fine_tuning_is_not_called_distillation(write, tiny_spec):
    fixed = tiny_spec.fixed | {"alpha": 0.0}
    parameters = {name: each for name, each in tiny_spec.parameters.items() if name != "alpha"}
    experiment = tiny_spec.changed(
        teacher={"model": tiny_spec.teacher.model, "trained": False}, fixed=fixed, parameters=parameters
    )
    assert "with the weights of `" in write(experiment=experiment)


def test_other_evaluation_data_is_named(write, tiny_spec):
    task = tiny_spec.task.model_dump() | {"eval_dataset": "some/dev.json"}
    assert "evaluation examples of `some/dev.json`." in write(experiment=tiny_spec.changed(task=task))
