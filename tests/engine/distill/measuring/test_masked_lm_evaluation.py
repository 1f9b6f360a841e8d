"""What a model says of hidden words: against its full forward pass, and the same however it is asked."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from engine.distill.losses.masking import mask_rows, read_vocabulary
from engine.distill.measuring.masked_lm_evaluation import DRAW, PROBABILITY, SEED, masked_predictions
from tests.engine.distill.text_rows import masked_lm, text_rows

ROWS = text_rows(30)


def test_answers_are_those_of_the_full_forward_pass():
    model = masked_lm().train()
    found = masked_predictions(model, ROWS, batch_size=7, precision="fp32")
    assert model.training
    model.eval()
    answers, losses, rows = [], [], []
    for row in range(len(ROWS)):
        masked = mask_rows(
            ROWS, np.array([row]), read_vocabulary(ROWS), seed=SEED, draw=DRAW, probability=PROBABILITY
        )
        with torch.no_grad():
            logits = model(input_ids=torch.from_numpy(masked.input_ids)).logits[0, masked.places]
        answers += (logits.argmax(-1).numpy()).tolist()
        losses += functional.cross_entropy(logits, torch.from_numpy(masked.labels), reduction="none").tolist()
        rows += [row] * len(masked.labels)
    assert found["row"].tolist() == rows
    assert found["answer"].tolist() == answers
    assert found["loss"].tolist() == pytest.approx(losses, abs=1e-4)


def test_masks_are_the_same_for_every_model_and_batch_size():
    first = masked_predictions(masked_lm(), ROWS, batch_size=30, precision="fp32")
    other = masked_predictions(masked_lm(seed=1), ROWS, batch_size=3, precision="fp32")
    again = masked_predictions(masked_lm(), ROWS, batch_size=3, precision="fp32")
    assert first["row"].tolist() == other["row"].tolist()
    np.testing.assert_allclose(again["loss"], first["loss"], atol=1e-4)


def test_progress_ends_at_1():
    told = []
    masked_predictions(masked_lm(), ROWS, batch_size=8, precision="fp32", report=told.append)
    assert told == sorted(told)
    assert told[-1] == 1
