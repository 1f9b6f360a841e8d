"""The objective of pre-training: its parts against plain transformers, its methods, and that it teaches."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn import functional

from engine.distill.hyperparameters import Hyperparameters
from engine.distill.losses.masked_lm_objective import MaskedLMData, masked_lm_objective
from engine.distill.losses.masked_lm_weights import METHODS, MaskedLMWeights, method_weights
from engine.distill.losses.masking import read_vocabulary
from engine.distill.measuring.masked_lm_evaluation import masked_predictions
from engine.distill.training.batches import make_batch, training_order
from engine.errors import ModelError, SettingError
from engine.tasks.corpus.scores import score_masked_lm
from tests.engine.distill.text_rows import masked_lm, text_rows
from tests.engine.distill.tiny_teachers import tiny_bert

ROWS = text_rows(600)
DATA = MaskedLMData(ROWS, read_vocabulary(ROWS), seed=3)
ALL = MaskedLMWeights(alpha_ce=5.0, alpha_mlm=2.0, alpha_cos=1.0, alpha_hidden=0.5, alpha_attention=0.25)
CPU = torch.device("cpu")


def batch_of(chosen):
    return make_batch(ROWS, np.asarray(chosen), CPU)


def losses_of(model, weights, teacher=None, chosen=range(6), step=4, data=DATA, **options):
    objective = masked_lm_objective(data, weights, "fp32", teacher, **options)
    return objective(model, batch_of(list(chosen)), step)


def by_plain_transformers(model, teacher, weights, chosen=range(6), step=4):
    """The losses from whole forward passes over the same masked batch, token by token."""
    batch, masked = batch_of(list(chosen)), DATA.masked(np.asarray(list(chosen)), step)
    inputs = {**batch.inputs, "input_ids": torch.from_numpy(masked.input_ids)}
    wanted = {"output_hidden_states": True, "output_attentions": True}
    for one in (model, teacher):
        one.set_attn_implementation("eager")
    own, told = model(**inputs, **wanted), teacher(**inputs, **wanted)
    labels = torch.full(batch.mask.shape, -100)
    labels.view(-1)[masked.places] = torch.from_numpy(masked.labels)
    attended = batch.mask.bool()
    counted = attended if weights.everywhere else labels != -100
    t = weights.temperature
    soft = functional.kl_div(
        (own.logits[counted] / t).log_softmax(-1),
        (told.logits[counted] / t).softmax(-1),
        reduction="batchmean",
    )
    pairs = [(0, 1), (1, 3)]
    differences = [
        functional.mse_loss(own.hidden_states[a + 1][attended], told.hidden_states[b + 1][attended])
        for a, b in pairs
    ]
    maps = []
    for a, b in pairs:
        mean, target = own.attentions[a].mean(1)[attended], told.attentions[b].mean(1)[attended]
        maps.append(torch.xlogy(target, target / mean.clamp_min(1e-30)).nansum(-1).mean())
    last = own.hidden_states[-1][attended], told.hidden_states[-1][attended]
    return {
        "hard": functional.cross_entropy(own.logits.view(-1, own.logits.shape[-1]), labels.view(-1)),
        "soft": soft * t**2,
        "cosine": functional.cosine_embedding_loss(*last, torch.ones(len(last[0]))),
        "hidden": sum(differences) / 2,
        "attention": sum(maps) / 2,
    }


@pytest.mark.parametrize("everywhere", [True, False])
def test_losses_are_those_of_whole_forward_passes(everywhere):
    weights = replace(ALL, everywhere=everywhere)
    model, teacher = masked_lm(layers=2, heads=2), masked_lm(layers=4, heads=4, seed=1).eval()
    found = losses_of(model, weights, teacher)
    expected = by_plain_transformers(model, teacher, weights)
    assert list(found) == ["total", *expected]
    for name, loss in expected.items():
        assert found[name].item() == pytest.approx(loss.item(), rel=1e-4, abs=1e-6), name
    total = sum(
        weight * expected[name] for name, weight in zip(expected, (2.0, 5.0, 1.0, 0.5, 0.25), strict=True)
    )
    assert found["total"].item() == pytest.approx(total.item(), rel=1e-4)


def test_methods_are_those_published():
    distilbert, bort = METHODS["distilbert"], METHODS["bort"]
    assert (distilbert.alpha_ce, distilbert.alpha_mlm, distilbert.alpha_cos) == (5.0, 2.0, 1.0)
    assert (bort.alpha_ce, bort.alpha_mlm, bort.alpha_cos) == (0.5, 0.1, 0.0)
    assert distilbert.temperature == bort.temperature == 2.0
    assert (distilbert.everywhere, bort.everywhere) == (True, False)
    assert not METHODS["mlm"].need_teacher


def test_weights_follow_the_settings():
    own = Hyperparameters(method="custom", alpha_ce=0.3, alpha_mlm=0.6, alpha_cos=0.1, temperature=3.0)
    assert method_weights(own) == MaskedLMWeights(0.3, 0.6, 0.1, temperature=3.0)
    named = Hyperparameters(method="bort", alpha_ce=9.0, alpha_hidden=0.7)
    assert method_weights(named) == replace(METHODS["bort"], alpha_hidden=0.7)


def test_masked_lm_alone_never_asks_the_teacher():
    class Silent(torch.nn.Module):
        def forward(self, *args, **kwargs):
            raise AssertionError

    assert list(losses_of(masked_lm(), METHODS["mlm"], Silent())) == ["total", "hard"]


def test_a_student_equal_to_its_teacher_loses_only_the_hidden_words():
    found = losses_of(masked_lm(), ALL, masked_lm())
    for name in ("soft", "cosine", "hidden", "attention"):
        assert found[name].item() == pytest.approx(0, abs=1e-5), name
    assert found["hard"].item() > 1


def test_no_gradient_reaches_the_teacher():
    model, teacher = masked_lm(), masked_lm(seed=1)
    losses_of(model, ALL, teacher)["total"].backward()
    assert all(p.grad is None for p in teacher.parameters())
    assert any(p.grad is not None for p in model.parameters())


@pytest.mark.parametrize("family", ["distilbert", "roberta"])
def test_families_can_differ(family):
    found = losses_of(masked_lm(family), replace(ALL, alpha_attention=0.0), masked_lm("bert", seed=1))
    assert torch.isfinite(found["total"])


def test_narrower_students_are_compared_with_their_units():
    units = torch.arange(0, 32, 2)
    found = losses_of(masked_lm(width=16), METHODS["distilbert"], masked_lm(), units=units)
    assert 0 < found["cosine"].item() < 2
    with pytest.raises(SettingError, match="16 wide"):
        losses_of(masked_lm(width=16), METHODS["distilbert"], masked_lm())


def test_pieces_of_a_batch_are_masked_as_the_whole():
    model = masked_lm()
    # Rows of equal length, so that every piece has its share of the masks.
    rows = text_rows(8, shortest=22, longest=22)
    data = replace(DATA, rows=rows)
    objective = masked_lm_objective(data, METHODS["mlm"], "fp32")
    parts = [
        objective(model, make_batch(rows, np.arange(8)[half], CPU), 5) for half in (slice(4), slice(4, 8))
    ]
    whole = objective(model, make_batch(rows, np.arange(8), CPU), 5)
    mean = (parts[0]["hard"] + parts[1]["hard"]) / 2
    assert whole["hard"].item() == pytest.approx(mean.item(), rel=1e-5)


def test_what_cannot_be_done_is_told():
    with pytest.raises(SettingError, match="there is none"):
        masked_lm_objective(DATA, METHODS["distilbert"], "fp32")
    with pytest.raises(SettingError, match="every weight"):
        masked_lm_objective(DATA, MaskedLMWeights(alpha_mlm=0.0), "fp32")
    with pytest.raises(SettingError, match="alpha_cos is -1"):
        masked_lm_objective(DATA, MaskedLMWeights(alpha_cos=-1.0), "fp32", masked_lm())
    with pytest.raises(ModelError, match="no masked-LM head"):
        masked_lm_objective(DATA, METHODS["bort"], "fp32", tiny_bert())
    with pytest.raises(ModelError, match="40 words and the teacher's 41"):
        losses_of(masked_lm(), METHODS["bort"], masked_lm(vocabulary=41))
    with pytest.raises(SettingError, match="attention_dropout"):
        losses_of(masked_lm(dropout=0.1).train(), ALL, masked_lm())


def trained(model, weights, teacher=None, *, epochs):
    """Train on the rows; gives the losses of the first and the last steps, and the accuracy on other rows."""
    objective = masked_lm_objective(DATA, weights, "fp32", teacher)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    totals, step = [], 0
    model.train()
    for epoch in range(epochs):
        for chosen in training_order(ROWS, 16, 1, epoch):
            loss = objective(model, make_batch(ROWS, chosen, CPU), step)["total"]
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            totals.append(loss.item())
            step += 1
    return np.mean(totals[:10]), np.mean(totals[-10:]), accuracy(model)


def accuracy(model):
    outputs = masked_predictions(model, text_rows(100, seed=9), batch_size=32, precision="fp32")
    return score_masked_lm(outputs).metrics["mlm_accuracy"]


@pytest.fixture(scope="module")
def taught():
    """A teacher that knows the rule of the text, with its accuracy."""
    model = masked_lm(layers=2, heads=4, width=48)
    before, after, found = trained(model, METHODS["mlm"], epochs=12)
    assert after < 0.7 * before
    return model, found


def test_masked_lm_learns_the_text(taught):
    assert taught[1] > 50 > 5 * accuracy(masked_lm(layers=2, heads=4, width=48))


@pytest.mark.parametrize("method", ["distilbert", "bort"])
def test_distillation_learns_the_text(taught, method):
    student = masked_lm(layers=1, heads=4, width=48, seed=5)
    start = accuracy(student)
    before, after, found = trained(student, METHODS[method], taught[0], epochs=4)
    assert after < 0.8 * before
    assert found > start + 15


def test_training_again_gives_the_same_bits():
    results = [trained(masked_lm(layers=1), METHODS["mlm"], epochs=1) for _ in range(2)]
    assert results[0] == results[1]
