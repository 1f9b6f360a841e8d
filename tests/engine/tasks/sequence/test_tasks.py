"""Every built-in task reads its published form, encodes, is kept and loaded, and scores known answers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.errors import DatasetError, DivergenceError, SettingError, UnknownNameError
from engine.tasks.interface import Part, Task
from engine.tasks.sequence.catalogue import DEFINITIONS
from engine.tasks.sequence.generated import generate_sample
from engine.tasks.sequence.generated_rows import CUES
from engine.tasks.sequence.metrics import METRICS
from engine.tasks.sequence.records import Example
from engine.tasks.sequence.sampling import texts_key
from engine.tasks.sequence.task import SequenceTask, sequence_task

PLAIN = [name for name, item in DEFINITIONS.items() if not item.recast and not item.regression]


def build(name: str, folder: Path, **settings) -> SequenceTask:
    made = generate_sample(name, folder, training=36, evaluation=12)
    given = {"eval_dataset": str(made.eval_dataset)} if made.eval_dataset else {}
    return sequence_task(name, dataset=str(made.dataset), **given, **settings)


def perfect(task: SequenceTask, examples) -> np.ndarray:
    if task.labels == 1:
        return np.array([[item.label] for item in examples], dtype=np.float32)
    return 8 * np.eye(task.labels, dtype=np.float32)[[item.label for item in examples]]


def scored(task: SequenceTask, examples, logits):
    return task.score({"evaluation": Part(examples, None)}, {"evaluation": {"logits": logits}})


def measured(scores):
    """The task's own metrics."""
    return {name: value for name, value in scores.metrics.items() if name != "collapsed"}


@pytest.mark.parametrize("name", DEFINITIONS)
def test_a_task_goes_from_files_to_scores(name, tmp_path, bert_tokenizer):
    task = build(name, tmp_path / "data")
    typed: Task = task
    parts = typed.read()
    assert list(parts) == list(task.parts)
    training, evaluation = parts["training"], parts["evaluation"]
    assert not {texts_key(item) for item in training} & {texts_key(item) for item in evaluation}
    rows = task.encode(bert_tokenizer, evaluation, "evaluation")
    assert len(rows) == len(evaluation)
    assert rows.targets["labels"].dtype == (np.float32 if name == "stsb" else np.int64)
    np.testing.assert_allclose(rows.targets["labels"], [item.label for item in evaluation], rtol=1e-6)
    assert rows.lengths.max() <= task.max_length
    task.save(Part(evaluation, rows), tmp_path / "kept")
    kept = task.load(tmp_path / "kept")
    assert tuple(kept.examples) == tuple(evaluation)
    np.testing.assert_array_equal(kept.rows.input_ids, rows.input_ids)
    np.testing.assert_array_equal(kept.rows.targets["labels"], rows.targets["labels"])
    scores = scored(task, kept.examples, perfect(task, evaluation))
    assert tuple(scores.metrics) == (*DEFINITIONS[name].metrics, "collapsed")
    assert measured(scores) == pytest.approx(dict.fromkeys(DEFINITIONS[name].metrics, 100.0))
    assert scores.metrics["collapsed"] == 0
    assert set(scores.predictions) == (
        {item.unit for item in evaluation} if task.definition.choose else {item.id for item in evaluation}
    )


@pytest.mark.parametrize("name", DEFINITIONS)
def test_generated_answers_hang_on_a_word(name, tmp_path):
    for item in build(name, tmp_path).read()["training"]:
        cue = CUES[int(item.label + 0.5)] if name == "stsb" else CUES[item.label]
        shown = f"{item.text} {item.pair}" if name not in ("record", "multirc", "race") else item.pair
        assert cue in shown.lower().split()


@pytest.mark.parametrize("name", PLAIN)
def test_always_the_first_class(name, tmp_path):
    task = build(name, tmp_path)
    evaluation = task.read()["evaluation"]
    logits = np.zeros((len(evaluation), task.labels), dtype=np.float32)
    scores = scored(task, evaluation, logits)
    share = 100 / task.labels
    # F1 of the first class is 2p / (1 + p) at a share of p, that of the others 0.
    f1 = 0.0
    macro_f1 = 100 * (2 / task.labels / (1 + 1 / task.labels)) / task.labels
    parity = {"gender_parity": 100.0}
    known = {"accuracy": share, "mismatched_accuracy": share, "mcc": 0.0, "f1": f1, "macro_f1": macro_f1}
    assert measured(scores) == pytest.approx(
        {name: (known | parity)[name] for name in task.definition.metrics}
    )
    assert scores.metrics["collapsed"] == 1


