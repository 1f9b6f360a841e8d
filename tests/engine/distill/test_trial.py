"""Whole trials: events in order, complete metrics, a model others can load, and the same bits when repeated."""

from __future__ import annotations

import json
from itertools import groupby, islice
from statistics import fmean, median

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModelForQuestionAnswering, AutoTokenizer

from engine.distill.measuring.inference import predict
from engine.distill.models.folder import load_student
from engine.distill.prepared import load_prepared
from engine.distill.students.architecture import (
    Architecture,
    encoder_parameters,
    flops,
    model_mb,
    num_parameters,
)
from engine.distill.trial import TRAINABLES, student_trial, teacher_trial
from engine.errors import DivergenceError, ModelError
from engine.tasks.example_scores import read_example_scores
from engine.tasks.predictions import read_predictions
from engine.tasks.squad.decoding import decode
from engine.trial_folder import TrialSpec

MEASURED = ("latency_ms", "train_seconds")
"""What the machine decides; everything else is the same in a repeated trial."""


@pytest.fixture
def dropping_spec(tiny_spec):
    """With dropout, so that the random state matters."""
    fixed = tiny_spec.fixed | {"dropout": 0.2, "attention_dropout": 0.1, "qa_dropout": 0.3}
    return tiny_spec.changed(fixed=fixed)


def lasting(metrics):
    return {name: value for name, value in metrics.items() if name not in MEASURED}


def formula(n_layers, n_heads, vocabulary, family="bert"):
    return Architecture(
        family=family,
        n_layers=n_layers,
        n_heads=n_heads,
        hidden_size=32,
        intermediate_size=64,
        heads_in_full=4,
        vocab_size=vocabulary,
        max_positions=128,
        type_vocab_size=2 if family == "bert" else 0,
    )


def answers_of(model, tokenizer, spec):
    """Best span and odds of each evaluation question, encoded and answered afresh."""
    prepared = load_prepared(spec.experiment, spec.cache)
    questions = prepared.parts["evaluation"].examples
    rows = prepared.task.encode(tokenizer, questions, "evaluation")
    told = predict(model, rows, "span", batch_size=8, precision="fp32")
    longest = spec.experiment.task.max_answer_length
    return decode(rows, questions, told["start"], told["end"], max_answer_length=longest)


def test_a_students_trial_from_end_to_end(make, tiny_teacher):
    spec, folder = make()
    events = list(student_trial(spec, folder))
    kinds = [kind for kind, _ in groupby(event.kind for event in events)]
    assert kinds[0] == "progress"
    assert kinds[-1] == "finished"
    assert [kind for kind in kinds if kind in ("evaluation", "checkpoint", "finished")] == [
        "evaluation",
        "checkpoint",
    ] * 2 + ["finished"]
    assert kinds.index("step") < kinds.index("evaluation")
    steps = [event.step for event in events if event.kind == "step"]
    assert steps == list(range(1, steps[-1] + 1))
    finished, last = events[-1], [event for event in events if event.kind == "evaluation"][-1]
    assert last.step == steps[-1]
    assert finished.metrics.items() >= last.metrics.items()
    assert finished.standard_errors == last.standard_errors
    assert finished.metrics.keys() == set(spec.experiment.metric_names())
    vocabulary = json.loads((tiny_teacher / "config.json").read_text())["vocab_size"]
    shape = formula(2, 2, vocabulary)
    assert finished.metrics["num_parameters"] == num_parameters(shape)
    assert finished.metrics["encoder_parameters"] == encoder_parameters(shape)
    assert finished.metrics["flops"] == flops(shape, 128)
    assert finished.metrics["model_mb"] == model_mb(shape)
    assert finished.metrics["latency_ms"] > 0
    assert finished.metrics["train_seconds"] > 0
    assert finished.metrics["nonzero_parameters"] <= finished.metrics["num_parameters"]
    model, _ = load_student(folder.model)
    assert sum(p.numel() for p in model.parameters()) == finished.metrics["num_parameters"]


