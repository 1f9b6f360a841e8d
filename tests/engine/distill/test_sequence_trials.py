"""Classification and regression end to end: fine-tune a teacher, then distil it with its kept logits."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import stats
from transformers import AutoModelForSequenceClassification, AutoTokenizer, BertConfig, BertModel

from engine.distill.hyperparameters import Hyperparameters
from engine.distill.losses.objectives import task_objective
from engine.distill.models.embedded import make_tokenizer
from engine.distill.prepared import load_prepared
from engine.distill.training.batches import make_batch
from engine.distill.trial import student_trial, teacher_trial
from engine.errors import ModelError, SettingError
from engine.spec_files import parse_spec
from engine.tasks.predictions import read_predictions
from engine.trial_folder import TrialFolder, TrialSpec

KINDS = {
    "films": 'labels = ["bad", "good"]\nmetrics = ["accuracy", "mcc"]',
    "stars": 'regression = true\nmetrics = ["pearson", "spearman"]',
}
GOOD = ("fine", "warm", "clever", "lovely")
BAD = ("dull", "cold", "clumsy", "dreary")

SPEC = """
name = "{name}"
[task]
name = "{name}"
dataset = "{data}"
max_length = 32
[task.format]
text = "text"
label = "label"
{kind}
[teacher]
model = "{model}"
trained = {trained}
[training]
evaluations = 1
latency_length = 32
latency_repeats = 3
[strategy]
name = "single"
[budget]
trials = 1
[fixed]
alpha = {alpha}
epochs = {epochs}
learning_rate = 2e-3
train_batch_size = 16
n_layers = 0
n_heads = 0
dropout = 0.0
attention_dropout = 0.0
qa_dropout = 0.0
[[metrics]]
name = "{metric}"
direction = "maximize"
"""


def write_rows(path, regression):
    """Sentences of two words of praise or blame: the label says which, or how many are praise."""
    rng = np.random.default_rng(0)
    lines = ["text\tlabel"]
    for number in range(160):
        praise = int(rng.integers(0, 3)) if regression else 2 * int(rng.integers(0, 2))
        words = [*rng.choice(GOOD, praise), *rng.choice(BAD, 2 - praise)]
        label = praise if regression else KINDS["films"].split('"')[3 if praise else 1]
        lines.append(f"film {number} was {' and '.join(words)}\t{label}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    """A random BERT without any head."""
    folder = tmp_path_factory.mktemp("encoder")
    texts = [f"film {number} was {word} and" for number in range(160) for word in GOOD + BAD]
    tokenizer = make_tokenizer(texts)
    torch.manual_seed(0)
    BertModel(
        BertConfig(
            vocab_size=len(tokenizer),
            hidden_size=32,
            num_hidden_layers=2,
            num_attention_heads=4,
            intermediate_size=64,
            max_position_embeddings=64,
        )
    ).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def made(encoder, tmp_path_factory):
    """For each kind: the specification of a fine-tuning, its events, and its folder."""
    results = {}
    for name in KINDS:
        folder = tmp_path_factory.mktemp(name)
        write_rows(folder / "rows.tsv", regression=name == "stars")
        spec = spec_of(name, folder / "rows.tsv", encoder, trained=False)
        results[name] = (spec, *run(spec, folder))
    return results


def spec_of(name, data, model, *, trained, epochs=6.0, alpha=None):
    metric = "pearson" if name == "stars" else "accuracy"
    text = SPEC.format(
        name=name,
        data=data,
        kind=KINDS[name],
        model=model,
        trained=str(trained).lower(),
        alpha=(0.5 if trained else 0.0) if alpha is None else alpha,
        epochs=epochs,
        metric=metric,
    )
    return parse_spec(text)


def trial_spec(experiment, cache, role="student", **parameters):
    return TrialSpec(
        experiment=experiment, name="x", number=1, role=role, parameters=parameters, seed=1, cache=cache
    )


def run(experiment, folder, **parameters):
    """Teacher and student of an experiment: the events of both, and the student's folder."""
    teacher, student = TrialFolder(folder / "teacher"), TrialFolder(folder / "student")
    for trial, spec in (
        (teacher, trial_spec(experiment, folder / "cache", "teacher")),
        (student, trial_spec(experiment, folder / "cache", **parameters)),
    ):
        trial.write_spec(spec)
    told = list(teacher_trial(teacher.read_spec(), teacher))
    return told, list(student_trial(student.read_spec(), student)), student


