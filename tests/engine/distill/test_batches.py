"""Batches: every window once an epoch, the same order for the same seed, and padding that changes nothing."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.distill.batches import BUCKET_BATCHES, Logits, by_length, make_batch, training_order
from engine.distill.inference import model_inputs
from engine.distill.losses import SpanLogits, question_answering_loss
from engine.tasks.squad_features import Features

CPU = torch.device("cpu")
PAD = 7


@cache
def windows_of(lengths: tuple[int, ...]) -> Features:
    """Windows of given lengths with random tokens and targets."""
    rng = np.random.default_rng(len(lengths))
    tokens = sum(lengths)
    places = np.array([rng.integers(0, length) for length in lengths], dtype=np.int32)
    mask = np.zeros(tokens, dtype=np.bool_)
    return Features(
        input_ids=rng.integers(8, 40, tokens).astype(np.int32),
        token_type_ids=rng.integers(0, 2, tokens).astype(np.uint8),
        char_start=np.zeros(tokens, np.int32),
        char_end=np.zeros(tokens, np.int32),
        context_mask=mask,
        max_context=mask,
        row_offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        start_positions=places,
        end_positions=places,
        window_question=np.arange(len(lengths), dtype=np.int32),
        question_count=len(lengths),
        cls_index=0,
        pad_token_id=PAD,
        max_length=64,
        doc_stride=16,
        max_query_length=16,
        fingerprint="",
    )


def random_logits(features: Features) -> Logits:
    rng = np.random.default_rng(1)
    start, end = rng.normal(0, 3, (2, len(features.input_ids))).astype(np.float32)
    return Logits(start, end)


lengths = st.lists(st.integers(1, 50), min_size=1, max_size=120).map(tuple)


@given(lengths, st.integers(1, 20), st.integers(0, 2**32), st.integers(0, 5))
def test_every_window_is_in_exactly_one_batch(lengths, size, seed, epoch):
    batches = training_order(windows_of(lengths), size, seed, epoch)
    assert sorted(np.concatenate(batches).tolist()) == list(range(len(lengths)))
    assert len(batches) == -(-len(lengths) // size)
    assert sorted(map(len, batches))[1:] == [size] * (len(batches) - 1)


@given(lengths, st.integers(1, 20))
def test_inference_goes_from_long_to_short_over_every_window(lengths, size):
    features = windows_of(lengths)
    order = np.concatenate(list(by_length(features, size)))
    assert sorted(order.tolist()) == list(range(len(lengths)))
    assert (np.diff(features.lengths[order]) <= 0).all()


def test_order_depends_on_seed_and_epoch_alone():
    features = windows_of(tuple(range(1, 60)))

    def order(seed, epoch):
        return [batch.tolist() for batch in training_order(features, 4, seed, epoch)]

    assert order(3, 1) == order(3, 1)
    assert order(3, 1) != order(3, 2)
    assert order(3, 1) != order(4, 1)


def test_buckets_save_padding_and_still_mix():
    rng = np.random.default_rng(0)
    features = windows_of(tuple(rng.integers(5, 120, 2000).tolist()))
    batches = training_order(features, 8, 0, 0)
    padded = sum(int(features.lengths[batch].max()) * len(batch) for batch in batches)
    assert padded < 1.1 * features.lengths.sum()
    widths = [int(features.lengths[batch].max()) for batch in batches]
    assert np.abs(np.diff(widths)).mean() > 20, "batches come in random order, not by length"
    together = {frozenset(batch.tolist()) for batch in batches}
    again = {frozenset(batch.tolist()) for batch in training_order(features, 8, 0, 1)}
    assert len(together & again) < len(together) / BUCKET_BATCHES


@given(lengths, st.data())
def test_a_batch_holds_its_windows_and_padding(lengths, data):
    features = windows_of(lengths)
    chosen = np.array(data.draw(st.lists(st.integers(0, len(lengths) - 1), min_size=1, max_size=6)))
    teacher = random_logits(features)
    batch = make_batch(features, chosen, CPU, teacher)
    width = max(lengths[window] for window in chosen)
    for row, window in enumerate(chosen):
        tokens = slice(features.row_offsets[window], features.row_offsets[window + 1])
        length = lengths[window]
        for values, own, fill in (
            (batch.inputs["input_ids"], features.input_ids, PAD),
            (batch.inputs["token_type_ids"], features.token_type_ids, 0),
            (batch.inputs["attention_mask"], np.ones(len(features.input_ids)), 0),
            (batch.teacher_start, teacher.start, 0.0),
            (batch.teacher_end, teacher.end, 0.0),
        ):
            assert values.shape == (len(chosen), width)
            assert values[row, :length].tolist() == own[tokens].tolist()
            assert values[row, length:].tolist() == [fill] * (width - length)
    assert batch.start_positions.tolist() == features.start_positions[chosen].tolist()
    assert batch.end_positions.tolist() == features.end_positions[chosen].tolist()
    assert all(values.dtype == torch.int64 for values in batch.inputs.values())


def test_without_a_teacher_a_batch_has_no_teacher_logits():
    batch = make_batch(windows_of((3, 4)), np.array([0, 1]), CPU)
    assert batch.teacher_start is None
    assert batch.teacher_end is None


@pytest.mark.parametrize("family", ["bert", "distilbert"])
def test_padding_changes_neither_logits_nor_loss(small_training, family):
    """A short window alone, and beside the longest one, which pads it."""
    run = small_training.run
    model = small_training.student(family=family).eval()
    order = np.argsort(run.features.lengths)
    short, long = int(order[0]), int(order[-1])
    length = int(run.features.lengths[short])
    assert run.features.lengths[long] > length + 10
    outputs = []
    for windows in ([short], [short, long]):
        batch = make_batch(run.features, np.array(windows), CPU, run.teacher)
        with torch.no_grad():
            output = model(**model_inputs(model, batch.inputs))
        loss = question_answering_loss(
            SpanLogits(output.start_logits[:1], output.end_logits[:1]),
            SpanLogits(batch.teacher_start[:1], batch.teacher_end[:1]),
            batch.start_positions[:1],
            batch.end_positions[:1],
            alpha=0.5,
            temperature=2.0,
            mask=batch.inputs["attention_mask"][:1],
        )
        outputs.append((output.start_logits[0, :length], output.end_logits[0, :length], *loss))
    for alone, padded in zip(*outputs, strict=True):
        torch.testing.assert_close(alone, padded, rtol=1e-4, atol=1e-5)
