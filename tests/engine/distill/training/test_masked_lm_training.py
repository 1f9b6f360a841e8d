"""Pre-training through the training loop: a stopped and resumed one ends with the same bits."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from engine.distill.hyperparameters import Hyperparameters
from engine.distill.losses.masked_lm_objective import MaskedLMData, masked_lm_objective
from engine.distill.losses.masked_lm_weights import method_weights
from engine.distill.losses.masking import read_vocabulary
from engine.distill.measuring.masked_lm_evaluation import masked_predictions
from engine.distill.training.loop import TrainingRun, train
from engine.events import Evaluation, Step
from engine.tasks.corpus.scores import score_masked_lm
from tests.engine.distill.text_rows import masked_lm, text_rows

ROWS = text_rows(120)


def run_of(checkpoint: Path | None, **changes):
    settings = Hyperparameters(
        method="distilbert", learning_rate=3e-3, epochs=2.0, train_batch_size=16, mask_smoothing=0.7
    )
    data = MaskedLMData(ROWS, read_vocabulary(ROWS, settings.mask_smoothing), seed=3)
    teacher = masked_lm(layers=3, seed=8)
    return TrainingRun(
        rows=ROWS,
        objective=masked_lm_objective(data, method_weights(settings), "fp32", teacher),
        settings=settings,
        seed=3,
        evaluations=2,
        evaluate=lambda model: score_masked_lm(
            masked_predictions(model, text_rows(20, seed=9), batch_size=8, precision="fp32")
        ),
        checkpoint=checkpoint,
        **changes,
    )


def test_events_tell_the_losses_and_metrics_of_the_method():
    events = list(train(masked_lm(dropout=0.1), run_of(None)))
    last_step = [event for event in events if isinstance(event, Step)][-1]
    assert last_step.loss == pytest.approx(
        2.0 * last_step.hard_loss + 5.0 * last_step.soft_loss + last_step.cosine_loss, rel=1e-4
    )
    last = [event for event in events if isinstance(event, Evaluation)][-1]
    assert {"mlm_accuracy", "mlm_loss", "perplexity"} <= set(last.metrics)


@pytest.mark.parametrize("stop_after", [1, 5, 11])
def test_a_resumed_training_ends_with_the_same_bits(tmp_path: Path, stop_after: int):
    whole = masked_lm(dropout=0.1)
    list(train(whole, run_of(None)))
    events = train(masked_lm(dropout=0.1), run_of(tmp_path))
    for event in events:
        if isinstance(event, Step) and event.step >= stop_after:
            break
    events.close()
    resumed = masked_lm(dropout=0.1, seed=77)
    list(train(resumed, run_of(tmp_path)))
    for own, expected in zip(resumed.state_dict().values(), whole.state_dict().values(), strict=True):
        assert torch.equal(own, expected)