def candidates(rows) -> list[Example]:
    return [
        Example(f"{group}-{n}", "t", "p", label, group=group, candidate=text, golds=golds)
        for n, (group, label, text, golds) in enumerate(rows)
    ]


def test_a_question_is_answered_by_its_best_candidate(tmp_path):
    task = build("copa", tmp_path)
    examples = candidates(
        [
            ("q", 0, "a", ()),
            ("q", 1, "b", ()),
            ("r", 1, "c", ()),
            ("r", 0, "d", ()),
            ("s", 0, "e", ()),
            ("s", 1, "f", ()),
        ]
    )
    # What counts is the lead of "true" over "false": q chooses b, r chooses d, s is a tie and takes the first.
    logits = np.array([[5, 6], [0, 2], [9, 1], [4, 1], [0, 0], [1, 1]], dtype=np.float32)
    scores = scored(task, examples, logits)
    assert scores.metrics["accuracy"] == pytest.approx(100 / 3)
    assert scores.standard_errors["accuracy"] == pytest.approx(100 * np.std([1, 0, 0], ddof=1) / 3**0.5)
    told = {name: (found["prediction"], found["gold"]) for name, found in scores.predictions.items()}
    assert told == {"q": ("b", ["b"]), "r": ("d", ["c"]), "s": ("e", ["f"])}
    assert [found["score"] for found in scores.predictions.values()] == [1, 0, 0]
    # The share of "true" among the two outputs of each candidate.
    lead = 1 / (1 + np.exp(-np.array([1.0, 2.0])))
    assert list(scores.predictions["q"]["probabilities"].items()) == [
        ("a", pytest.approx(lead[0])),
        ("b", pytest.approx(lead[1])),
    ]
    assert scores.predictions["q"]["probability"] == pytest.approx(lead[1])


def test_record_compares_the_chosen_entity_with_all_golds(tmp_path):
    task = build("record", tmp_path)
    golds = ("John Smith", "Smith")
    examples = candidates(
        [("q", 1, "the Smith", golds), ("q", 0, "Bob", golds), ("r", 0, "Smith Jr", ("Smith",))]
    )
    scores = scored(task, examples, np.array([[0, 1], [0, 0], [0, 0]], dtype=np.float32))
    assert measured(scores) == pytest.approx({"exact": 50.0, "word_f1": 100 * (1 + 2 / 3) / 2})


def test_multirc_judges_every_answer_by_itself(tmp_path):
    task = build("multirc", tmp_path)
    examples = candidates([("q", 1, "a", ()), ("q", 1, "b", ()), ("r", 0, "c", ()), ("r", 1, "d", ())])
    scores = scored(task, examples, np.array([[0, 1], [0, 1], [0, 1], [0, 1]], dtype=np.float32))
    # Three of four called right are: precision 3/4, recall 1.
    assert measured(scores) == pytest.approx({"f1a": 100 * 6 / 7, "em": 50.0})


def test_rounding_learns_classes_but_is_scored_on_the_values(tmp_path):
    task = build("stsb", tmp_path, rounding=True)
    assert task.labels == 6
    evaluation = task.read()["evaluation"]
    assert all(item.label == int(item.value + 0.5) for item in evaluation)
    scores = scored(task, evaluation, perfect(task, evaluation))
    gold = np.array([item.value for item in evaluation])
    powers = np.exp(perfect(task, evaluation))
    expected = powers / powers.sum(axis=1, keepdims=True) @ np.arange(6)
    assert scores.metrics["pearson"] == pytest.approx(100 * np.corrcoef(gold, expected)[0, 1], rel=1e-5)
    with pytest.raises(SettingError, match="rounding"):
        sequence_task("cola", dataset="x", rounding=True)


