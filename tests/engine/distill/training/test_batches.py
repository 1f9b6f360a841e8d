"""Batches: every row once an epoch, the same order for the same seed, and padding and pieces that change nothing."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.distill.hyperparameters import Hyperparameters
from engine.distill.losses.objectives import task_objective
from engine.distill.measuring.inference import model_inputs
from engine.distill.training.batches import (
    BUCKET_BATCHES,
    by_length,
    make_batch,
    training_order,
    within_budget,
)
from engine.tasks.squad.features import Features

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


def random_outputs(features: Features) -> dict[str, np.ndarray]:
    """What a teacher might say: numbers and vectors for each token, and vectors for each row."""
    rng = np.random.default_rng(1)
    tokens, rows = len(features.input_ids), len(features)
    return {
        "start": rng.normal(0, 3, tokens).astype(np.float32),
        "end": rng.normal(0, 3, tokens).astype(np.float32),
        "hidden": rng.normal(0, 3, (tokens, 4)).astype(np.float16),
        "logits": rng.normal(0, 3, (rows, 3)).astype(np.float32),
    }


lengths = st.lists(st.integers(1, 50), min_size=1, max_size=120).map(tuple)


@given(lengths, st.integers(1, 20), st.integers(0, 2**32), st.integers(0, 5))
def test_every_row_is_in_exactly_one_batch(lengths, size, seed, epoch):
    batches = training_order(windows_of(lengths), size, seed, epoch)
    assert sorted(np.concatenate(batches).tolist()) == list(range(len(lengths)))
    assert len(batches) == -(-len(lengths) // size)
    assert sorted(map(len, batches))[1:] == [size] * (len(batches) - 1)


@given(lengths, st.integers(1, 20), st.integers(1, 400))
def test_inference_goes_from_long_to_short_over_every_row(lengths, size, max_tokens):
    features = windows_of(lengths)
    batches = list(by_length(features, size, max_tokens))
    order = np.concatenate(batches)
    assert sorted(order.tolist()) == list(range(len(lengths)))
    assert (np.diff(features.lengths[order]) <= 0).all()
    assert max(map(len, batches)) <= size
    for batch in batches:
        assert len(batch) == 1 or len(batch) * features.lengths[batch].max() <= max_tokens


@given(lengths, st.integers(1, 400))
def test_pieces_are_few_equal_neighbours_within_the_budget(lengths, max_tokens):
    own = np.array(lengths)
    chosen = np.random.default_rng(0).permutation(len(own))
    pieces = list(within_budget(chosen, own, max_tokens))
    assert np.concatenate(pieces).tolist() == chosen.tolist()
    sizes = [len(piece) for piece in pieces]
    assert max(sizes) - min(sizes) <= 1
    for piece in pieces:
        assert len(piece) == 1 or len(piece) * own[piece].max() <= max_tokens
    if len(pieces) > 1:
        wider = -(-len(chosen) // (len(pieces) - 1))
        assert wider * own.max() > max_tokens, (
            "one piece less would have to hold too many of the longest rows"
        )


@pytest.mark.parametrize(
    ("max_tokens", "expected"),
    [
        (60, [[0, 1, 2, 3, 4, 5]]),
        (59, [[0, 1, 2], [3, 4, 5]]),
        (20, [[0, 1], [2, 3], [4, 5]]),
        (19, [[0], [1], [2], [3], [4], [5]]),
        (3, [[0], [1], [2], [3], [4], [5]]),
    ],
)
def test_known_pieces_of_six_rows_of_up_to_ten_tokens(max_tokens, expected):
    own = np.array([10, 9, 8, 3, 2, 1])
    assert [piece.tolist() for piece in within_budget(np.arange(6), own, max_tokens)] == expected


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
def test_a_batch_holds_its_rows_and_padding(lengths, data):
    features = windows_of(lengths)
    chosen = np.array(data.draw(st.lists(st.integers(0, len(lengths) - 1), min_size=1, max_size=6)))
    teacher = random_outputs(features)
    batch = make_batch(features, chosen, CPU, teacher)
    width = max(lengths[window] for window in chosen)
    for row, window in enumerate(chosen):
        tokens = slice(features.row_offsets[window], features.row_offsets[window + 1])
        length = lengths[window]
        for values, own, fill in (
            (batch.inputs["input_ids"], features.input_ids, PAD),
            (batch.inputs["token_type_ids"], features.token_type_ids, 0),
            (batch.inputs["attention_mask"], np.ones(len(features.input_ids)), 0),
            (batch.teacher["start"], teacher["start"], 0.0),
            (batch.teacher["end"], teacher["end"], 0.0),
        ):
            assert values.shape == (len(chosen), width)
            assert values[row, :length].tolist() == own[tokens].tolist()
            assert values[row, length:].tolist() == [fill] * (width - length)
        hidden = batch.teacher["hidden"][row]
        assert hidden[:length].tolist() == teacher["hidden"][tokens].tolist()
        assert hidden.shape == (width, 4)
        assert not hidden[length:].any()
    assert batch.teacher["logits"].tolist() == teacher["logits"][chosen].tolist()
    assert {values.dtype for values in batch.teacher.values()} == {torch.float32}
    assert batch.rows.tolist() == chosen.tolist()
    assert batch.targets.keys() == {"start_positions", "end_positions"}
    for name, values in batch.targets.items():
        assert values.tolist() == getattr(features, name)[chosen].tolist()
    assert all(values.dtype == torch.int64 for values in batch.inputs.values())


def test_without_a_teacher_a_batch_has_no_teacher_outputs():
    assert make_batch(windows_of((3, 4)), np.array([0, 1]), CPU).teacher == {}


@pytest.mark.parametrize("family", ["bert", "distilbert"])
def test_padding_changes_neither_logits_nor_loss(small_training, family):
    """A short row alone, and beside the longest one, which pads it."""
    run = small_training.run
    model = small_training.student(family=family).eval()
    order = np.argsort(run.rows.lengths)
    short, long = int(order[0]), int(order[-1])
    length = int(run.rows.lengths[short])
    assert run.rows.lengths[long] > length + 10
    objective = task_objective("span", 2, Hyperparameters(alpha=0.5, temperature=2.0), "fp32")
    outputs = []
    for chosen in ([short], [short, long]):
        batch = make_batch(run.rows, np.array(chosen), CPU, run.teacher)
        with torch.no_grad():
            output = model(**model_inputs(model, batch.inputs))
            losses = objective(model, first_row(batch), 0)
        outputs.append((output.start_logits[0, :length], output.end_logits[0, :length], *losses.values()))
    for alone, padded in zip(*outputs, strict=True):
        torch.testing.assert_close(alone, padded, rtol=1e-4, atol=1e-5)


def first_row(batch):
    """The first row alone, as wide as it was padded."""
    parts = {
        name: {key: value[:1] for key, value in getattr(batch, name).items()}
        for name in ("inputs", "targets", "teacher")
    }
    return replace(batch, rows=batch.rows[:1], **parts)
