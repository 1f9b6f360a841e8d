"""Prepared data: no paragraph in two parts, made once by one process, and renewed when its sources change."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from engine.distill import embedded, prepared
from engine.distill.embedded import embedded_data
from engine.distill.evaluation import evaluate
from engine.distill.inference import predict
from engine.distill.model_folder import load_teacher
from engine.distill.prepared import TEACHER_BATCH, load_prepared, prepare, read_questions
from engine.errors import DatasetError, ModelError, SettingError
from engine.file_lock import try_lock
from engine.metric_catalogue import METRICS
from engine.tasks.sample import generate_corpus

PROCESS = """
import sys
from pathlib import Path
from engine.distill.prepared import load_prepared, prepare
from engine.spec_files import parse_spec
spec, cache = parse_spec(Path(sys.argv[1]).read_text()), Path(sys.argv[2])
print("ready", flush=True)
sys.stdin.readline()
for event in prepare(spec, cache):
    print(event.message, flush=True)
    if event.message.startswith(sys.argv[3]):
        sys.stdin.readline()
print("whole" if load_prepared(spec, cache) else "nothing", flush=True)
"""


def with_task(spec, **changes):
    return spec.changed(task=spec.task.model_dump() | changes)


def parts_of(spec, cache):
    return dict(zip(("training", "calibration", "evaluation"), read_questions(spec, cache), strict=True))


def assert_no_shared_paragraph(parts):
    contexts = [{" ".join(item.context.split()) for item in items} for items in parts.values()]
    assert len(set.union(*contexts)) == sum(map(len, contexts))


def folders_of(cache):
    return sorted(path.name for path in (cache / "prepared").iterdir() if path.suffix == "")


def test_parts_share_no_paragraph_and_lose_none(tiny_spec, tmp_path):
    parts = parts_of(tiny_spec, tmp_path)
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
    parts = parts_of(with_task(tiny_spec, eval_dataset=str(other)), tmp_path)
    assert_no_shared_paragraph(parts)
    assert len({item.context for item in parts["evaluation"]}) == 12 + 6
    assert len({item.context for items in parts.values() for item in items}) == 24 + 6


@pytest.mark.parametrize("seed", [0, 1])
def test_sample_sizes(tiny_spec, tmp_path, seed):
    spec = with_task(tiny_spec, train_samples=60, eval_samples=11).changed(seed=seed)
    parts = parts_of(spec, tmp_path)
    assert len(parts["training"]) + len(parts["calibration"]) == 60
    assert len(parts["evaluation"]) == 11
    assert_no_shared_paragraph(parts)


def test_seed_decides_the_sample(tiny_spec, tmp_path):
    spec = with_task(tiny_spec, train_samples=60)
    assert parts_of(spec, tmp_path) == parts_of(spec, tmp_path)
    other = parts_of(spec.changed(seed=2), tmp_path)
    assert {item.id for item in other["training"]} != {
        item.id for item in parts_of(spec, tmp_path)["training"]
    }


def test_what_is_loaded_is_what_was_read(tiny_spec, tiny_prepared, tmp_path):
    for name, items in parts_of(tiny_spec, tmp_path).items():
        part = getattr(tiny_prepared, name)
        assert list(part.questions) == list(items)
        assert part.features.question_count == len(items)
        assert part.features.max_length == tiny_spec.task.max_length


def test_teacher_logits_are_those_of_a_fresh_forward_pass(tiny_prepared, tiny_teacher):
    model, _ = load_teacher(tiny_teacher)
    features, cached = tiny_prepared.training.features, tiny_prepared.teacher_logits
    fresh = predict(model, features, TEACHER_BATCH, "fp32")
    assert np.array_equal(cached.start, fresh.start)
    assert np.array_equal(cached.end, fresh.end)
    other = predict(model, features, 3, "fp32")
    np.testing.assert_allclose(cached.start, other.start, rtol=1e-4, atol=1e-4)
    assert not cached.start.flags.writeable, "shared between trials, so nobody may write"


def test_teacher_metrics_are_those_of_an_evaluation(tiny_spec, tiny_prepared, tiny_teacher):
    model, _ = load_teacher(tiny_teacher)
    result = evaluate(
        model,
        tiny_prepared.evaluation,
        tiny_prepared.calibration,
        batch_size=TEACHER_BATCH,
        precision="fp32",
        max_answer_length=tiny_spec.task.max_answer_length,
        scoring=tiny_spec.task.score,
    )
    assert tiny_prepared.teacher_metrics == result.metrics
    assert tiny_prepared.teacher_errors == result.standard_errors
    assert result.metrics.keys() <= METRICS.keys()
    assert tiny_prepared.teacher == str(tiny_teacher)


def test_second_call_does_nothing(tiny_spec, tmp_path, monkeypatch):
    assert load_prepared(tiny_spec, tmp_path) is None
    messages = [event.message for event in prepare(tiny_spec, tmp_path)]
    assert messages[0] == "reading the dataset"
    fractions = [event.fraction for event in prepare(tiny_spec, tmp_path / "again")]
    assert fractions == sorted(fractions)
    monkeypatch.setattr(prepared, "load_teacher", lambda source: pytest.fail("the teacher was loaded again"))
    monkeypatch.setattr(prepared, "load_squad", lambda *a: pytest.fail("the dataset was read again"))
    assert list(prepare(tiny_spec, tmp_path)) == []
    assert load_prepared(tiny_spec, tmp_path) is not None


def test_only_what_the_content_depends_on_makes_another_folder(tiny_spec, tmp_path):
    list(prepare(tiny_spec, tmp_path))
    for same in (
        tiny_spec.changed(name="another-name"),
        tiny_spec.changed(budget={"trials": 99}),
        tiny_spec.changed(training=tiny_spec.training.model_dump() | {"evaluations": 7}),
    ):
        assert load_prepared(same, tmp_path) is not None
    for other in (
        tiny_spec.changed(seed=8),
        with_task(tiny_spec, train_samples=50),
        with_task(tiny_spec, max_length=96),
        with_task(tiny_spec, score="raw"),
        with_task(tiny_spec, calibration_fraction=0.3),
    ):
        assert load_prepared(other, tmp_path) is None


@pytest.mark.parametrize("place", ["elsewhere", "cache", "cache-of-data"])
def test_changed_files_make_another_folder(tiny_spec, tmp_path, place):
    """Wherever the files lie, in the cache or beside it under a name that begins like it."""
    cache = tmp_path / "cache"
    dataset, teacher = tmp_path / place / "own.json", tmp_path / place / "model"
    shutil.copytree(tiny_spec.teacher.model, teacher)
    shutil.copy(tiny_spec.task.dataset, dataset)
    spec = with_task(tiny_spec, dataset=str(dataset)).changed(teacher={"model": str(teacher)})
    list(prepare(spec, cache))
    assert len(folders_of(cache)) == 1
    dataset.write_text(json.dumps(generate_corpus(24, seed=4)), encoding="utf-8")
    assert load_prepared(spec, cache) is None
    list(prepare(spec, cache))
    assert len(folders_of(cache)) == 2
    assert load_prepared(spec, cache).training.questions[0].id.startswith("4-")
    weights = teacher / "model.safetensors"
    os.utime(weights, ns=(1, 1))
    assert load_prepared(spec, cache) is None


@pytest.mark.parametrize("events", [1, 3, 5, 8])
def test_a_stopped_preparation_leaves_nothing_that_loads(tiny_spec, tmp_path, events):
    generator = prepare(tiny_spec, tmp_path)
    assert len(list(islice(generator, events))) == events
    generator.close()
    assert load_prepared(tiny_spec, tmp_path) is None
    list(prepare(tiny_spec, tmp_path))
    assert load_prepared(tiny_spec, tmp_path) is not None
    assert not list((tmp_path / "prepared").glob("*.part"))


def test_work_finished_by_another_at_the_last_moment_is_not_repeated(tiny_spec, tmp_path, monkeypatch):
    """The other process finishes between this one's look at the folder and its hold of the lock."""

    def overtaken(path):
        monkeypatch.setattr(prepared, "try_lock", try_lock)
        list(prepare(tiny_spec, tmp_path))
        return try_lock(path)

    monkeypatch.setattr(prepared, "try_lock", overtaken)
    assert list(prepare(tiny_spec, tmp_path)) == []