def test_recast_training_is_balanced_and_evaluation_never(tmp_path):
    for balanced, negatives in ((True, 72), (False, 216)):
        parts = build("race", tmp_path, balanced=balanced).read()
        labels = [item.label for item in parts["training"]]
        assert (labels.count(0), labels.count(1)) == (negatives, 72)
        assert [item.label for item in parts["evaluation"]].count(0) == 72


def test_samples_count_questions(tmp_path):
    parts = build("race", tmp_path, train_samples=10, eval_samples=5, balanced=False).read()
    assert {name: len(items) for name, items in parts.items()} == {"training": 40, "evaluation": 20}


def test_a_single_file_is_split_by_seed(tmp_path):
    generate_sample("multirc", tmp_path, training=20)
    settings = {"dataset": str(tmp_path / "train.jsonl"), "eval_fraction": 0.25, "balanced": False}
    parts = sequence_task("multirc", **settings).read()
    passages = [{item.cluster for item in part} for part in parts.values()]
    assert [len(part) for part in passages] == [15, 5]
    assert not passages[0] & passages[1]
    assert sequence_task("multirc", **settings).read() == parts
    assert sequence_task("multirc", **settings, seed=1).read() != parts


def test_folders_are_searched_by_usual_names(tmp_path):
    generate_sample("cola", tmp_path / "glue" / "CoLA", training=10, evaluation=4)
    parts = sequence_task("cola", dataset=str(tmp_path / "glue")).read()
    assert [len(part) for part in parts.values()] == [10, 4]
    (tmp_path / "glue" / "CoLA" / "dev.tsv").unlink()
    parts = sequence_task("cola", dataset=str(tmp_path / "glue")).read()
    assert [len(part) for part in parts.values()] == [8, 2]
    (tmp_path / "glue" / "CoLA" / "train.csv").write_text("sentence,label\n")
    with pytest.raises(DatasetError, match="several files"):
        sequence_task("cola", dataset=str(tmp_path / "glue")).read()
    with pytest.raises(DatasetError, match="no training file"):
        sequence_task("cola", dataset=str(tmp_path)).read()


def test_race_can_be_given_level_by_level(tmp_path):
    generate_sample("race", tmp_path, training=8, evaluation=4)
    high = {"dataset": str(tmp_path / "train" / "high"), "balanced": False}
    parts = sequence_task("race", **high, eval_dataset=str(tmp_path / "dev" / "high")).read()
    assert {name: len(items) for name, items in parts.items()} == {"training": 32, "evaluation": 16}
    parts = sequence_task("race", **high, eval_fraction=0.5).read()
    assert {name: len(items) for name, items in parts.items()} == {"training": 16, "evaluation": 16}


def test_mnli_without_mismatched_data_reports_accuracy_alone(tmp_path):
    task = build("mnli", tmp_path)
    (tmp_path / "dev_mismatched.tsv").unlink()
    evaluation = task.read()["evaluation"]
    assert set(measured(scored(task, evaluation, perfect(task, evaluation)))) == {"accuracy"}


def test_tasks_of_evaluation_data_alone_need_them():
    with pytest.raises(SettingError, match="training data of mnli"):
        sequence_task("ax", dataset="x")
    with pytest.raises(UnknownNameError, match="no task is called 'cila'"):
        sequence_task("cila", dataset="x")


def test_an_evaluation_folder_without_files_is_refused(tmp_path):
    task = build("cola", tmp_path / "data")
    (tmp_path / "none").mkdir()
    other = sequence_task("cola", dataset=task.dataset, eval_dataset=str(tmp_path / "none"))
    with pytest.raises(DatasetError, match="without evaluation files"):
        other.read()


def test_wrong_logits_are_refused(tmp_path):
    task = build("cola", tmp_path)
    evaluation = task.read()["evaluation"]
    with pytest.raises(DatasetError, match="shape"):
        scored(task, evaluation, np.zeros((len(evaluation), 3)))
    with pytest.raises(DivergenceError):
        scored(task, evaluation, np.full((len(evaluation), 2), np.nan))


def test_every_metric_of_a_task_can_be_measured():
    for item in DEFINITIONS.values():
        assert set(item.metrics) <= set(METRICS)
