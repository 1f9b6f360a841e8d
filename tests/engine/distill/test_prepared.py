"""Prepared data: made once by one process, and made again when its sources change or what was made is damaged."""

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
import torch

from engine.distill import made_once, prepared
from engine.distill.cache_key import experiment_task, prepared_folder
from engine.distill.content import SEAL_FILE
from engine.distill.measuring.evaluation import evaluate
from engine.distill.measuring.inference import predict
from engine.distill.models import embedded, embedded_corpus
from engine.distill.models.embedded_files import embedded_data
from engine.distill.models.folder import load_teacher
from engine.distill.prepared import TEACHER_BATCH, load_prepared, prepare
from engine.errors import DatasetError, ModelError, SettingError
from engine.file_lock import try_lock
from engine.metric_catalogue import METRICS
from engine.tasks.squad.sample import generate_corpus
from engine.tasks.squad.task import SquadTask

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


def folders_of(cache):
    return sorted(path.name for path in (cache / "prepared").iterdir() if path.suffix == "")


def test_what_is_loaded_is_what_was_read(tiny_spec, tiny_prepared, tmp_path):
    read = experiment_task(tiny_spec, tmp_path).read()
    assert tiny_prepared.parts.keys() == read.keys()
    for name, items in read.items():
        part = tiny_prepared.parts[name]
        assert list(part.examples) == list(items)
        assert part.rows.question_count == len(items)
        assert part.rows.max_length == tiny_spec.task.max_length


def told_by(model, rows, batch_size):
    return predict(model, rows, "span", batch_size=batch_size, precision="fp32")


def test_teacher_outputs_are_those_of_a_fresh_forward_pass(tiny_prepared, tiny_teacher):
    model, _ = load_teacher(tiny_teacher)
    rows, cached = tiny_prepared.parts["training"].rows, tiny_prepared.teacher_outputs
    fresh, other = told_by(model, rows, TEACHER_BATCH), told_by(model, rows, 3)
    assert cached.keys() == fresh.keys() == {"start", "end"}
    for name, values in cached.items():
        assert np.array_equal(values, fresh[name])
        np.testing.assert_allclose(values, other[name], rtol=1e-4, atol=1e-4)
        assert not values.flags.writeable, "shared between trials, so nobody may write"


def test_hidden_states_are_kept_where_they_are_asked_for(tiny_spec, tiny_prepared, tiny_cache, tiny_teacher):
    spec = tiny_spec.changed(teacher=tiny_spec.teacher.model_dump() | {"keep_hidden_states": True})
    list(prepare(spec, tiny_cache))
    kept = load_prepared(spec, tiny_cache).teacher_outputs
    assert kept.keys() == {"start", "end", "hidden"}
    assert np.array_equal(kept["start"], tiny_prepared.teacher_outputs["start"])
    rows = tiny_prepared.parts["training"].rows
    assert kept["hidden"].shape == (len(rows.input_ids), 32)
    model, _ = load_teacher(tiny_teacher)
    tokens = slice(rows.row_offsets[5], rows.row_offsets[6])
    inputs = {"input_ids": torch.tensor(rows.input_ids[tokens]).long()[None]}
    inputs["token_type_ids"] = torch.tensor(rows.token_type_ids[tokens]).long()[None]
    with torch.no_grad():
        alone = model(**inputs, output_hidden_states=True).hidden_states[-1][0].numpy()
    np.testing.assert_allclose(kept["hidden"][tokens], alone, rtol=2**-10, atol=2e-3)


def test_teacher_metrics_are_those_of_an_evaluation(tiny_prepared, tiny_teacher):
    model, _ = load_teacher(tiny_teacher)
    scores = evaluate(
        model, tiny_prepared.task, tiny_prepared.parts, batch_size=TEACHER_BATCH, precision="fp32"
    )
    assert tiny_prepared.teacher_metrics == scores.metrics
    assert tiny_prepared.teacher_errors == scores.standard_errors
    assert scores.metrics.keys() <= METRICS.keys()
    assert tiny_prepared.teacher == str(tiny_teacher)


