"""What models are, read off their files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.errors import ModelError
from engine.inspection.hub_cache import cached_names
from engine.inspection.models import inspect_model, parameter_count


def test_a_folder(tiny_teacher: Path) -> None:
    from transformers import AutoModelForQuestionAnswering

    model = AutoModelForQuestionAnswering.from_pretrained(tiny_teacher)
    expected = sum(parameter.numel() for parameter in model.parameters())
    found = inspect_model(str(tiny_teacher), "span")
    assert found is not None
    assert found.told == f"2 layers of width 32, {expected / 1e3:.0f} k parameters"
    assert found.lacks is None
    assert parameter_count(tiny_teacher / "model.safetensors") == expected


def test_a_head_for_another_task_is_told(tiny_teacher: Path) -> None:
    found = inspect_model(str(tiny_teacher), "masked_lm")
    assert found is not None
    assert found.lacks == "it is a BertForQuestionAnswering, which was not trained to guess hidden words"


def test_a_distilbert_of_several_files(tmp_path: Path) -> None:
    config = {"architectures": ["DistilBertForMaskedLM"], "n_layers": 6, "dim": 768}
    (tmp_path / "config.json").write_text(json.dumps(config))
    for number, shape in ((1, [1000, 2000]), (2, [500])):
        header = json.dumps(
            {"w": {"dtype": "F32", "shape": shape, "data_offsets": [0, 4]}, "__metadata__": {}}
        ).encode()
        (tmp_path / f"m{number}.safetensors").write_bytes(len(header).to_bytes(8, "little") + header)
    index = {"weight_map": {"a": "m1.safetensors", "b": "m2.safetensors"}}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index))
    found = inspect_model(str(tmp_path), "masked_lm")
    assert found is not None
    assert found.told == "6 layers of width 768, 2.0 M parameters"


def test_weights_that_cannot_be_counted(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    (tmp_path / "pytorch_model.bin").write_bytes(b"pickle")
    found = inspect_model(str(tmp_path), "span")
    assert found is not None
    assert (found.told, found.lacks) == ("bert", None)
    (tmp_path / "short.safetensors").write_bytes(b"abc")
    (tmp_path / "long.safetensors").write_bytes(b"\xff" * 16)
    assert parameter_count(tmp_path / "short.safetensors") is None
    assert parameter_count(tmp_path / "long.safetensors") is None


@pytest.mark.parametrize("text", ["", "[]", "{"])
def test_a_damaged_configuration(tmp_path: Path, text: str) -> None:
    (tmp_path / "config.json").write_text(text)
    (tmp_path / "model.safetensors").write_bytes(b"")
    with pytest.raises(ModelError, match=r"config\.json"):
        inspect_model(str(tmp_path), "span")


def test_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no config\.json"):
        inspect_model(str(tmp_path), "span")
    assert inspect_model("nobody/nothing", "span") is None


def test_names_in_the_caches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hub, ready = tmp_path / "hub", tmp_path / "datasets"
    for name in (
        "models--google-bert--bert-base-uncased",
        "models--half--there",
        "datasets--rajpurkar--squad",
    ):
        (hub / name).mkdir(parents=True)
    (ready / "nyu-mll___glue").mkdir(parents=True)
    (ready / "downloads").mkdir()
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(hub))
    monkeypatch.setenv("HF_DATASETS_CACHE", str(ready))
    monkeypatch.setattr("engine.inspection.hub_cache.is_cached", lambda name: name.startswith("google"))
    found = cached_names()
    assert found.datasets == ("nyu-mll/glue", "rajpurkar/squad")
    assert found.models == ("google-bert/bert-base-uncased",)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "nowhere"))
    assert cached_names().models == ()
