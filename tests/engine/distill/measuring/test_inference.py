"""Predictions agree with a plain forward pass over each row by itself, whatever the head and the batches are."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.distill.measuring.inference import model_inputs, predict
from tests.engine.distill.text_rows import rows_of
from tests.engine.distill.tiny_teachers import tiny


def one_by_one(model, rows, fields):
    """Outputs of each row from a forward pass of its own, without padding; a list with an array per row."""
    found = {name: [] for name in fields}
    model.eval()
    for row in range(len(rows)):
        tokens = slice(rows.row_offsets[row], rows.row_offsets[row + 1])
        inputs = {"input_ids": torch.tensor(rows.input_ids[tokens]).long()[None]}
        if model.config.model_type == "bert":
            inputs["token_type_ids"] = torch.tensor(rows.token_type_ids[tokens]).long()[None]
        with torch.no_grad():
            output = model(**inputs, output_hidden_states=True)
        for name in fields:
            values = output.hidden_states[-1] if name == "hidden" else output[name]
            found[name].append(values[0].numpy())
    return found


def predicted(model, rows, batch_size=16, precision="fp32", **options):
    return predict(model, rows, "span", batch_size=batch_size, precision=precision, **options)


@pytest.mark.parametrize("family", ["bert", "distilbert"])
@pytest.mark.parametrize("batch_size", [1, 7, 1000])
def test_prediction_equals_plain_forward_passes(small_training, family, batch_size):
    model, rows = small_training.student(family=family), small_training.run.rows
    outputs = predicted(model, rows, batch_size)
    plain = one_by_one(model, rows, ("start_logits", "end_logits"))
    assert outputs.keys() == {"start", "end"}
    for name, values in outputs.items():
        assert values.dtype == np.float32
        np.testing.assert_allclose(values, np.concatenate(plain[f"{name}_logits"]), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("labels", [1, 3])
def test_a_sequence_head_gives_a_vector_for_each_row(small_training, labels):
    model, rows = tiny("bert", "sequence", num_labels=labels, vocab_size=2000), small_training.run.rows
    short = rows_up_to(rows, 64)
    outputs = predict(model, short, "sequence", batch_size=7, precision="fp32")
    assert outputs.keys() == {"logits"}
    assert outputs["logits"].shape == (len(short), labels)
    plain = np.stack(one_by_one(model, short, ("logits",))["logits"])
    np.testing.assert_allclose(outputs["logits"], plain, rtol=1e-4, atol=1e-4)


def rows_up_to(rows, longest):
    texts = [
        rows.input_ids[rows.row_offsets[r] : rows.row_offsets[r + 1]][:longest] for r in range(len(rows))
    ]
    return rows_of(texts)


def test_last_hidden_states_are_written_in_half_precision(small_training, tmp_path):
    model, rows = small_training.student(), small_training.run.rows
    outputs = predicted(model, rows, hidden=tmp_path / "hidden.npy")
    plain = np.concatenate(one_by_one(model, rows, ("hidden",))["hidden"])
    outputs["hidden"].flush()
    written = np.load(tmp_path / "hidden.npy", mmap_mode="r")
    assert written.dtype == np.float16
    assert written.shape == (len(rows.input_ids), 32)
    np.testing.assert_allclose(written, plain, rtol=2**-10, atol=1e-3)
    np.testing.assert_array_equal(written, outputs["hidden"])


def test_no_forward_pass_holds_more_tokens_than_the_budget(small_training, monkeypatch):
    model, rows = small_training.student(), small_training.run.rows
    expected = predicted(model, rows)
    seen = []
    model.register_forward_pre_hook(
        lambda module, args, inputs: seen.append(inputs["input_ids"].numel()), with_kwargs=True
    )
    budget = 2 * int(rows.lengths.max())
    monkeypatch.setattr("engine.distill.measuring.inference.MAX_TOKENS", budget)
    outputs = predicted(model, rows, 1000)
    assert max(seen) <= budget
    np.testing.assert_allclose(outputs["start"], expected["start"], rtol=1e-4, atol=1e-5)


def test_bf16_is_near_fp32_and_comes_back_as_fp32(small_training):
    model, rows = small_training.student(), small_training.run.rows
    full, half = (predicted(model, rows, precision=precision)["start"] for precision in ("fp32", "bf16"))
    assert half.dtype == np.float32
    assert not np.array_equal(half, full)
    assert np.corrcoef(half, full)[0, 1] > 0.99


@pytest.mark.parametrize("training", [True, False])
def test_mode_and_random_state_are_left_alone(small_training, training):
    model = small_training.student().train(training)
    before = torch.get_rng_state()
    predicted(model, small_training.run.rows)
    assert model.training is training
    assert torch.equal(torch.get_rng_state(), before)


def test_mode_is_put_back_after_an_error(small_training):
    model = small_training.student()

    def broken(*arguments, **inputs):
        raise RuntimeError("broken")

    model.forward = broken
    with pytest.raises(RuntimeError, match="broken"):
        predicted(model, small_training.run.rows)
    assert model.training


def test_reports_rise_to_one(small_training):
    shares = []
    predicted(small_training.student(), small_training.run.rows, report=shares.append)
    assert shares == sorted(set(shares))
    assert shares[0] > 0
    assert shares[-1] == 1.0


def test_distilbert_gets_no_token_types(small_training):
    inputs = {"input_ids": torch.ones(1, 1), "token_type_ids": torch.ones(1, 1)}
    assert set(model_inputs(small_training.student(family="distilbert"), inputs)) == {"input_ids"}
    assert set(model_inputs(small_training.student(), inputs)) == {"input_ids", "token_type_ids"}
