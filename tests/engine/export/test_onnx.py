"""ONNX files say what the model says, for every family and head, any batch and length, with and without int8."""

from __future__ import annotations

import importlib.util
import shutil

import numpy as np
import pytest
import torch

from engine.distill.students.anatomy import max_positions
from engine.distill.students.build import build_student
from engine.distill.students.encoder_linears import encoder_linears
from engine.errors import ModelError, SettingError
from engine.export import onnx_export
from engine.export.onnx_export import OUTPUTS, TOLERANCE, export_onnx
from engine.export.onnx_int8 import compare_int8, quantise_onnx
from engine.export.onnx_session import PACKAGES, open_session, outputs_of, random_inputs, require_onnx
from tests.engine.distill.tiny_teachers import POSITIONS, VOCABULARY, logits_of, tiny, tiny_tokenizer

MISSING = [name for name in PACKAGES if importlib.util.find_spec(name) is None]
needs_onnx = pytest.mark.skipif(bool(MISSING), reason=f"{', '.join(MISSING)} not installed (extra 'onnx')")

MODELS = [("bert", "span"), ("distilbert", "sequence"), ("roberta", "masked_lm")]


def told(file, inputs):
    return outputs_of(open_session(file), {name: tensor.numpy() for name, tensor in inputs.items()})


def test_random_inputs_have_padding_and_types():
    inputs = random_inputs(("input_ids", "attention_mask", "token_type_ids"), (4, 8), vocabulary=9, types=2)
    assert inputs["input_ids"].shape == (4, 8)
    assert inputs["input_ids"].max() < 9
    assert inputs["attention_mask"].sum(axis=1).tolist() == [8, 7, 6, 5]
    assert inputs["token_type_ids"][0].tolist() == [0] * 4 + [1] * 4
    assert list(random_inputs(("input_ids",), (1, 1), vocabulary=9, types=1)) == ["input_ids"]


@pytest.fixture(scope="module", params=MODELS, ids="-".join)
def exported(request, tmp_path_factory):
    """A model of two layers, its head, and its ONNX file."""
    family, head = request.param
    model = tiny(family, head, n_layers=2, hidden_size=128, intermediate_size=256, initializer_range=0.05)
    folder = tmp_path_factory.mktemp("onnx") / "new" / "onnx"
    return model, head, export_onnx(model, tiny_tokenizer(), folder, head)


@needs_onnx
def test_every_family_and_head_agrees_on_shapes_of_all_kinds(exported):
    model, head, file = exported
    family = model.config.model_type
    assert file.path.name == "model.onnx"
    assert file.largest_difference <= TOLERANCE
    assert file.outputs == OUTPUTS[head]
    types = ("token_type_ids",) if family == "bert" else ()
    assert sorted(file.inputs) == sorted(("input_ids", "attention_mask", *types))
    for rows, length in ((1, 2), (7, 5), (2, max_positions(model))):
        arrays = random_inputs(
            file.inputs, (rows, length), vocabulary=VOCABULARY, types=1 + len(types), seed=8
        )
        inputs = {name: torch.from_numpy(array) for name, array in arrays.items()}
        found = list(told(file.path, inputs).values())
        wanted = logits_of(model, inputs).numpy()
        assert np.abs(np.stack(found) - (wanted if head == "span" else wanted[None])).max() <= TOLERANCE


@needs_onnx
def test_int8_is_smaller_and_near(exported):
    model, _, fp32 = exported
    small = quantise_onnx(fp32, model)
    assert small == fp32.path.with_name("model_int8.onnx")
    found = compare_int8(fp32, small, model, length=POSITIONS // 2, repeats=3)
    weights = sum(linear.weight.numel() for linear in encoder_linears(model).values())
    assert fp32.megabytes - found.megabytes == pytest.approx(3 * weights / 1e6, rel=0.1)
    assert 0 < found.mean_difference < 0.1 * found.spread
    assert 0.7 < found.same_choice <= 1
    assert found.fp32_ms > 0
    assert found.int8_ms > 0
    import onnx

    kinds = [node.op_type for node in onnx.load(str(small)).graph.node]
    assert kinds.count("MatMulInteger") == 12, "the encoder's linear layers and nothing else"


@needs_onnx
def test_removed_heads_are_not_in_the_file(tmp_path):
    import onnx

    student = build_student(tiny("bert"), n_layers=1, n_heads=1, seed=1)
    student.train()
    file = export_onnx(student, tiny_tokenizer(), tmp_path, "span")
    assert student.training, "the model is left as it was"
    shapes = [list(weights.dims) for weights in onnx.load(str(file.path)).graph.initializer]
    assert shapes.count([32, 8]) == 3, "queries, keys and values of one of four heads"
    assert shapes.count([8, 32]) == 1, "the output of that head"
    assert [32, 32] not in shapes


@needs_onnx
def test_a_file_that_disagrees_is_refused_and_removed(exported, tmp_path, monkeypatch):
    model, head, file = exported

    def spoilt(amount):
        return lambda session, inputs: {
            name: array + np.float32(amount) for name, array in outputs_of(session, inputs).items()
        }

    monkeypatch.setattr(onnx_export, "_write", lambda plain, path: shutil.copy(file.path, path))
    for amount, said in ((2 * TOLERANCE, "0.0002"), (float("nan"), "nan")):
        monkeypatch.setattr(onnx_export, "outputs_of", spoilt(amount))
        with pytest.raises(ModelError, match=f"differs from the model by {said}"):
            export_onnx(model, tiny_tokenizer(), tmp_path, head)
    assert not list(tmp_path.iterdir())


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
