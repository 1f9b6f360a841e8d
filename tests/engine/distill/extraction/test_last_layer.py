"""The last layer as a distribution: against plain transformers, whatever the batches, and that it can be learned."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch.nn import functional

from engine.distill.extraction import last_layer
from engine.distill.extraction.last_layer import (
    DRAW,
    SEED,
    Sight,
    distance,
    last_layer_objective,
    last_states,
)
from engine.distill.hyperparameters import Hyperparameters
from engine.distill.losses.masking import mask_rows, read_vocabulary
from engine.distill.training.batches import make_batch
from engine.distill.training.loop import TrainingRun, train
from tests.engine.distill.text_rows import masked_lm, text_rows

ROWS = text_rows(60)
VOCABULARY = read_vocabulary(ROWS)
HEAD = Sight("head", VOCABULARY, temperature=1.5)
EMBEDDING = Sight("embedding", VOCABULARY, temperature=0.5)
SIGHTS = pytest.mark.parametrize("sight", [HEAD, EMBEDDING], ids=["head", "embedding"])
CPU = torch.device("cpu")


def by_plain_transformers(model, sight, chosen):
    """Softened log probabilities at the chosen tokens, from a whole forward pass."""
    masked = mask_rows(ROWS, chosen, VOCABULARY, seed=SEED, draw=DRAW, probability=sight.probability)
    inputs = make_batch(ROWS, chosen, CPU).inputs
    if sight.last_layer == "head":
        inputs["input_ids"] = torch.from_numpy(masked.input_ids)
    with torch.no_grad():
        told = model.eval()(**inputs, output_hidden_states=True)
    words = told.logits
    if sight.last_layer == "embedding":
        words = functional.linear(told.hidden_states[-1], model.bert.embeddings.word_embeddings.weight)
    return (words.flatten(0, 1)[torch.from_numpy(masked.places)] / sight.temperature).log_softmax(-1)


@SIGHTS
def test_the_distance_is_that_of_whole_forward_passes(sight):
    maximum, model = masked_lm(layers=3, width=48, seed=1), masked_lm(layers=1)
    told = last_states(maximum, ROWS, sight, "fp32")
    found = distance(model, told, maximum, sight, "fp32")
    everything = np.arange(len(ROWS))
    target, own = (by_plain_transformers(one, sight, everything) for one in (maximum, model))
    assert len(target) == told.offsets[-1]
    crossed = -(target.exp() * own).sum(-1)
    assert found.cross_entropy == pytest.approx(crossed.mean().item(), rel=1e-3)
    entropy = -(target.exp() * target).sum(-1)
    assert found.divergence == pytest.approx((crossed - entropy).mean().item(), rel=1e-3)
    assert 0 < found.standard_error < found.cross_entropy


@SIGHTS
def test_a_model_is_at_no_distance_from_itself(sight):
    model = masked_lm(seed=4)
    told = last_states(model, ROWS, sight, "fp32")
    found = distance(model, told, model, sight, "fp32")
    assert found.divergence == pytest.approx(0.0, abs=1e-4)
    assert found.cross_entropy > 0


@SIGHTS
def test_batches_and_pieces_change_nothing(sight, monkeypatch):
    maximum, model = masked_lm(layers=2, seed=1), masked_lm(layers=1)
    told = last_states(maximum, ROWS, sight, "fp32")
    whole = distance(model, told, maximum, sight, "fp32")
    monkeypatch.setattr(last_layer, "MAX_TOKENS", 64)
    monkeypatch.setattr(last_layer, "PLACES_AT_ONCE", 3)
    again = last_states(maximum, ROWS, sight, "fp32")
    assert np.array_equal(again.offsets, told.offsets)
    assert np.allclose(again.states, told.states, atol=2e-3)
    small = distance(model, told, maximum, sight, "fp32")
    assert small.cross_entropy == pytest.approx(whole.cross_entropy, rel=1e-5)
    assert small.standard_error == pytest.approx(whole.standard_error, rel=1e-4)


def test_tokens_are_hidden_from_heads_and_seen_by_embeddings(monkeypatch):
    seen = []
    original = last_layer.encode

    def spying(model, inputs):
        seen.append(inputs["input_ids"].clone())
        return original(model, inputs)

    monkeypatch.setattr(last_layer, "encode", spying)
    for sight in (HEAD, EMBEDDING):
        last_states(masked_lm(), ROWS, sight, "fp32")
    mask = VOCABULARY.mask_id
    assert [(ids == mask).any().item() for ids in seen] == [True, False]


def test_a_single_row_has_no_standard_error():
    row = ROWS.taken(np.array([3]))
    model = masked_lm()
    told = last_states(model, row, HEAD, "fp32")
    assert math.isnan(distance(masked_lm(seed=5), told, model, HEAD, "fp32").standard_error)


@SIGHTS
@pytest.mark.parametrize("optimizer", ["sgd", "adamw"])
def test_a_narrower_candidate_comes_closer_with_every_few_steps(sight, optimizer):
    maximum = masked_lm(layers=3, width=48, seed=1)
    training, held_out = ROWS.taken(np.arange(40)), ROWS.taken(np.arange(40, 60))
    told, kept = (last_states(maximum, rows, sight, "fp32") for rows in (training, held_out))
    model = masked_lm(layers=1, seed=2)
    rate = 0.2 if optimizer == "sgd" else 3e-3
    distances = [distance(model, kept, maximum, sight, "fp32").cross_entropy]
    for epochs in (1.0, 4.0):
        settings = Hyperparameters(
            optimizer=optimizer, learning_rate=rate, train_batch_size=8, epochs=epochs, schedule="constant"
        )
        objective = last_layer_objective(told, maximum, sight, "fp32")
        list(train(model, TrainingRun(rows=training, objective=objective, settings=settings, seed=0)))
        distances.append(distance(model, kept, maximum, sight, "fp32").cross_entropy)
    assert distances == sorted(distances, reverse=True)
    assert not any(parameter.grad is not None for parameter in maximum.parameters())