def test_a_teacher_without_a_trained_head_says_nothing(tiny_spec, tmp_path):
    fixed = tiny_spec.fixed | {"alpha": 0.0}
    parameters = {k: v for k, v in tiny_spec.model_dump()["parameters"].items() if k != "alpha"}
    baseline = {k: v for k, v in tiny_spec.baseline.items() if k != "alpha"}
    spec = tiny_spec.changed(
        teacher=tiny_spec.teacher.model_dump() | {"trained": False},
        fixed=fixed,
        parameters=parameters,
        baseline=baseline,
    )
    list(prepare(spec, tmp_path))
    made = load_prepared(spec, tmp_path)
    assert (made.teacher_outputs, made.teacher_metrics, made.teacher_errors) == ({}, {}, {})
    assert len(made.parts["training"].rows) > 80


def test_second_call_does_nothing(tiny_spec, tmp_path, monkeypatch):
    assert load_prepared(tiny_spec, tmp_path) is None
    messages = [event.message for event in prepare(tiny_spec, tmp_path)]
    assert messages[0] == "reading the dataset"
    fractions = [event.fraction for event in prepare(tiny_spec, tmp_path / "again")]
    assert fractions == sorted(fractions)
    monkeypatch.setattr(prepared, "load_teacher", lambda *a, **k: pytest.fail("the teacher was loaded again"))
    monkeypatch.setattr(SquadTask, "read", lambda self: pytest.fail("the dataset was read again"))
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
    assert load_prepared(spec, cache).parts["training"].examples[0].id.startswith("4-")
    weights = teacher / "model.safetensors"
    os.utime(weights, ns=(1, 1))
    assert load_prepared(spec, cache) is not None, "the same content under another time is the same teacher"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    assert load_prepared(spec, cache) is None


def files_of(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


DAMAGES = {
    "one bit": lambda path: path.write_bytes(path.read_bytes()[:-1] + bytes([path.read_bytes()[-1] ^ 1])),
    "half of it": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "gone": Path.unlink,
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("file", ["teacher_start.npy", "training/features.arrow", "teacher.json", SEAL_FILE])
def test_a_damaged_preparation_is_found_and_made_again(tiny_spec, tiny_cache, tmp_path, caplog, file, damage):
    list(prepare(tiny_spec, tiny_cache))
    shutil.copytree(tiny_cache / "prepared", tmp_path / "prepared")
    folder = prepared_folder(tiny_spec, tmp_path)
    whole = {name: (folder / name).read_bytes() for name in files_of(folder)}
    assert file in whole
    assert list(prepare(tiny_spec, tmp_path)) == []
    DAMAGES[damage](folder / file)
    assert list(prepare(tiny_spec, tmp_path)) != []
    assert "is damaged and is made again" in caplog.text
    assert {name: (folder / name).read_bytes() for name in files_of(folder)} == whole


@pytest.mark.parametrize("events", [1, 3, 5, 7])
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
        monkeypatch.setattr(made_once, "try_lock", try_lock)
        list(prepare(tiny_spec, tmp_path))
        return try_lock(path)

    monkeypatch.setattr(made_once, "try_lock", overtaken)
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
    monkeypatch.setattr(made_once, "WAIT_SECONDS", 0.01)
    other = child(tmp_path / "cache")
    own = [event.message for event in prepare(tiny_spec, tmp_path / "cache")]
    theirs = other.communicate("\n")[0].splitlines()
    assert theirs[-1] == "whole"
    assert load_prepared(tiny_spec, tmp_path / "cache") is not None
    assert (own + theirs).count("reading the dataset") == 1
    idle = own if "reading the dataset" in theirs else theirs[:-1]
    assert {message.split()[0] for message in idle} <= {"waiting"}


def test_the_work_of_a_killed_process_is_done_by_the_one_that_waits(tiny_spec, tmp_path, child, monkeypatch):
    monkeypatch.setattr(made_once, "WAIT_SECONDS", 0.0)
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
    monkeypatch.setattr(embedded_corpus, "TRAIN_PARAGRAPHS", 12)
    monkeypatch.setattr(embedded_corpus, "EVALUATION_PARAGRAPHS", 6)
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
    assert len({item.context for item in first.parts["evaluation"].examples}) == 6
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