@pytest.fixture
def child(tiny_spec, tmp_path):
    """Starts a process that prepares the tiny experiment when told to, and pauses at a message."""
    from engine.spec_files import to_toml

    file = tmp_path / "spec.toml"
    file.write_text(to_toml(tiny_spec), encoding="utf-8")
    started = []

    def start(cache, pause_at="never"):
        process = subprocess.Popen(
            [sys.executable, "-c", PROCESS, str(file), str(cache), pause_at],
            cwd=Path(__file__).resolve().parents[3],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert process.stdout.readline() == "ready\n"
        process.stdin.write("\n")
        process.stdin.flush()
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_two_processes_do_the_work_once(tiny_spec, tmp_path, child, monkeypatch):
    monkeypatch.setattr(prepared, "WAIT_SECONDS", 0.01)
    other = child(tmp_path / "cache")
    own = [event.message for event in prepare(tiny_spec, tmp_path / "cache")]
    theirs = other.communicate("\n")[0].splitlines()
    assert theirs[-1] == "whole"
    assert load_prepared(tiny_spec, tmp_path / "cache") is not None
    assert (own + theirs).count("reading the dataset") == 1
    idle = own if "reading the dataset" in theirs else theirs[:-1]
    assert {message.split()[0] for message in idle} <= {"waiting"}


def test_the_work_of_a_killed_process_is_done_by_the_one_that_waits(tiny_spec, tmp_path, child, monkeypatch):
    monkeypatch.setattr(prepared, "WAIT_SECONDS", 0.0)
    other = child(tmp_path / "cache", pause_at="encoding")
    while not other.stdout.readline().startswith("encoding"):
        pass
    generator = prepare(tiny_spec, tmp_path / "cache")
    waiting = [event.message for event in islice(generator, 3)]
    assert set(waiting) == {"waiting for another process that prepares the same data"}
    other.kill()
    other.wait()
    assert "reading the dataset" in [event.message for event in generator]
    assert load_prepared(tiny_spec, tmp_path / "cache") is not None


@pytest.fixture
def tiny_embedded(monkeypatch):
    monkeypatch.setattr(embedded, "TRAIN_PARAGRAPHS", 12)
    monkeypatch.setattr(embedded, "EVALUATION_PARAGRAPHS", 6)
    monkeypatch.setattr(
        embedded, "TEACHER", embedded.TEACHER.model_copy(update={"epochs": 1.0, "n_layers": 1})
    )
    monkeypatch.setattr(prepared, "WAIT_SECONDS", 0.0)


def embedded_spec(spec):
    return with_task(spec, dataset="embedded").changed(teacher={"model": "embedded"})


def test_embedded_data_is_made_on_first_use_and_may_move(tiny_spec, tmp_path, tiny_embedded):
    spec = embedded_spec(tiny_spec)
    list(prepare(spec, tmp_path / "cache"))
    first = load_prepared(spec, tmp_path / "cache")
    assert first.teacher == str(embedded_data(tmp_path / "cache").teacher)
    assert len({item.context for item in first.evaluation.questions}) == 6
    (tmp_path / "cache").rename(tmp_path / "moved")
    moved = load_prepared(spec, tmp_path / "moved")
    assert moved.teacher == str(embedded_data(tmp_path / "moved").teacher)
    assert load_teacher(moved.teacher)[0] is not None
    assert moved.teacher_metrics == first.teacher_metrics


def test_embedded_data_is_waited_for_and_made_if_nobody_does(tiny_spec, tmp_path, tiny_embedded):
    """Another process makes it, and then dies: this one must not wait for ever."""
    generator = prepare(embedded_spec(tiny_spec), tmp_path)
    with try_lock(tmp_path / "embedded.lock") as mine:
        assert mine
        messages = {event.message for event in islice(generator, 4)}
        assert messages == {"waiting for another process that makes the embedded data"}
    rest = list(islice(generator, 2))
    assert rest[0].message == "writing the embedded corpus"
    generator.close()


def one_paragraph(folder):
    path = folder / "one.json"
    document = generate_corpus(1, seed=1)
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def test_clear_errors_for_datasets(tiny_spec, tmp_path):
    missing = tmp_path / "missing.json"
    with pytest.raises(DatasetError, match=r"missing\.json"):
        list(prepare(with_task(tiny_spec, dataset=str(missing)), tmp_path))
    wrong = tmp_path / "wrong.json"
    wrong.write_text('{"rows": []}', encoding="utf-8")
    with pytest.raises(DatasetError, match=r"wrong\.json"):
        list(prepare(with_task(tiny_spec, dataset=str(wrong)), tmp_path))
    with pytest.raises(DatasetError, match=r"every paragraph .* leave eval_dataset out"):
        list(prepare(with_task(tiny_spec, eval_dataset=tiny_spec.task.dataset), tmp_path))
    with pytest.raises(DatasetError, match="one paragraph"):
        list(prepare(with_task(tiny_spec, dataset=str(one_paragraph(tmp_path))), tmp_path))
    assert not folders_of(tmp_path)


def test_clear_errors_for_teachers(tiny_spec, tmp_path):
    with pytest.raises(ModelError, match="no-such-teacher"):
        list(prepare(tiny_spec.changed(teacher={"model": str(tmp_path / "no-such-teacher")}), tmp_path))
    assert not folders_of(tmp_path)


def test_windows_longer_than_the_teacher_takes(tiny_spec, tmp_path):
    """Refused by name, not by an index error; a long max_length with short paragraphs is fine."""
    list(prepare(with_task(tiny_spec, max_length=384), tmp_path))
    document = generate_corpus(6, seed=1, facts=6, twins=1.0)
    for topic in document["data"]:
        for item in topic["paragraphs"]:
            item["context"] += " and so on" * 60
    path = tmp_path / "long.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(SettingError, match=r"max_length is 384 .* at most 128; set task\.max_length to 128"):
        list(prepare(with_task(tiny_spec, dataset=str(path), max_length=384), tmp_path))
    list(prepare(with_task(tiny_spec, dataset=str(path), max_length=128), tmp_path))


def test_mended_answers_are_noted_in_the_log(tiny_spec, tiny_dataset, tmp_path, caplog):
    document = json.loads(tiny_dataset.read_text())
    wrong = next(q for p in document["data"][0]["paragraphs"] for q in p["qas"] if q["answers"])
    wrong["answers"][0]["text"] = "nowhere to be found"
    broken = tmp_path / "broken.json"
    broken.write_text(json.dumps(document))
    read_questions(with_task(tiny_spec, dataset=str(broken)), tmp_path)
    assert "1 answers are not in their context" in caplog.text
    assert "1 questions" in caplog.text
