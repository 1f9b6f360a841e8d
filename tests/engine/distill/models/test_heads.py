"""Models of every family with every head: copied, saved, loaded, newly made, and refused."""

from __future__ import annotations

import json

import pytest
import torch
from transformers import AutoModel, AutoTokenizer

from engine.distill.measuring.inference import model_inputs
from engine.distill.models.folder import load_student, load_teacher, save_student
from engine.distill.models.pretrained import AUTO_MODELS
from engine.distill.students.anatomy import head_parts
from engine.distill.students.build import build_student
from engine.errors import ModelError, SettingError
from tests.engine.distill.tiny_teachers import known_inputs, logits_of, tiny, tiny_inputs, tiny_tokenizer

FAMILIES = pytest.mark.parametrize("family", ["bert", "distilbert", "roberta"])
KINDS = pytest.mark.parametrize("family", ["bert", "distilbert", "roberta", "xlm-roberta", "camembert"])
HEADS = pytest.mark.parametrize("head", ["span", "sequence", "masked_lm"])
LABELS = {"span": 2, "sequence": 3, "masked_lm": 2}


def model_with(family, head, **changes):
    if head == "sequence":
        changes = {"num_labels": 3} | changes
    return tiny(family, head, **changes)


def saved(model, folder):
    model.save_pretrained(folder)
    tiny_tokenizer().save_pretrained(folder)
    return folder


def encoder(family, **changes):
    """A plain encoder, without any head."""
    model = tiny(family, "span", **changes)
    return model.base_model


@KINDS
@HEADS
def test_student_of_the_same_shape_answers_as_its_teacher(family, head):
    teacher = model_with(family, head)
    student = build_student(teacher)
    assert type(student) is type(teacher)
    assert torch.equal(logits_of(student, tiny_inputs()), logits_of(teacher, tiny_inputs()))


@KINDS
@HEADS
@pytest.mark.parametrize(
    "shape",
    [
        {"n_heads": 2, "n_layers": 2},
        {"hidden_size": 16, "n_heads": 1, "intermediate_size": 9},
        {"hidden_size": 24, "n_heads": 6, "head_shape": "resize", "intermediate_size": 50},
    ],
)
def test_saved_student_loads_in_plain_transformers_and_comes_back_bit_for_bit(tmp_path, family, head, shape):
    student = build_student(model_with(family, head), **shape)
    folder = tmp_path / "model"
    save_student(student, tiny_tokenizer(), folder)
    plain = AUTO_MODELS[head].from_pretrained(folder).eval()
    expected = logits_of(student, tiny_inputs())
    torch.testing.assert_close(logits_of(plain, tiny_inputs()), expected, rtol=1e-4, atol=1e-4)
    loaded, _ = load_student(folder)
    assert loaded.state_dict().keys() == student.state_dict().keys()
    for name, value in student.state_dict().items():
        assert torch.equal(loaded.state_dict()[name], value), name
    assert torch.equal(logits_of(loaded, tiny_inputs()), expected)
    facts = json.loads((folder / "bert_frontier.json").read_text())
    size = sum(parameter.numel() for parameter in student.parameters())
    assert (facts["head"], facts["num_parameters"]) == (head, size)
    pruned = shape.get("head_shape") != "resize"
    assert (facts["num_parameters_in_file"] > size) == pruned
    encoded = AutoTokenizer.from_pretrained(folder)("who", "charles", return_tensors="pt")
    assert ("token_type_ids" in encoded) == (family == "bert")
    plain(**encoded)


def test_resized_student_needs_none_of_this_program(tmp_path):
    student = build_student(tiny(), hidden_size=24, n_heads=6, head_shape="resize")
    save_student(student, tiny_tokenizer(), tmp_path / "model")
    plain = AUTO_MODELS["span"].from_pretrained(tmp_path / "model")
    assert sum(p.numel() for p in plain.parameters()) == sum(p.numel() for p in student.parameters())
    assert torch.equal(logits_of(plain, tiny_inputs()), logits_of(student, tiny_inputs()))


@FAMILIES
def test_names_of_labels_reach_the_saved_student(tmp_path, family):
    names = {0: "entailment", 1: "neutral", 2: "contradiction"}
    teacher = tiny(
        family,
        "sequence",
        id2label=names,
        label2id={name: number for number, name in names.items()},
        problem_type="single_label_classification",
    )
    save_student(build_student(teacher, n_heads=1), tiny_tokenizer(), tmp_path / "model")
    config = AUTO_MODELS["sequence"].from_pretrained(tmp_path / "model").config
    assert config.id2label == names
    assert config.label2id["neutral"] == 1
    assert config.problem_type == "single_label_classification"