@pytest.mark.parametrize("family", ["bert", "distilbert"])
def test_the_model_answers_as_its_predictions_say(make, tiny_spec, family, monkeypatch):
    """The threshold is put amid the odds, so that some answers are given and some held back."""
    monkeypatch.setattr(
        "engine.tasks.squad.trial_scores.calibrate",
        lambda questions, texts, odds: median(odds.values()) + 0.001,
    )
    spec, folder = make(experiment=tiny_spec.changed(student={"family": family}))
    finished = list(student_trial(spec, folder))[-1]
    predictions = read_predictions(folder.predictions)
    plain = (
        AutoModelForQuestionAnswering.from_pretrained(folder.model),
        AutoTokenizer.from_pretrained(folder.model),
    )
    assert plain[0].config.model_type == family
    for model, tokenizer in (plain, load_student(folder.model)):
        decoded = answers_of(model, tokenizer, spec)
        assert {key: item["best_span"] for key, item in predictions.items()} == decoded.best_text
        assert {key: (item["start"], item["end"]) for key, item in predictions.items()} == decoded.span
        for key, item in predictions.items():
            assert item["null_odds"] == pytest.approx(decoded.null_odds[key], abs=1e-3)
            refused = item["null_odds"] > finished.metrics["no_answer_threshold"]
            assert item["answer"] == ("" if refused else item["best_span"])
    given = [bool(item["answer"]) for item in predictions.values()]
    assert any(given)
    assert not all(given)
    assert finished.metrics["exact"] == pytest.approx(100 * exact_matches(spec, predictions), abs=1e-9)
    for name, part in (("exact", "score"), ("f1", "partial")):
        assert 100 * fmean(item[part] for item in predictions.values()) == pytest.approx(
            finished.metrics[name], rel=1e-6
        )
    kept = read_example_scores(folder.example_scores)
    assert list(kept) == ["exact"], "the task's own metric, and no other that the specification names"
    assert set(kept["exact"].examples) == predictions.keys()
    assert 100 * kept["exact"].values.mean() == pytest.approx(finished.metrics["exact"])


def exact_matches(spec, predictions):
    from engine.tasks.squad.scoring import exact

    questions = load_prepared(spec.experiment, spec.cache).parts["evaluation"].examples
    golds = {item.id: [answer.text for answer in item.answers] for item in questions}
    assert golds.keys() == predictions.keys()
    return sum(exact(item["answer"], golds[key]) for key, item in predictions.items()) / len(golds)


def test_the_card_lies_beside_the_model(make):
    spec, folder = make(number=12)
    finished = list(student_trial(spec, folder))[-1]
    card = (folder.model / "README.md").read_text(encoding="utf-8")
    assert "trial 12" in card
    assert f"| num_parameters | {finished.metrics['num_parameters']:,} |" in card
    assert "removed" in card, "the section on removed heads follows"


def test_a_repeated_trial_gives_the_same_bits(make, dropping_spec):
    results = []
    for name in ("one", "two"):
        spec, folder = make(name, experiment=dropping_spec)
        torch.manual_seed(len(results))
        finished = list(student_trial(spec, folder))[-1]
        weights = (folder.model / "model.safetensors").read_bytes()
        results.append((weights, folder.predictions.read_bytes(), lasting(finished.metrics)))
    assert results[0] == results[1]


def test_another_seed_gives_another_student(make, dropping_spec):
    weights = []
    for seed in (1, 2):
        spec, folder = make(str(seed), seed=seed, experiment=dropping_spec)
        list(student_trial(spec, folder))
        weights.append(load_file(folder.model / "model.safetensors"))
    assert any(not torch.equal(value, weights[1][name]) for name, value in weights[0].items())


def test_a_trial_stopped_anywhere_ends_as_if_it_was_not(make, dropping_spec):
    spec, folder = make("whole", experiment=dropping_spec)
    events = list(student_trial(spec, folder))
    weights = (folder.model / "model.safetensors").read_bytes()
    kinds = [event.kind for event in events]
    first_step = kinds.index("step") + 1
    evaluated = [place + 1 for place, kind in enumerate(kinds) if kind == "evaluation"]
    cuts = {1, first_step, evaluated[0] - 1, evaluated[0], evaluated[1], evaluated[1] + 1, len(kinds) - 1}
    for cut in sorted(cuts):
        spec, folder = make(str(cut), experiment=dropping_spec)
        generator = student_trial(spec, folder)
        assert len(list(islice(generator, cut))) == cut
        generator.close()
        finished = list(student_trial(spec, folder))[-1]
        assert (folder.model / "model.safetensors").read_bytes() == weights, f"stopped after event {cut}"
        assert lasting(finished.metrics) == lasting(events[-1].metrics)
        assert finished.standard_errors == events[-1].standard_errors


@pytest.mark.parametrize("way", ["gradient_checkpointing", "deterministic"])
def test_ways_of_training_that_change_no_bit(make, dropping_spec, way):
    other = dropping_spec.changed(training=dropping_spec.training.model_dump() | {way: True})
    try:
        plain, changed = (
            list(student_trial(*made))[-1]
            for made in (make("plain", experiment=dropping_spec), make("changed", experiment=other))
        )
    finally:
        torch.use_deterministic_algorithms(False)
    assert lasting(changed.metrics) == lasting(plain.metrics)


