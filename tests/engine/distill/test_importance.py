"""Scores of heads and units against values worked out by hand and against the maps they stand for."""

from __future__ import annotations

import pytest
import torch

from engine.distill.importance import head_scores, match_scores, residual_scores, strongest, unit_scores


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


def test_residual_score_gives_every_block_the_same_say():
    words = torch.tensor([[3.0, 0.0], [4.0, 1.0]])  # column norms 5 and 1, mean 3
    norms = [torch.tensor([-1.0, 3.0])]  # mean of the sizes 2
    outputs = [torch.tensor([[0.6, 0.8], [3.0, 0.0]])]  # row norms 1 and 3, mean 2
    expected = [5 / 3 + 0.5 + 0.5, 1 / 3 + 1.5 + 1.5]
    assert residual_scores(words, norms, outputs).tolist() == pytest.approx(expected)
    scaled = residual_scores(words, norms, [1000 * outputs[0]])
    assert scaled.tolist() == pytest.approx(expected)


def test_a_block_of_zeros_says_nothing():
    scores = residual_scores(torch.ones(2, 3), [torch.zeros(3)], [])
    assert scores.tolist() == [1.0, 1.0, 1.0]


def test_strongest_are_ascending_and_of_equals_the_first():
    assert strongest(torch.tensor([1.0, 9.0, 5.0, 9.0, 5.0]), 3) == (1, 2, 3)
    assert strongest(torch.tensor([2.0, 2.0, 2.0]), 2) == (0, 1)
    assert strongest(torch.tensor([2.0, 1.0]), 5) == (0, 1)
