"""The model card states what was measured: every number in full, beside the teacher's, and on which input."""

from __future__ import annotations

import pytest

from engine.distill.hyperparameters import Hyperparameters
from engine.distill.model_card import model_card
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
def card(tiny_spec, tiny_prepared, tmp_path):
    spec = TrialSpec(
        experiment=tiny_spec,
        name="tiny-2",
        number=7,
        role="student",
        parameters={},
        seed=0,
        cache=tmp_path,
    )
    return model_card(spec, Hyperparameters(alpha=0.25), METRICS, {"exact": 1.5}, tiny_prepared, 128)


def test_it_names_trial_teacher_and_data(card, tiny_spec, tiny_prepared):
    assert card.startswith("# tiny-2, trial 7\n")
    assert f"`{tiny_spec.teacher.model}`" in card
    assert f"`{tiny_spec.task.dataset}` ({len(tiny_prepared.training.questions)} training questions)" in card
    assert f"Measured on {len(tiny_prepared.evaluation.questions)} evaluation questions" in card
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
