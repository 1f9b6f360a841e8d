"""Costs and sizes of models against values worked out another way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.distill.measuring.measurement import int8_metrics, latency_length, size_metrics, training_cost
from engine.distill.students.architecture import Architecture, flops
from engine.spec_sections import TrainingSection
from engine.tasks.interface import Scores
from tests.engine.distill.tiny_teachers import tiny


def shape(n_layers):
    return Architecture(
        family="bert",
        n_layers=n_layers,
        n_heads=4,
        hidden_size=32,
        intermediate_size=48,
        heads_in_full=4,
        vocab_size=40,
        max_positions=64,
        type_vocab_size=2,
    )


def test_a_step_costs_three_forward_passes_and_the_teacher_one():
    student, teacher = shape(1), shape(4)
    lengths = np.array([5, 9, 5, 20])
    forward = [flops(student, length) for length in (5, 9, 5, 20)]
    beside = [flops(teacher, length) for length in (5, 9, 5, 20)]
    assert training_cost(student)(lengths) == 3 * sum(forward)
    assert training_cost(student, teacher)(lengths) == 3 * sum(forward) + sum(beside)
    assert training_cost(student)(lengths[:0]) == 0.0


def test_a_head_that_is_applied_to_few_tokens_costs_that_share():
    model = replace(shape(2), head="masked_lm")
    lengths = np.array([10, 10])
    # Behind the encoder: 32 x 32 for the transform and 32 x 40 for the words, two operations each, of 10 tokens.
    head = 2 * 10 * (32 * 32 + 32 * 40)
    encoder = flops(model, 10) - head
    assert training_cost(model, head_share=0.15)(lengths) == pytest.approx(2 * 3 * (encoder + 0.15 * head))
    assert training_cost(model, model, 0.15)(lengths) == pytest.approx(2 * 4 * (encoder + 0.15 * head))


def test_sizes_of_a_model():
    model = tiny(n_layers=2)
    with torch.no_grad():
        model.bert.encoder.layer[1].intermediate.dense.weight[3, :5] = 0.0
    training = TrainingSection(latency_length=384)
    assert latency_length(model, training) == 64, "the most the model takes"
    assert latency_length(model, TrainingSection(latency_length=16)) == 16
    sizes = size_metrics(model, training)
    parameters = sum(parameter.numel() for parameter in model.parameters())
    assert sizes["num_parameters"] == parameters
    assert sizes["nonzero_parameters"] == parameters - 5
    assert sizes["encoder_parameters"] == sum(p.numel() for p in model.bert.encoder.parameters())
    assert sizes["model_mb"] == pytest.approx(4 * parameters / 1e6)
    assert sizes["flops"] == flops(shape(2), 64)


def test_scores_in_8_bits_are_those_in_percent():
    model, seen = tiny(n_layers=1), []
    before = {name: value.clone() for name, value in model.state_dict().items()}

    def score(small):
        seen.append(small)
        return Scores({"exact": 40.0, "best_exact": 41.0, "total": 9.0, "collapsed": 0.0}, {"exact": 1.5})

    found = int8_metrics(model, TrainingSection(latency_length=16, latency_repeats=3), score)
    metrics, errors = found.metrics, found.standard_errors
    assert metrics.keys() == {"int8_exact", "int8_best_exact", "int8_mb", "int8_latency_ms"}
    assert (metrics["int8_exact"], errors) == (40.0, {"int8_exact": 1.5})
    assert seen[0] is not model
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
