"""ONNX files say what the model says, for every family and head, any batch and length, with and without int8."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest
import torch

from engine.distill import onnx_export
from engine.distill.anatomy import max_positions
from engine.distill.onnx_export import OUTPUTS, TOLERANCE, export_onnx
from engine.distill.onnx_int8 import compare_int8, quantise_onnx
from engine.distill.onnx_session import PACKAGES, open_session, outputs_of, random_inputs, require_onnx
from engine.distill.student import build_student
from engine.errors import ModelError, SettingError
from tests.engine.distill.tiny_teachers import POSITIONS, VOCABULARY, logits_of, tiny, tiny_tokenizer

MISSING = [name for name in PACKAGES if importlib.util.find_spec(name) is None]
needs_onnx = pytest.mark.skipif(bool(MISSING), reason=f"{', '.join(MISSING)} not installed (extra 'onnx')")

MODELS = [("bert", "span"), ("bert", "masked_lm"), ("distilbert", "sequence"), ("roberta", "span")]


def told(file, inputs):
    return outputs_of(open_session(file), {name: tensor.numpy() for name, tensor in inputs.items()})


def test_random_inputs_have_padding_and_types():
    inputs = random_inputs(("input_ids", "attention_mask", "token_type_ids"), (4, 8), vocabulary=9, types=2)
    assert inputs["input_ids"].shape == (4, 8)
    assert inputs["input_ids"].max() < 9
    assert inputs["attention_mask"].sum(axis=1).tolist() == [8, 7, 6, 5]
    assert inputs["token_type_ids"][0].tolist() == [0] * 4 + [1] * 4
    assert list(random_inputs(("input_ids",), (1, 1), vocabulary=9, types=1)) == ["input_ids"]


@needs_onnx
@pytest.mark.parametrize(("family", "head"), MODELS)
def test_every_family_and_head_agrees_on_shapes_of_all_kinds(tmp_path, family, head):
    model = tiny(family, head, n_layers=2)
    file = export_onnx(model, tiny_tokenizer(), tmp_path / "new" / "onnx", head)
    assert file.path == tmp_path / "new" / "onnx" / "model.onnx"
    assert file.largest_difference <= TOLERANCE
    assert file.outputs == OUTPUTS[head]
    types = ("token_type_ids",) if family == "bert" else ()
    assert sorted(file.inputs) == sorted(("input_ids", "attention_mask", *types))
    for rows, length in ((1, 2), (7, 5), (2, max_positions(model))):
        arrays = random_inputs(file.inputs, (rows, length), vocabulary=VOCABULARY, types=1 + len(types), seed=8)
        inputs = {name: torch.from_numpy(array) for name, array in arrays.items()}
        found = np.stack(list(told(file.path, inputs).values())).squeeze(0 if head != "span" else ())
        assert np.abs(found - logits_of(model, inputs).numpy()).max() <= TOLERANCE


@needs_onnx
def test_removed_heads_are_not_in_the_file(tmp_path):
    teacher = tiny("bert")
    full, pruned = (build_student(teacher, n_layers=2, n_heads=heads, seed=1) for heads in (4, 1))
    pruned.train()
    sizes = [
        export_onnx(model, tiny_tokenizer(), tmp_path / name, "span").megabytes
        for name, model in (("full", full), ("pruned", pruned))
    ]
    assert pruned.training, "the model is left as it was"
    # Three of four heads in two layers: 3/4 of the four 32 x 32 matrices of each.
    assert sizes[0] - sizes[1] == pytest.approx(2 * 3 * 32 * 32 * 4 / 1e6, rel=0.15)


@needs_onnx
def test_a_file_that_disagrees_is_refused_and_removed(tmp_path, monkeypatch):
    def spoilt(session, inputs):
        return {name: array + 2 * TOLERANCE for name, array in outputs_of(session, inputs).items()}

    monkeypatch.setattr(onnx_export, "outputs_of", spoilt)
    with pytest.raises(ModelError, match=r"differs from the model by 0\.0002"):
        export_onnx(tiny("bert", n_layers=1), tiny_tokenizer(), tmp_path, "span")
    monkeypatch.setattr(
        onnx_export, "outputs_of", lambda session, inputs: {"start_logits": np.full(1, np.nan, dtype=np.float32)}
    )
    with pytest.raises(ModelError, match="differs from the model by nan"):
        export_onnx(tiny("bert", n_layers=1), tiny_tokenizer(), tmp_path, "span")
    assert not list(tmp_path.iterdir())


@needs_onnx
@pytest.mark.parametrize(("family", "head"), MODELS)
def test_int8_is_smaller_and_near(tmp_path, family, head):
    model = tiny(family, head, n_layers=2, hidden_size=128, intermediate_size=256)
    fp32 = export_onnx(model, tiny_tokenizer(), tmp_path, head)
    small = quantise_onnx(fp32, model)
    assert small == tmp_path / "model_int8.onnx"
    found = compare_int8(fp32, small, model, length=POSITIONS // 2, repeats=3)
    weights = 2 * (4 * 128 * 128 + 2 * 128 * 256)
    assert fp32.megabytes - found.megabytes == pytest.approx(3 * weights / 1e6, rel=0.1)
    assert 0 < found.mean_difference < 0.1 * found.spread
    assert 0.7 < found.same_choice <= 1
    assert found.fp32_ms > 0
    assert found.int8_ms > 0
    import onnx

    kinds = [node.op_type for node in onnx.load(str(small)).graph.node]
    assert kinds.count("MatMulInteger") == 12, "the encoder's linear layers and nothing else"


@pytest.mark.parametrize("absent", [("onnxruntime",), ("onnx", "onnxscript")])
def test_missing_packages_are_named_with_what_installs_them(tmp_path, monkeypatch, absent):
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name in absent else real(name))
    with pytest.raises(SettingError) as found:
        export_onnx(tiny("bert", n_layers=1), tiny_tokenizer(), tmp_path, "span")
    assert ", ".join(absent) in str(found.value)
    assert "pip install 'bert-frontier[onnx]'" in str(found.value)


@needs_onnx
def test_nothing_is_missing_here():
    require_onnx()
