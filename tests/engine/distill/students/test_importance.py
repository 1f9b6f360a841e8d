"""Scores of heads and units against values worked out by hand and against the maps they stand for."""

from __future__ import annotations

import pytest
import torch
from torch.nn.functional import gelu

from engine.distill.students.importance import (
    activation_scores,
    head_scores,
    match_scores,
    residual_scores,
    strongest,
    unit_scores,
)


def test_head_score_is_the_norm_of_its_output_map():
    generator = torch.Generator().manual_seed(2)
    value, output = torch.randn(12, 7, generator=generator), torch.randn(7, 12, generator=generator)
    expected = [
        torch.linalg.matrix_norm(output[:, i : i + 4] @ value[i : i + 4]).item() for i in range(0, 12, 4)
    ]
    assert head_scores(value, output, 4).tolist() == pytest.approx(expected, rel=1e-5)


def test_head_that_reads_much_but_writes_nothing_scores_nothing():
    value, output = torch.full((4, 3), 100.0), torch.ones(3, 4)
    output[:, :2] = 0
    scores = head_scores(value, output, 2)
    assert scores[0] == 0
    assert scores[1] > 0


def test_unit_score_is_row_norm_times_column_norm():
    rows_in = torch.tensor([[3.0, 4.0], [0.0, 2.0], [1.0, 0.0]])
    columns_out = torch.tensor([[1.0, 0.0, 6.0], [0.0, 5.0, 8.0]])
    assert unit_scores(rows_in, columns_out).tolist() == pytest.approx([5.0, 10.0, 10.0])


def test_match_score_is_query_norm_times_key_norm():
    query, key = torch.tensor([[3.0, 4.0], [1.0, 0.0]]), torch.tensor([[0.0, 2.0], [6.0, 8.0]])
    assert match_scores(query, key).tolist() == pytest.approx([10.0, 10.0])


def test_residual_score_is_size_behind_the_norm_times_what_reads_it_and_layers_have_the_same_say():
    first = (torch.tensor([[3.0, 0.0], [4.0, 1.0]]), torch.tensor([3.0, -2.0]), torch.tensor([4.0, 0.0]))
    second = (torch.tensor([[1.0, 1.0]]), torch.tensor([1.0, 3.0]), torch.zeros(2))
    # Sizes 5 and 2 times column norms 5 and 1 are 25 and 2, mean 13.5; then 1 and 3, mean 2.
    expected = [25 / 13.5 + 0.5, 2 / 13.5 + 1.5]
    assert residual_scores([first, second]).tolist() == pytest.approx(expected)
    louder = (1000 * second[0], *second[1:])
    assert residual_scores([first, louder]).tolist() == pytest.approx(expected)


def test_a_layer_of_zeros_says_nothing():
    layers = [(torch.ones(2, 3), torch.ones(3), torch.zeros(3)), (torch.zeros(2, 3),) + (torch.ones(3),) * 2]
    assert residual_scores(layers).tolist() == [1.0, 1.0, 1.0]


def test_activation_score_is_the_expected_size_of_a_units_output():
    generator = torch.Generator().manual_seed(1)
    rows, bias = torch.randn(5, 4, generator=generator), torch.tensor([0.0, 3.0, -3.0, 0.5, 1.0])
    columns, norm = torch.randn(4, 5, generator=generator), (torch.rand(4), torch.randn(4))
    inputs = norm[1] + norm[0] * torch.randn(200_000, 4, generator=generator)
    outputs = gelu(inputs @ rows.T + bias)
    expected = outputs.square().mean(0).sqrt() * columns.norm(dim=0)
    scores = activation_scores(rows, bias, columns, norm, gelu)
    assert scores.tolist() == pytest.approx(expected.tolist(), rel=0.02)


def test_activation_score_of_known_units():
    """Half of a normal variable's square is left by ReLU; a unit shut by its bias scores nothing."""
    rows, columns = torch.tensor([[2.0], [2.0], [0.0]]), torch.tensor([[3.0, 3.0, 3.0]])
    norm = (torch.ones(1), torch.zeros(1))
    scores = activation_scores(rows, torch.tensor([0.0, -100.0, 5.0]), columns, norm, torch.relu)
    assert scores.tolist() == pytest.approx([3 * 2 / 2**0.5, 0.0, 15.0], rel=1e-4)


def test_strongest_are_ascending_and_of_equals_the_first():
    assert strongest(torch.tensor([1.0, 9.0, 5.0, 9.0, 5.0]), 3) == (1, 2, 3)
    assert strongest(torch.tensor([2.0, 2.0, 2.0]), 2) == (0, 1)
    assert strongest(torch.tensor([2.0, 1.0]), 5) == (0, 1)
