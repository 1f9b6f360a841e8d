"""Replays: the same trial gives the same bits, and a stored result that is not its own is found out."""

from __future__ import annotations

import json
import re
import sys

import pytest
import torch
from safetensors.torch import load_file, save_file

from engine.cli.main import main
from engine.cli.replay import replay_table
from engine.errors import SettingError
from engine.replay import MEASURED_TIMES, compare_weights, replay_trial
from engine.trial_folder import TrialFolder


@pytest.fixture
def replay(stored, monkeypatch, capsys):
    """Runs ``bert-frontier replay``; gives exit status and output."""

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["bert-frontier", "replay", *arguments])
        monkeypatch.setenv("BERT_FRONTIER_HOME", str(stored.path))
        with pytest.raises(SystemExit) as ended:
            main()
        output = capsys.readouterr()
        return int(ended.value.code or 0), output.out + output.err

    return call


def result_of(events):
    """What a generator returns."""
    while True:
        try:
            next(events)
        except StopIteration as end:
            return end.value


def verdicts(text):
    return dict(re.findall(r"^(\w+) .*  (same|DIFFERS|not compared)$", text, re.MULTILINE))


def test_a_trial_is_repeated_bit_for_bit_and_left_alone(stored, replay, tmp_path):
    folder = stored.path / "experiments/tiny/0001"
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    status, text = replay("tiny/1", "--keep", str(tmp_path / "kept"))
    assert status == 0, text
    found = verdicts(text)
    assert found["exact"] == found["num_parameters"] == "same"
    assert found["latency_ms"] == found["train_seconds"] == "not compared"
    assert "DIFFERS" not in found.values()
    tensors = len(load_file(folder / "model" / "model.safetensors"))
    assert f"weights: {tensors} of {tensors} tensors are the same bit for bit" in text
    assert "the trial is reproduced" in text
    kept = tmp_path / "kept" / "model.safetensors"
    assert kept.read_bytes() == (folder / "model" / "model.safetensors").read_bytes()
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_a_tampered_result_is_found_out(stored, replay):
    folder = TrialFolder(stored.path / "experiments/tiny/0001")
    lines = folder.events.read_text().splitlines()
    finished = json.loads(lines[-1])
    finished["metrics"]["f1"] += 1e-9
    finished["metrics"]["latency_ms"] *= 10
    finished["metrics"]["invented"] = 1.0
    folder.events.write_text("\n".join([*lines[:-1], json.dumps(finished)]) + "\n")
    weights = folder.model / "model.safetensors"
    tensors = load_file(weights)
    tensors["qa_outputs.bias"][0] += 0.5
    save_file(tensors, weights, metadata={"format": "pt"})
    status, text = replay("tiny/1")
    assert status == 1
    found = verdicts(text)
    assert {name for name, verdict in found.items() if verdict == "DIFFERS"} == {"f1", "invented"}
    assert f"weights: {len(tensors) - 1} of {len(tensors)} tensors" in text
    assert "the largest difference is 0.5" in text
    assert "the trial is NOT reproduced" in text


def test_another_seed_gives_another_trial(stored):
    folder = TrialFolder(stored.path / "experiments/tiny/0001")
    folder.write_spec(folder.read_spec().model_copy(update={"seed": 4}))
    threads = torch.get_num_threads()
    found = result_of(replay_trial(stored, "tiny", 1))
    assert found.different_tensors > 0
    assert "weights are not the same bit for bit" in replay_table(found)
    assert torch.get_num_threads() == threads
    assert {each.name for each in found.metrics if not each.compared} == {
        each.name for each in found.metrics if each.name.endswith(MEASURED_TIMES)
    }


def test_what_cannot_be_replayed_is_said_before_any_work(stored, replay, tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    with pytest.raises(SettingError, match="full exists already"):
        next(replay_trial(stored, "tiny", 1, keep=tmp_path / "full"))
    status, text = replay("tiny/7")
    assert status == 1
    assert "there is no trial tiny/7" in text


def test_weights_are_compared_by_name_shape_and_value(tmp_path):
    for name, tensors in {
        "a": {"x": torch.zeros(2), "y": torch.ones(2), "z": torch.ones(3)},
        "b": {"x": torch.tensor([0.0, 0.25]), "y": torch.ones(2), "z": torch.ones(3)},
        "c": {"x": torch.zeros(3), "y": torch.ones(2)},
    }.items():
        (tmp_path / name).mkdir()
        save_file(tensors, tmp_path / name / "model.safetensors")
    a, b, c = (tmp_path / name for name in "abc")
    assert compare_weights(a, a) == (3, 0, 0.0)
    assert compare_weights(a, b) == (3, 1, 0.25)
    assert compare_weights(a, c) == (3, 2, float("inf"))