@pytest.mark.parametrize("name", KINDS)
def test_a_teacher_is_fine_tuned(made, name):
    spec, teacher, events, folder = made[name]
    assert not set(spec.task.info.metrics) & teacher[-1].metrics.keys(), "a new head has nothing to say"
    finished = events[-1]
    assert finished.metrics.keys() == set(spec.metric_names())
    main = finished.metrics[spec.metrics[0].name]
    assert main > 85
    assert finished.standard_errors.keys() <= finished.metrics.keys()
    assert all(event.soft_loss is None for event in events if event.kind == "step")
    model = AutoModelForSequenceClassification.from_pretrained(folder.model)
    tokenizer = AutoTokenizer.from_pretrained(folder.model)
    predictions = read_predictions(folder.predictions)
    prepared = load_prepared(spec, folder.path.parent / "cache")
    values, gold = [], []
    for item in prepared.parts["evaluation"].examples:
        with torch.no_grad():
            logits = model.eval()(**tokenizer(item.text, return_tensors="pt")).logits[0].numpy()
        if name == "stars":
            assert predictions[item.id]["value"] == pytest.approx(float(logits[0]), abs=1e-4)
            values.append(float(logits[0]))
        else:
            assert predictions[item.id]["answer"] == ("bad", "good")[int(logits.argmax())]
            values.append(int(logits.argmax()))
        gold.append(item.label)
    expected = stats.pearsonr(gold, values)[0] if name == "stars" else np.mean(np.equal(gold, values))
    assert main == pytest.approx(100 * expected, abs=1e-3)


@pytest.mark.parametrize("name", KINDS)
def test_the_fine_tuned_model_teaches_a_smaller_one(made, name, tmp_path):
    spec, _, tuned, tuned_folder = made[name]
    second = spec_of(name, spec.task.dataset, tuned_folder.model, trained=True)
    teacher, events, _ = run(second, tmp_path, n_layers=1, n_heads=2)
    scores = spec.task.info.metrics
    assert {key: teacher[-1].metrics[key] for key in scores} == pytest.approx(
        {key: tuned[-1].metrics[key] for key in scores}, abs=1e-3
    )
    told = [event for event in events if event.kind == "step"]
    assert all(event.soft_loss is not None for event in told)
    assert told[0].loss == pytest.approx((told[0].soft_loss + told[0].hard_loss) / 2, rel=1e-5)
    assert events[-1].metrics["num_parameters"] < tuned[-1].metrics["num_parameters"]
    assert events[-1].metrics[scores[0]] > 70
    prepared = load_prepared(second, tmp_path / "cache")
    rows = prepared.parts["training"].rows
    kept = prepared.teacher_outputs["logits"]
    assert kept.shape == (len(rows), 1 if name == "stars" else 2)
    batch = make_batch(rows, np.array([5, 2]), torch.device("cpu"), prepared.teacher_outputs)
    assert batch.teacher["logits"].tolist() == kept[[5, 2]].tolist()
    plain = AutoModelForSequenceClassification.from_pretrained(tuned_folder.model).eval()
    with torch.no_grad():
        np.testing.assert_allclose(kept[[5, 2]], plain(**batch.inputs).logits.numpy(), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("name", KINDS)
def test_alpha_one_learns_the_teachers_logits_not_the_labels(made, name):
    """At alpha 1 the loss is the soft one, by hand: the divergence of classes, or the squared distance of values."""
    spec, _, _, folder = made[name]
    labels = 1 if name == "stars" else 2
    model = AutoModelForSequenceClassification.from_pretrained(folder.model).eval()
    rows = load_prepared(spec, folder.path.parent / "cache").parts["training"].rows
    told = np.random.default_rng(0).normal(0, 2, (len(rows), labels)).astype(np.float32)
    batch = make_batch(rows, np.arange(6), torch.device("cpu"), {"logits": told})
    settings = Hyperparameters(alpha=1.0, temperature=2.0)
    losses = task_objective("sequence", labels, settings, "fp32")(model, batch, 0)
    with torch.no_grad():
        own = model(**batch.inputs).logits.double()
    wanted = torch.tensor(told[:6]).double()
    if labels == 1:
        expected = ((own - wanted) ** 2).mean()
    else:
        student, teacher = torch.log_softmax(own / 2, -1), torch.log_softmax(wanted / 2, -1)
        expected = 4 * (teacher.exp() * (teacher - student)).sum(-1).mean()
    assert losses["soft"].item() == pytest.approx(expected.item(), rel=1e-4)
    assert losses["total"].item() == losses["soft"].item()
    assert losses["hard"].item() != losses["soft"].item()
    silent = make_batch(rows, np.arange(6), torch.device("cpu"))
    with pytest.raises(SettingError, match="no teacher"):
        task_objective("sequence", labels, settings, "fp32")(model, silent, 0)
    alone = task_objective("sequence", labels, Hyperparameters(alpha=0.0), "fp32")(model, silent, 0)
    assert alone.keys() == {"total", "hard"}


def test_a_plain_encoder_is_no_trained_teacher(made, encoder, tmp_path):
    spec = made["films"][0]
    wrong = spec_of("films", spec.task.dataset, encoder, trained=True)
    folder = TrialFolder(tmp_path / "teacher")
    folder.write_spec(trial_spec(wrong, tmp_path / "cache", "teacher"))
    with pytest.raises(ModelError, match="no sequence classification head"):
        list(teacher_trial(folder.read_spec(), folder))
