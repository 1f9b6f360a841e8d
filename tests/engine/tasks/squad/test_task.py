"""Question answering as a task: no paragraph in two parts, kept and loaded unchanged, scored as its parts say."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from engine.errors import DatasetError
from engine.tasks.interface import Part, Task
from engine.tasks.registry import make_task
from engine.tasks.squad.decoding import decode
from engine.tasks.squad.sample import generate_corpus
from engine.tasks.squad.task import SquadTask
from engine.tasks.squad.trial_scores import score_decoded
from engine.tasks.task_section import TaskSection


def with_task(spec, **changes):
    return spec.changed(task=spec.task.model_dump() | changes)


def task_of(spec):
    return SquadTask(spec.task, spec.task.dataset, spec.task.eval_dataset, spec.seed)


def parts_of(spec):
    return task_of(spec).read()


def assert_no_shared_paragraph(parts):
    contexts = [{" ".join(item.context.split()) for item in items} for items in parts.values()]
    assert len(set.union(*contexts)) == sum(map(len, contexts))


def test_parts_share_no_paragraph_and_lose_none(tiny_spec):
    parts = parts_of(tiny_spec)
    assert_no_shared_paragraph(parts)
    document = json.loads(Path(tiny_spec.task.dataset).read_text(encoding="utf-8"))
    everything = {qa["id"] for topic in document["data"] for p in topic["paragraphs"] for qa in p["qas"]}
    assert {item.id for items in parts.values() for item in items} == everything
    sizes = {name: len(items) / len(everything) for name, items in parts.items()}
    assert sizes["evaluation"] == pytest.approx(0.2, abs=3 / len(everything))
    assert sizes["calibration"] == pytest.approx(0.15 * 0.8, abs=4 / len(everything))


def test_paragraphs_of_the_evaluation_file_are_not_trained_on(tiny_spec, tmp_path):
    """The second file repeats half of the first one's paragraphs and adds others."""
    document = generate_corpus(24, seed=3)
    shared = [
        {"title": t["title"], "paragraphs": t["paragraphs"][:2]} for t in document["data"]
    ] + generate_corpus(6, seed=9)["data"]
    other = tmp_path / "dev.json"
    other.write_text(json.dumps({"version": "v2.0", "data": shared}), encoding="utf-8")
    parts = parts_of(with_task(tiny_spec, eval_dataset=str(other)))
    assert_no_shared_paragraph(parts)
    assert len({item.context for item in parts["evaluation"]}) == 12 + 6
    assert len({item.context for items in parts.values() for item in items}) == 24 + 6


@pytest.mark.parametrize("seed", [0, 1])
def test_sample_sizes(tiny_spec, seed):
    spec = with_task(tiny_spec, train_samples=60, eval_samples=11).changed(seed=seed)
    parts = parts_of(spec)
    assert len(parts["training"]) + len(parts["calibration"]) == 60
    assert len(parts["evaluation"]) == 11
    assert_no_shared_paragraph(parts)


def test_seed_decides_the_sample(tiny_spec):
    spec = with_task(tiny_spec, train_samples=60)
    assert parts_of(spec) == parts_of(spec)
    other = parts_of(spec.changed(seed=2))
    assert {item.id for item in other["training"]} != {item.id for item in parts_of(spec)["training"]}


def test_mended_answers_are_noted_in_the_log(tiny_spec, tiny_dataset, tmp_path, caplog):
    document = json.loads(tiny_dataset.read_text())
    wrong = next(q for p in document["data"][0]["paragraphs"] for q in p["qas"] if q["answers"])
    wrong["answers"][0]["text"] = "nowhere to be found"
    broken = tmp_path / "broken.json"
    broken.write_text(json.dumps(document))
    parts_of(with_task(tiny_spec, dataset=str(broken)))
    assert "1 answers are not in their context" in caplog.text
    assert "1 questions" in caplog.text


def test_it_is_the_task_of_a_section(tiny_spec):
    made: Task = make_task(tiny_spec.task, tiny_spec.task.dataset, None, tiny_spec.seed)
    assert made == task_of(tiny_spec)
    assert (made.head, made.labels, made.parts) == ("span", 2, ("training", "calibration", "evaluation"))


def test_only_local_data_are_files(tmp_path):
    path = tmp_path / "train.json"
    assert SquadTask(TaskSection(), str(path), "rajpurkar/squad_v2", 0).files() == (path,)
    assert SquadTask(TaskSection(), "rajpurkar/squad_v2", None, 0).files() == ()


def test_check_reads_the_files_there_are(tiny_spec, tmp_path):
    task_of(tiny_spec).check()
    SquadTask(TaskSection(), "rajpurkar/squad_v2", None, 0).check()
    with pytest.raises(DatasetError, match=r"missing\.json"):
        task_of(with_task(tiny_spec, eval_dataset=str(tmp_path / "missing.json"))).check()


def test_parts_come_back_as_they_were_saved(tiny_spec, bert_tokenizer, tmp_path):
    task = task_of(tiny_spec)
    questions = task.read()["evaluation"]
    rows = task.encode(bert_tokenizer, questions, "evaluation")
    task.save(Part(questions, rows), tmp_path / "part")
    kept = task.load(tmp_path / "part")
    assert list(kept.examples) == list(questions)
    assert kept.examples[3] == questions[3]
    assert len(kept.examples) == len(questions) == rows.question_count
    assert not kept.rows.input_ids.flags.writeable
    for name in ("input_ids", "token_type_ids", "row_offsets"):
        assert np.array_equal(getattr(kept.rows, name), getattr(rows, name))
    assert kept.rows.targets.keys() == {"start_positions", "end_positions"}
    for name, values in rows.targets.items():
        assert np.array_equal(kept.rows.targets[name], values)


def test_scores_are_those_of_decoded_answers(tiny_spec, bert_tokenizer):
    task = task_of(with_task(tiny_spec, score="raw", max_answer_length=5))
    rng = np.random.default_rng(0)
    parts, outputs, decoded = {}, {}, {}
    for name, questions in task.read().items():
        rows = task.encode(bert_tokenizer, questions, name)
        parts[name] = Part(questions, rows)
        if name != "training":
            start, end = rng.normal(0, 3, (2, len(rows.input_ids))).astype(np.float32)
            outputs[name] = {"start": start, "end": end}
            decoded[name] = decode(rows, questions, start, end, max_answer_length=5)
    expected = score_decoded(
        parts["evaluation"].examples,
        decoded["evaluation"],
        parts["calibration"].examples,
        decoded["calibration"],
        "raw",
    )
    assert task.score(parts, outputs) == expected
