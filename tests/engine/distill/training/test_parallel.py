"""Processes that are killed: a trial goes on to the same bits, and one on two processes leaves nothing behind."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import time
from itertools import islice
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from engine.distill.training import parallel
from engine.distill.training.checkpoint import load_checkpoint
from engine.distill.trial import student_trial
from engine.errors import ExecutorError, SettingError
from tests.engine.distill.training_runs import NO_DROPOUT, steps

REPOSITORY = Path(__file__).resolve().parents[4]
PROCESS = """
import sys
from pathlib import Path
from engine.distill.trial import student_trial
from engine.trial_folder import TrialFolder
folder = TrialFolder(Path(sys.argv[1]))
for event in student_trial(folder.read_spec(), folder):
    print(event.kind, flush=True)
"""


def peers_of(path):
    """Process numbers of the further processes of a trial."""
    found = []
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = process.read_bytes().split(b"\0")
        except OSError:
            continue
        if b"-P" in words and str(path).encode() in words:
            found.append(int(process.parent.name))
    return found


def gone(path, seconds=15.0):
    """Whether the further processes end by themselves within seconds."""
    end = time.monotonic() + seconds
    while peers_of(path):
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def kill(path):
    for peer in peers_of(path):
        os.kill(peer, signal.SIGKILL)


def refuses(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


@pytest.fixture
def adding(tmp_path, monkeypatch):
    """Starts two processes that add up gradients; gives the context and a model."""
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    return parallel.with_peers(tmp_path, 2, "tests.engine.distill.adding_peer")


def add_up(peers):
    """Gradients and loss after adding 1 of this process to 2 of the other."""
    model = torch.nn.Linear(2, 1)
    model.weight.grad = torch.ones(1, 2)
    loss = torch.tensor(0.5)
    peers.add_up(model, [loss])
    return model.weight.grad.tolist(), model.bias.grad.tolist(), loss.item()


def test_gradients_and_losses_are_added_up_and_nothing_is_left_behind(adding, tmp_path, monkeypatch):
    """The other process has gradients of 2, also of the bias, of which this one has none, and a loss of 0.25."""
    ports = []
    free_port = parallel._free_port
    monkeypatch.setattr(parallel, "_free_port", lambda: ports.append(free_port()) or ports[-1])
    threads = torch.get_num_threads()
    with adding as peers:
        assert peers == parallel.Peers(0, 2)
        for _ in range(3):
            assert add_up(peers) == ([[3.0, 3.0]], [2.0], 0.75)
        assert len(peers_of(tmp_path)) == 1
        assert not refuses(ports[0])
    assert not peers_of(tmp_path)
    assert refuses(ports[0])
    assert not torch.distributed.is_initialized()
    assert torch.get_num_threads() == threads


def test_a_killed_peer_is_an_error_not_a_hang(adding, tmp_path):
    with adding as peers:
        add_up(peers)
        kill(tmp_path)
        assert gone(tmp_path)
        with pytest.raises(RuntimeError):
            [add_up(peers) for _ in range(10)]
    assert not torch.distributed.is_initialized()


def weights_of(folder):
    return load_file(folder.model / "model.safetensors")


def start(folder):
    """A process that runs a trial and prints the kinds of its events."""
    return subprocess.Popen(
        [sys.executable, "-c", PROCESS, str(folder.path)], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
    )


def killed_after(folder, count):
    """Run a trial in a process of its own and kill it after so many step events."""
    with start(folder) as process:
        lines = (line for line in process.stdout if line == "step\n")
        assert len(list(islice(lines, count))) == count
        beside = len(peers_of(folder.path))
        process.kill()
    assert process.returncode == -signal.SIGKILL
    return beside


def long_spec(spec, **training):
    """48 steps, and a checkpoint as good as after each of them."""
    kept = {"checkpoint_seconds": 1e-3, "evaluations": 1}
    return spec.changed(
        fixed=spec.fixed | {"epochs": 8.0}, training=spec.training.model_dump() | kept | training
    )


def test_a_trial_killed_at_a_random_step_ends_with_the_same_bits(make, tiny_spec):
    spec, folder = make("whole", experiment=long_spec(tiny_spec), dropout=0.2)
    list(student_trial(spec, folder))
    whole = (folder.model / "model.safetensors").read_bytes()
    spec, folder = make("killed", experiment=long_spec(tiny_spec), dropout=0.2)
    after = random.randint(2, 20)
    killed_after(folder, after)
    assert not folder.model.exists()
    step = load_checkpoint(folder.checkpoint).place.step
    assert step > 0
    resumed = steps(list(student_trial(spec, folder)))
    assert resumed[0].step == step + 1
    assert (folder.model / "model.safetensors").read_bytes() == whole, f"killed after {after} steps"


def test_two_processes_train_what_one_does_and_end_together(make, tiny_spec):
    """Without dropout the sums of gradients differ in their order alone: rounding of fp32, which AdamW carries on.

    The same training, its first process killed, ends the other one too, and goes on to the same bits.
    """
    told, ended = {}, {}
    for name, devices in (("one", 1), ("two", 2)):
        experiment = long_spec(tiny_spec, devices=devices)
        spec, folder = make(name, experiment=experiment, adam_epsilon=1e-4, **NO_DROPOUT)
        told[name] = list(student_trial(spec, folder))
        ended[name] = weights_of(folder)
    for one, both in zip(steps(told["one"]), steps(told["two"]), strict=True):
        assert (one.step, one.learning_rate) == (both.step, both.learning_rate)
        assert both.loss == pytest.approx(one.loss, rel=1e-4)
    for name, value in ended["one"].items():
        torch.testing.assert_close(ended["two"][name], value, rtol=1e-5, atol=1e-5)
    for name in ("train_tokens", "train_flops"):
        assert told["one"][-1].metrics[name] == told["two"][-1].metrics[name]

    spec, folder = make("killed", experiment=long_spec(tiny_spec, devices=2), adam_epsilon=1e-4, **NO_DROPOUT)
    assert killed_after(folder, 5) == 1, "one process beside the first"
    assert gone(folder.path)
    generator = student_trial(spec, folder)
    resumed = next(event for event in generator if event.kind == "step")
    assert resumed.step > 4
    list(generator)
    assert not peers_of(folder.path)
    assert all(torch.equal(weights_of(folder)[name], value) for name, value in ended["two"].items())


def test_a_peer_that_cannot_start_is_an_error_of_the_trial_not_a_hang(make):
    _, folder = make()
    with (
        pytest.raises(ExecutorError, match="ended with status 1"),
        parallel.with_peers(folder.path, 2, "engine.no_such_module"),
    ):
        pytest.fail("started without the other")


def test_more_devices_than_gpus_are_refused(monkeypatch, tmp_path):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    with (
        pytest.raises(SettingError, match=r"devices is 2 .* 1 GPU.*--gpus-per-trial"),
        parallel.with_peers(tmp_path, 2, "engine.distill.training.peer_process"),
    ):
        pytest.fail("started on too few")


def test_one_device_is_no_company(tmp_path):
    with parallel.with_peers(tmp_path, 1, "engine.no_such_module") as peers:
        assert peers is parallel.ALONE
