"""Folders of teachers and students: what plain transformers reads, what comes back, what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest
import torch
from transformers import AutoModelForQuestionAnswering, AutoTokenizer
from transformers.models.bert.modeling_bert import BertForMaskedLM
from transformers.models.distilbert.modeling_distilbert import DistilBertModel

from engine.distill.models import source as model_source
from engine.distill.models.folder import load_student, load_teacher, save_student
from engine.distill.students.build import build_student
from engine.distill.students.head_dropout import DroppingLinear
from engine.distill.students.pruning import removed_heads
from engine.errors import ModelError
from tests.engine.distill.tiny_teachers import (
    logits_of,
    tiny_bert,
    tiny_distilbert,
    tiny_inputs,
    tiny_tokenizer,
)

FAMILIES = pytest.mark.parametrize("family", ["bert", "distilbert"])


@pytest.fixture
def student():
    return build_student(tiny_bert(), n_layers=3, n_heads=2, pruning_seed=4)


@pytest.fixture
def teacher_folder(tmp_path):
    folder = tmp_path / "teacher"
    tiny_bert().save_pretrained(folder)
    tiny_tokenizer().save_pretrained(folder)
    return folder


@FAMILIES
def test_pruned_student_loads_in_plain_transformers_with_the_same_outputs(tmp_path, family):
    student = build_student(tiny_bert(), n_layers=3, n_heads=2, family=family)
    save_student(student, tiny_tokenizer(), tmp_path / "model")
    plain = AutoModelForQuestionAnswering.from_pretrained(tmp_path / "model")
    assert plain.config.model_type == family
    torch.testing.assert_close(
        logits_of(plain, tiny_inputs()), logits_of(student, tiny_inputs()), rtol=1e-5, atol=1e-5
    )
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "model")
    encoded = tokenizer("who was the king?", "charles", return_tensors="pt")
    assert encoded["input_ids"].tolist() == [[2, 5, 6, 7, 8, 11, 3, 12, 3]]
    assert ("token_type_ids" in encoded) == (family == "bert")
    plain(**encoded)


@FAMILIES
@pytest.mark.parametrize("n_heads", [1, 3, 4])
def test_student_comes_back_bit_for_bit(tmp_path, family, n_heads):
    student = build_student(tiny_bert(), n_layers=5, n_heads=n_heads, family=family, qa_dropout=0.4)
    save_student(student, tiny_tokenizer(), tmp_path / "model")
    loaded, tokenizer = load_student(tmp_path / "model")
    assert removed_heads(loaded) == removed_heads(student)
    assert student.state_dict().keys() == loaded.state_dict().keys()
    for name, value in student.state_dict().items():
        assert torch.equal(loaded.state_dict()[name], value), name
    assert torch.equal(logits_of(loaded, tiny_inputs()), logits_of(student, tiny_inputs()))
    assert not loaded.training
    assert len(tokenizer) == len(tiny_tokenizer())
    if family == "bert":
        assert isinstance(loaded.qa_outputs, DroppingLinear)
        assert loaded.qa_outputs.dropout == 0.4


def test_facts_and_card_state_both_sizes(tmp_path, student):
    save_student(student, tiny_tokenizer(), tmp_path / "model", card="---\nlicense: mit\n---\n# Mine\n")
    facts = json.loads((tmp_path / "model" / "bert_frontier.json").read_text())
    size = sum(p.numel() for p in student.parameters())
    full = sum(p.numel() for p in build_student(tiny_bert(), n_layers=3, n_heads=4).parameters())
    assert (facts["num_parameters"], facts["num_parameters_in_file"]) == (size, full)
    assert facts["encoder_parameters"] == sum(p.numel() for p in student.bert.encoder.parameters())
    assert facts["removed_heads"] == [list(heads) for heads in removed_heads(student)]
    card = (tmp_path / "model" / "README.md").read_text()
    assert card.startswith("---\nlicense: mit\n---\n# Mine\n")
    assert f"{size:,} parameters" in card
    assert "bigger than the model itself" in card
    assert f"{full:,}" in card


def test_card_of_a_full_student_speaks_of_no_zeros(tmp_path):
    save_student(build_student(tiny_bert(), n_layers=3, n_heads=4), tiny_tokenizer(), tmp_path / "model")
    assert "zeros" not in (tmp_path / "model" / "README.md").read_text()


def test_saving_leaves_the_model_alone_and_prints_nothing(tmp_path, student, capfd):
    expected = logits_of(student, tiny_inputs())
    save_student(student, tiny_tokenizer(), tmp_path / "model")
    load_student(tmp_path / "model")
    captured = capfd.readouterr()
    assert captured.out + captured.err == ""
    assert student.training
    assert torch.equal(logits_of(student, tiny_inputs()), expected)


def test_saving_again_replaces_the_student_and_leaves_nothing_beside_it(tmp_path, student):
    target = tmp_path / "runs" / "model"
    save_student(build_student(tiny_bert(), n_layers=1, n_heads=1), tiny_tokenizer(), target)
    save_student(student, tiny_tokenizer(), target)
    assert removed_heads(load_student(target)[0]) == removed_heads(student)
    assert [path.name for path in target.parent.iterdir()] == ["model"]


def test_an_error_while_saving_keeps_the_old_student(tmp_path, student):
    class BrokenTokenizer:
        def save_pretrained(self, folder):
            raise OSError("disk full")

    save_student(student, tiny_tokenizer(), tmp_path / "model")
    before = {path.name: path.read_bytes() for path in (tmp_path / "model").iterdir()}
    other = build_student(tiny_bert(seed=3), n_layers=1, n_heads=1)
    with pytest.raises(OSError, match="disk full"):
        save_student(other, BrokenTokenizer(), tmp_path / "model")
    assert {path.name: path.read_bytes() for path in (tmp_path / "model").iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_a_folder_with_something_else_is_never_replaced(tmp_path, student):
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(ModelError, match="holds no saved student"):
        save_student(student, tiny_tokenizer(), tmp_path)
    assert (tmp_path / "thesis.tex").read_text() == "years of work"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("not json", "damaged"),
        ('{"format": 1}', "damaged"),
        ('{"format": 1, "removed_heads": 3}', "damaged"),
        ("[]", "damaged"),
        ('{"format": 2, "removed_heads": []}', "format 2"),
        ('{"format": 1, "removed_heads": [[0]]}', "given for 1 layers"),
        ('{"format": 1, "removed_heads": [[9], [0], [0]]}', "heads 0 to 3"),
        ('{"format": 1, "removed_heads": [[-1], [0], [0]]}', "heads 0 to 3"),
    ],
)
def test_damaged_facts_are_refused(tmp_path, student, text, words):
    save_student(student, tiny_tokenizer(), tmp_path / "model")
    (tmp_path / "model" / "bert_frontier.json").write_text(text)
    with pytest.raises(ModelError, match=words):
        load_student(tmp_path / "model")


def test_heads_that_were_trained_since_are_not_thrown_away(tmp_path, student):
    folder = tmp_path / "model"
    save_student(student, tiny_tokenizer(), folder)
    plain = AutoModelForQuestionAnswering.from_pretrained(folder)
    with torch.no_grad():
        plain.bert.encoder.layer[2].attention.self.value.bias += 0.1
    plain.save_pretrained(folder)
    with pytest.raises(ModelError, match="trained on since"):
        load_student(folder)


def test_a_folder_of_plain_transformers_is_no_student(teacher_folder):
    with pytest.raises(ModelError, match=r"no bert_frontier\.json"):
        load_student(teacher_folder)


@pytest.mark.parametrize("make", [tiny_bert, tiny_distilbert])
def test_teacher_loads_in_fp32_and_evaluation_mode_in_silence(tmp_path, make, capfd):
    original = make().half()
    original.save_pretrained(tmp_path)
    tiny_tokenizer().save_pretrained(tmp_path)
    capfd.readouterr()
    teacher, tokenizer = load_teacher(str(tmp_path))
    captured = capfd.readouterr()
    assert captured.out + captured.err == ""
    assert {p.dtype for p in teacher.parameters()} == {torch.float32}
    assert {p.device.type for p in teacher.parameters()} == {"cpu"}
    assert not teacher.training
    assert torch.equal(teacher.qa_outputs.weight, original.qa_outputs.weight.float())
    assert tokenizer("king")["input_ids"] == [2, 8, 3]


def test_student_folder_serves_as_a_teacher(tmp_path, student):
    save_student(student, tiny_tokenizer(), tmp_path / "model")
    teacher, _ = load_teacher(tmp_path / "model")
    build_student(teacher, n_layers=2, n_heads=1)


def test_teacher_without_configuration(teacher_folder):
    (teacher_folder / "config.json").unlink()
    with pytest.raises(ModelError, match=r"no config\.json"):
        load_teacher(teacher_folder)


def test_teacher_without_weights(teacher_folder):
    (teacher_folder / "model.safetensors").unlink()
    with pytest.raises(ModelError, match=r"no weights \(model\.safetensors"):
        load_teacher(teacher_folder)


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "tokenizer.json"])
def test_teacher_with_a_damaged_file(teacher_folder, name):
    (teacher_folder / name).write_bytes(b"damaged " * 4)
    with pytest.raises(ModelError, match=r"cannot (load|read)"):
        load_teacher(teacher_folder)


def test_teacher_with_damaged_old_style_weights(teacher_folder):
    (teacher_folder / "model.safetensors").unlink()
    (teacher_folder / "pytorch_model.bin").write_bytes(b"damaged " * 4)
    with pytest.raises(ModelError, match="cannot load"):
        load_teacher(teacher_folder)


def test_teacher_without_tokenizer(teacher_folder):
    (teacher_folder / "tokenizer.json").unlink()
    (teacher_folder / "tokenizer_config.json").unlink()
    with pytest.raises(ModelError, match="no tokenizer"):
        load_teacher(teacher_folder)


def test_teacher_with_a_tokenizer_that_is_too_big(teacher_folder):
    tiny_bert(vocab_size=9).save_pretrained(teacher_folder)
    with pytest.raises(ModelError, match="13 tokens, the model only 9"):
        load_teacher(teacher_folder)


@pytest.mark.parametrize("kind", ["bert", "distilbert"])
def test_model_without_question_answering_head_is_refused(tmp_path, kind, capfd):
    model = (
        BertForMaskedLM(tiny_bert().config) if kind == "bert" else DistilBertModel(tiny_distilbert().config)
    )
    model.save_pretrained(tmp_path)
    tiny_tokenizer().save_pretrained(tmp_path)
    capfd.readouterr()
    with pytest.raises(ModelError, match="no question answering head"):
        load_teacher(tmp_path)
    assert capfd.readouterr().err == ""


def test_model_with_missing_layers_is_refused(teacher_folder):
    config = json.loads((teacher_folder / "config.json").read_text())
    (teacher_folder / "config.json").write_text(json.dumps(config | {"num_hidden_layers": 5}))
    with pytest.raises(ModelError, match="lacks weights"):
        load_teacher(teacher_folder)


def test_model_of_another_shape_than_its_configuration(teacher_folder):
    config = json.loads((teacher_folder / "config.json").read_text())
    (teacher_folder / "config.json").write_text(json.dumps(config | {"intermediate_size": 7}))
    with pytest.raises(ModelError, match="cannot load"):
        load_teacher(teacher_folder)


def test_model_of_another_family(teacher_folder):
    (teacher_folder / "config.json").write_text('{"model_type": "gpt2"}')
    with pytest.raises(ModelError, match="type 'gpt2'; teachers may be: bert, distilbert"):
        load_teacher(teacher_folder)


def test_head_with_other_outputs(teacher_folder):
    tiny_bert(num_labels=3).save_pretrained(teacher_folder)
    with pytest.raises(ModelError, match="3 outputs"):
        load_teacher(teacher_folder)


def test_sources_that_are_no_folders(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ModelError, match="is a file"):
        load_teacher(tmp_path / "file")
    with pytest.raises(ModelError, match="there is no folder"):
        load_teacher(tmp_path / "nowhere")
    with pytest.raises(ModelError, match="there is no folder"):
        load_teacher("./nowhere")
    with pytest.raises(ModelError, match="neither a folder nor a possible Hugging Face name"):
        load_teacher("models/teachers/large")


def test_hub_name_out_of_reach_says_what_to_do(monkeypatch):
    asked = []

    def unreachable(url, timeout):
        asked.append(timeout)
        raise httpx.ConnectTimeout("no route")

    monkeypatch.setattr(model_source.constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(model_source.httpx, "head", unreachable)
    with pytest.raises(ModelError, match="--teacher path/to/folder"):
        load_teacher("nobody/no-such-model")
    assert asked == [model_source.HUB_TIMEOUT_S]


def test_offline_mode_never_asks_the_hub(monkeypatch):
    monkeypatch.setattr(model_source.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(model_source.httpx, "head", None)
    with pytest.raises(ModelError, match="--teacher path/to/folder"):
        load_teacher("nobody/no-such-model")


@pytest.mark.parametrize(
    ("files", "whole"),
    [
        (["config.json", "model.safetensors", "tokenizer.json"], True),
        (["config.json", "model.safetensors.index.json", "vocab.txt"], True),
        (["config.json", "tokenizer.json"], False),
        (["config.json", "model.safetensors"], False),
    ],
)
def test_only_a_whole_model_in_the_cache_is_used_without_the_hub(monkeypatch, files, whole):
    monkeypatch.setattr(model_source.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(
        model_source, "try_to_load_from_cache", lambda name, file: file if file in files else None
    )
    if whole:
        assert model_source.locate("someone/model") == model_source.Location("someone/model", local_only=True)
    else:
        with pytest.raises(ModelError, match="nor whole in the local Hugging Face cache"):
            model_source.locate("someone/model")


def test_a_failed_last_step_keeps_the_old_student(tmp_path, student, monkeypatch):
    target = tmp_path / "model"
    save_student(student, tiny_tokenizer(), target)
    rename = Path.rename

    def fail_for_new(path, destination):
        if path.name.endswith(".new"):
            raise OSError("broken")
        return rename(path, destination)

    monkeypatch.setattr(Path, "rename", fail_for_new)
    with pytest.raises(OSError, match="broken"):
        save_student(build_student(tiny_bert(), n_layers=1, n_heads=1), tiny_tokenizer(), target)
    assert removed_heads(load_student(target)[0]) == removed_heads(student)
    assert [path.name for path in tmp_path.iterdir()] == ["model"]
