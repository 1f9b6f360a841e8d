"""Predictions agree with a plain forward pass over each window by itself, whatever the batches are."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.distill.inference import model_inputs, predict


def one_by_one(model, features):
    """Logits of each window from a forward pass of its own, without padding."""
    start, end = (np.empty(len(features.input_ids), dtype=np.float32) for _ in range(2))
    model.eval()
    for window in range(len(features)):
        tokens = slice(features.row_offsets[window], features.row_offsets[window + 1])
        inputs = {"input_ids": torch.tensor(features.input_ids[tokens]).long()[None]}
        if model.config.model_type == "bert":
            inputs["token_type_ids"] = torch.tensor(features.token_type_ids[tokens]).long()[None]
        with torch.no_grad():
            output = model(**inputs)
        start[tokens], end[tokens] = output.start_logits[0].numpy(), output.end_logits[0].numpy()
    return start, end


@pytest.mark.parametrize("family", ["bert", "distilbert"])
@pytest.mark.parametrize("batch_size", [1, 7, 1000])
def test_prediction_equals_plain_forward_passes(small_training, family, batch_size):
    model, features = small_training.student(family=family), small_training.run.features
    logits = predict(model, features, batch_size, "fp32")
    start, end = one_by_one(model, features)
    np.testing.assert_allclose(logits.start, start, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(logits.end, end, rtol=1e-4, atol=1e-5)
    assert logits.start.dtype == logits.end.dtype == np.float32


def test_bf16_is_near_fp32_and_comes_back_as_fp32(small_training):
    model, features = small_training.student(), small_training.run.features
    full, half = (predict(model, features, 16, precision) for precision in ("fp32", "bf16"))
    assert half.start.dtype == np.float32
    assert not np.array_equal(half.start, full.start)
    assert np.corrcoef(half.start, full.start)[0, 1] > 0.99


@pytest.mark.parametrize("training", [True, False])
def test_mode_and_random_state_are_left_alone(small_training, training):
    model = small_training.student().train(training)
    before = torch.get_rng_state()
    predict(model, small_training.run.features, 16, "fp32")
    assert model.training is training
    assert torch.equal(torch.get_rng_state(), before)


def test_mode_is_put_back_after_an_error(small_training):
    model = small_training.student()

    def broken(*arguments, **inputs):
        raise RuntimeError("broken")

    model.forward = broken
    with pytest.raises(RuntimeError, match="broken"):
        predict(model, small_training.run.features, 16, "fp32")
    assert model.training


def test_reports_rise_to_one(small_training):
    shares = []
    predict(small_training.student(), small_training.run.features, 16, "fp32", shares.append)
    assert shares == sorted(set(shares))
    assert shares[0] > 0
    assert shares[-1] == 1.0


def test_distilbert_gets_no_token_types(small_training):
    inputs = {"input_ids": torch.ones(1, 1), "token_type_ids": torch.ones(1, 1)}
    assert set(model_inputs(small_training.student(family="distilbert"), inputs)) == {"input_ids"}
    assert set(model_inputs(small_training.student(), inputs)) == {"input_ids", "token_type_ids"}
