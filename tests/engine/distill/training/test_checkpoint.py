"""Checkpoints come back as they were saved, replace each other in one step, and carry the random state."""

from __future__ import annotations

import os

import pytest
import torch

from engine.distill.training.checkpoint import (
    FILE_NAME,
    Place,
    TrainingState,
    load_checkpoint,
    random_states,
    restore_random_states,
    save_checkpoint,
)


def state(step):
    weights = {"layer.weight": torch.arange(6.0).reshape(2, 3) + step}
    moments = {"state": {0: {"exp_avg": torch.ones(2) * step}}, "param_groups": [{"lr": 0.1, "params": [0]}]}
    place = Place(step=step, evaluated=step - 1, collapsed=2, tokens=7 * step, flops=0.5 * step)
    return TrainingState(place, 1.5 * step, weights, moments, random_states())


def test_what_is_saved_comes_back(tmp_path):
    save_checkpoint(state(3), tmp_path / "new" / "folder")
    loaded = load_checkpoint(tmp_path / "new" / "folder")
    assert (loaded.place, loaded.seconds) == (Place(3, 2, 2, 21, 1.5), 4.5)
    assert torch.equal(loaded.model["layer.weight"], state(3).model["layer.weight"])
    assert torch.equal(loaded.optimizer["state"][0]["exp_avg"], torch.tensor([3.0, 3.0]))
    assert loaded.optimizer["param_groups"] == [{"lr": 0.1, "params": [0]}]


def test_a_checkpoint_of_another_version_is_left_aside(tmp_path, caplog):
    save_checkpoint(state(3), tmp_path)
    content = torch.load(tmp_path / FILE_NAME, weights_only=True)
    torch.save({**content.pop("place"), **content}, tmp_path / FILE_NAME)
    assert load_checkpoint(tmp_path) is None
    assert "another version" in caplog.text


@pytest.mark.parametrize("exists", [True, False])
def test_no_checkpoint_is_none(tmp_path, exists):
    assert load_checkpoint(tmp_path if exists else tmp_path / "missing") is None


def test_a_part_alone_is_no_checkpoint(tmp_path):
    (tmp_path / f"{FILE_NAME}.part").write_bytes(b"half of it")
    assert load_checkpoint(tmp_path) is None
    save_checkpoint(state(1), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


def test_a_part_left_behind_does_not_touch_the_earlier_checkpoint(tmp_path):
    save_checkpoint(state(4), tmp_path)
    whole = (tmp_path / FILE_NAME).read_bytes()
    (tmp_path / f"{FILE_NAME}.part").write_bytes(whole[: len(whole) // 2])
    assert load_checkpoint(tmp_path).place.step == 4


def test_the_file_is_on_disk_before_it_takes_its_name(tmp_path, monkeypatch):
    save_checkpoint(state(1), tmp_path)
    seen = []

    def synced(descriptor):
        seen.append((os.fstat(descriptor).st_size, load_checkpoint(tmp_path).place.step))

    monkeypatch.setattr(os, "fsync", synced)
    save_checkpoint(state(2), tmp_path)
    size = (tmp_path / FILE_NAME).stat().st_size
    assert seen == [(size, 1)]
    assert load_checkpoint(tmp_path).place.step == 2


def test_random_numbers_go_on_where_they_were():
    torch.manual_seed(1)
    torch.rand(3)
    states = random_states()
    expected = torch.rand(4)
    torch.manual_seed(2)
    restore_random_states(states)
    assert torch.equal(torch.rand(4), expected)