@FAMILIES
@pytest.mark.parametrize("head", ["span", "sequence"])
def test_dropout_before_the_output_acts_in_training_only(family, head):
    teacher = tiny(family, head)
    rates = {"dropout": 0.0, "attention_dropout": 0.0}
    quiet = build_student(teacher, qa_dropout=0.0, **rates)
    noisy = build_student(teacher, qa_dropout=0.5, **rates)
    expected = logits_of(teacher, tiny_inputs())
    first = next(iter(quiet(**known_inputs(quiet, tiny_inputs())).values()))
    torch.testing.assert_close(first, expected[0] if head == "span" else expected, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(logits_of(noisy, tiny_inputs()), expected)
    dropped = next(iter(noisy(**known_inputs(noisy, tiny_inputs())).values()))
    assert not torch.allclose(dropped, first, atol=1e-3)


def test_masked_language_models_pass_between_bert_and_distilbert():
    teacher = tiny("bert", "masked_lm", type_vocab_size=1)
    student = build_student(teacher, family="distilbert")
    inputs = {name: value for name, value in tiny_inputs().items() if "type" not in name}
    torch.testing.assert_close(logits_of(student, inputs), logits_of(teacher, inputs), rtol=1e-4, atol=1e-4)
    back = build_student(student, family="bert")
    torch.testing.assert_close(logits_of(back, inputs), logits_of(teacher, inputs), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("source", "target"), [("bert", "distilbert"), ("distilbert", "bert")])
def test_classifiers_pass_between_bert_and_distilbert_as_a_start(source, target):
    teacher = model_with(source, "sequence")
    student = build_student(teacher, family=target)
    for name, part in head_parts(student).items():
        assert torch.equal(part.weight, head_parts(teacher)[name].weight)


@pytest.mark.parametrize(("teacher", "family"), [("bert", "roberta"), ("roberta", "distilbert")])
def test_roberta_is_made_of_roberta_alone(teacher, family):
    with pytest.raises(SettingError, match=f"family is '{family}' and the teacher is {teacher}"):
        build_student(tiny(teacher), family=family)


@KINDS
def test_roberta_never_sees_token_types(family):
    student = build_student(tiny(family))
    inputs = model_inputs(student, tiny_inputs())
    assert ("token_type_ids" in inputs) == (family == "bert")
    student(**inputs)


@KINDS
@HEADS
def test_teacher_with_its_head_loads_as_it_is(tmp_path, family, head):
    original = model_with(family, head)
    teacher, _ = load_teacher(saved(original, tmp_path), head, LABELS[head])
    assert torch.equal(logits_of(teacher, tiny_inputs()), logits_of(original, tiny_inputs()))


@KINDS
@pytest.mark.parametrize(
    ("head", "words"),
    [
        ("span", "no question answering head"),
        ("sequence", "no sequence classification head"),
        ("masked_lm", "no masked language model head"),
    ],
)
def test_encoder_alone_is_no_trained_teacher(tmp_path, family, head, words, capfd):
    saved(encoder(family), tmp_path)
    capfd.readouterr()
    with pytest.raises(ModelError, match=words):
        load_teacher(tmp_path, head, LABELS[head])
    assert capfd.readouterr().err == ""


@KINDS
@HEADS
def test_encoder_gets_a_new_head_from_the_seed_alone(tmp_path, family, head):
    saved(encoder(family, hidden_size=64), tmp_path)
    torch.manual_seed(1)
    state = torch.get_rng_state()
    first, _ = load_teacher(tmp_path, head, LABELS[head], trained=False, seed=4)
    assert torch.equal(torch.get_rng_state(), state)
    torch.manual_seed(2)
    again, _ = load_teacher(tmp_path, head, LABELS[head], trained=False, seed=4)
    other, _ = load_teacher(tmp_path, head, LABELS[head], trained=False, seed=5)
    for name, value in first.state_dict().items():
        assert torch.equal(again.state_dict()[name], value), name
    plain = AutoModel.from_pretrained(tmp_path)
    parts = head_parts(first)
    for name, part in parts.items():
        assert not part.bias.any(), name
        tied = head == "masked_lm" and name == "output"
        if name != "norm" and not tied and not (family == "bert" and name == "dense" and head == "sequence"):
            assert part.weight.std().item() == pytest.approx(0.02, rel=0.25), name
            assert not torch.equal(part.weight, head_parts(other)[name].weight)
    if head == "masked_lm":
        assert torch.equal(parts["norm"].weight, torch.ones(64))
        words = plain.embeddings.word_embeddings.weight
        assert torch.equal(parts["output"].weight, words)


@FAMILIES
def test_encoder_itself_is_loaded_under_a_new_head(tmp_path, family):
    original = encoder(family)
    teacher, _ = load_teacher(saved(original, tmp_path), "sequence", 5, trained=False)
    own = teacher.base_model.state_dict()
    for name, value in original.state_dict().items():
        assert torch.equal(own[name], value), name
    assert head_parts(teacher)["output"].out_features == 5


def test_missing_pooler_is_new_too(tmp_path):
    saved(encoder("bert", hidden_size=64), tmp_path)  # of a question answering model, which has no pooler
    first, _ = load_teacher(tmp_path, "sequence", 3, trained=False, seed=4)
    pooler = head_parts(first)["dense"]
    assert pooler.weight.std().item() == pytest.approx(0.02, rel=0.1)
    assert not pooler.bias.any()


def test_classifier_for_other_labels_is_new_and_the_pooler_stays(tmp_path):
    original = model_with("bert", "sequence")
    saved(original, tmp_path)
    teacher, _ = load_teacher(tmp_path, "sequence", 2, trained=False)
    assert teacher.config.num_labels == head_parts(teacher)["output"].out_features == 2
    assert torch.equal(head_parts(teacher)["dense"].weight, head_parts(original)["dense"].weight)
    assert not head_parts(teacher)["output"].bias.any()


def test_classifier_becomes_a_reader_with_two_outputs(tmp_path):
    saved(model_with("roberta", "sequence"), tmp_path)
    teacher, _ = load_teacher(tmp_path, "span", trained=False)
    assert head_parts(teacher)["output"].out_features == 2


@pytest.mark.parametrize("trained", [True, False])
def test_missing_layers_are_an_error_with_and_without_a_trained_head(tmp_path, trained):
    saved(model_with("bert", "sequence"), tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(config | {"num_hidden_layers": 5}))
    with pytest.raises(ModelError, match=r"lacks weights.* bert\.encoder\.layer\.4"):
        load_teacher(tmp_path, "sequence", 3, trained=trained)


def test_weights_of_another_shape_are_an_error_without_a_trained_head_too(tmp_path):
    saved(encoder("bert"), tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(config | {"intermediate_size": 7}))
    with pytest.raises(ModelError, match=r"lacks weights.* bert\.encoder\.layer\.0"):
        load_teacher(tmp_path, "sequence", 3, trained=False)


def test_trained_classifier_must_have_the_tasks_labels(tmp_path):
    saved(model_with("distilbert", "sequence"), tmp_path)
    with pytest.raises(ModelError, match=r"has 3 outputs \(labels\); the task needs 2"):
        load_teacher(tmp_path, "sequence", 2)


def test_untied_language_model_is_refused(tmp_path):
    saved(tiny("bert", "masked_lm", tie_word_embeddings=False), tmp_path)
    with pytest.raises(ModelError, match="not tied to its word embedding"):
        load_teacher(tmp_path, "masked_lm")


def test_unknown_head_is_refused(tmp_path):
    saved(tiny(), tmp_path)
    with pytest.raises(SettingError, match="head is 'tags'; use one of: span, sequence, masked_lm"):
        load_teacher(tmp_path, "tags")


def test_damaged_head_in_the_facts_is_refused(tmp_path):
    save_student(build_student(tiny()), tiny_tokenizer(), tmp_path / "model")
    path = tmp_path / "model" / "bert_frontier.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"head": "tags"}))
    with pytest.raises(ModelError, match="head is 'tags'"):
        load_student(tmp_path / "model")


def test_facts_of_earlier_versions_mean_a_question_answering_model(tmp_path):
    student = build_student(tiny(), n_heads=2)
    save_student(student, tiny_tokenizer(), tmp_path / "model")
    path = tmp_path / "model" / "bert_frontier.json"
    facts = json.loads(path.read_text())
    del facts["head"], facts["labels"]
    path.write_text(json.dumps(facts))
    loaded, _ = load_student(tmp_path / "model")
    assert torch.equal(logits_of(loaded, tiny_inputs()), logits_of(student, tiny_inputs()))