def test_sparse_students_keep_their_zeros_and_resume_bit_for_bit(make, tiny_spec, tmp_path):
    sparse = tiny_spec.changed(fixed=tiny_spec.fixed | {"sparsity": 0.6})
    whole, whole_folder = make("whole", experiment=sparse)
    finished = list(student_trial(whole, whole_folder))[-1]
    cut, cut_folder = make("cut", experiment=sparse)
    stopped = student_trial(cut, cut_folder)
    for event in stopped:
        if event.kind == "step" and event.step == 4:
            break
    stopped.close()
    list(student_trial(cut, cut_folder))
    weights = [load_file(folder.model / "model.safetensors") for folder in (whole_folder, cut_folder)]
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])
    removed = finished.metrics["num_parameters"] - finished.metrics["nonzero_parameters"]
    encoder = 2 * (4 * 32 * 16 + 2 * 32 * 64)
    assert removed == pytest.approx(0.6 * encoder, rel=0.01)


def test_cost_of_a_training_is_that_of_its_rows(make, tiny_prepared):
    """One epoch over all rows; a backward pass costs two forward passes, and the kept teacher costs nothing."""
    spec, folder = make()
    finished = list(student_trial(spec, folder))[-1]
    lengths = tiny_prepared.parts["training"].rows.lengths
    assert finished.metrics["train_tokens"] == lengths.sum()
    shape = formula(2, 2, 10)
    expected = sum(3 * flops(shape, int(length)) for length in lengths)
    assert finished.metrics["train_flops"] == pytest.approx(expected, rel=1e-12)


def test_8_bits_are_measured_where_they_are_asked_for(make, tiny_spec):
    training = tiny_spec.training.model_dump() | {"int8": True}
    small = {"name": "int8_exact", "role": "store", "direction": "maximize"}
    metrics = [*(metric.model_dump() for metric in tiny_spec.metrics), small]
    spec, folder = make(experiment=tiny_spec.changed(training=training, metrics=metrics))
    finished = list(student_trial(spec, folder))[-1]
    plain_spec, plain_folder = make("plain")
    plain = list(student_trial(plain_spec, plain_folder))[-1]
    assert lasting(plain.metrics).items() <= finished.metrics.items(), "the student itself is the same"
    added = finished.metrics.keys() - plain.metrics.keys()
    assert added == set(spec.experiment.metric_names()) - set(tiny_spec.metric_names())
    assert {"int8_exact", "int8_f1", "int8_mb", "int8_latency_ms"} <= added
    assert finished.metrics["int8_mb"] < 0.8 * finished.metrics["model_mb"]
    assert finished.metrics["int8_latency_ms"] > 0
    assert finished.standard_errors["int8_exact"] > 0
    assert list(read_example_scores(folder.example_scores)) == ["exact", "int8_exact"]
    model, _ = load_student(folder.model)
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}


def test_the_teachers_trial(make, tiny_spec, tiny_cache, tiny_teacher):
    spec, folder = make(role="teacher", number=0)
    events = list(teacher_trial(spec, folder))
    assert {event.kind for event in events} == {"progress", "finished"}
    finished = events[-1]
    prepared = load_prepared(tiny_spec, tiny_cache)
    assert finished.metrics.items() >= prepared.teacher_metrics.items()
    assert finished.standard_errors == prepared.teacher_errors
    assert finished.metrics.keys() == set(tiny_spec.metric_names()) - {
        "train_seconds",
        "train_tokens",
        "train_flops",
    }
    vocabulary = json.loads((tiny_teacher / "config.json").read_text())["vocab_size"]
    assert finished.metrics["num_parameters"] == num_parameters(formula(2, 4, vocabulary))
    assert {folder.spec, folder.example_scores} <= set(folder.path.iterdir())
    assert not folder.model.exists()
    kept = read_example_scores(folder.example_scores)
    assert 100 * kept["exact"].values.mean() == pytest.approx(finished.metrics["exact"])


def test_operations_are_for_the_length_that_fits_the_model(make, tiny_spec):
    """An input of 384 tokens is more than the teacher's 128: both figures are given for 128."""
    training = tiny_spec.training.model_dump() | {"latency_length": 384}
    spec, folder = make(experiment=tiny_spec.changed(training=training))
    finished = list(student_trial(spec, folder))[-1]
    assert finished.metrics["flops"] == flops(formula(2, 2, 10), 128)
    assert "128 tokens, latency: batch 1" in (folder.model / "README.md").read_text(encoding="utf-8")


def test_divergence_leaves_no_model(make):
    spec, folder = make(learning_rate=1e30)
    with pytest.raises(DivergenceError, match=r"learning.rate"):
        list(student_trial(spec, folder))
    assert not folder.model.exists()
    assert not folder.predictions.exists()


def test_prepared_data_deleted_meanwhile(make, monkeypatch):
    spec, folder = make()
    monkeypatch.setattr("engine.distill.prepared.load_prepared", lambda experiment, cache: None)
    with pytest.raises(ModelError, match="start it again"):
        list(student_trial(spec, folder))


def test_every_role_has_its_kind_of_trial():
    roles = TrialSpec.model_fields["role"].annotation.__args__
    assert set(TRAINABLES) == set(roles)
    assert TRAINABLES["baseline"] is TRAINABLES["student"] is student_trial
