"""A trial on two processes: the result of one, and nothing left behind however the first of them ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from engine.distill import parallel
from engine.distill.trial import student_trial
from engine.errors import ExecutorError, SettingError
from tests.engine.distill.training_runs import NO_DROPOUT, evaluations, steps

REPOSITORY = Path(__file__).resolve().parents[3]
PROCESS = """
import sys
from pathlib import Path
from engine.distill.trial import student_trial
from engine.trial_folder import TrialFolder
folder = TrialFolder(Path(sys.argv[1]))
for event in student_trial(folder.read_spec(), folder):
    print(event.kind, flush=True)
"""


@pytest.fixture
def two(tiny_spec):
    """The tiny experiment on two processes."""
    return tiny_spec.changed(training=tiny_spec.training.model_dump() | {"devices": 2})


@pytest.fixture
def ports(monkeypatch):
    """The ports that were used."""
    used = []
    free_port = parallel._free_port

    def noted():
        used.append(free_port())
        return used[-1]

    monkeypatch.setattr(parallel, "_free_port", noted)
    return used


def peers_of(folder):
    """Process numbers of the further processes of a trial."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
        except OSError:
            continue
        if b"engine.distill.peer_process" in words and str(folder.path).encode() in words:
            found.append(int(path.parent.name))
    return found


def gone(folder, seconds=15.0):
    """Whether the further processes end by themselves within seconds."""
    end = time.monotonic() + seconds
    while peers_of(folder):
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def weights_of(folder):
    return load_file(folder.model / "model.safetensors")


def test_two_processes_train_what_one_does(make, tiny_spec, two, ports):
    """Without dropout the sums of gradients differ in their order alone: rounding of fp32, which AdamW carries on."""
    told, ended = {}, {}
    threads = torch.get_num_threads()
    for name, experiment in (("one", tiny_spec), ("two", two)):
        spec, folder = make(name, experiment=experiment, adam_epsilon=1e-4, **NO_DROPOUT)
        told[name] = list(student_trial(spec, folder))
        ended[name] = weights_of(folder)
        assert not peers_of(folder)
    for one, both in zip(steps(told["one"]), steps(told["two"]), strict=True):
        assert (one.step, one.learning_rate) == (both.step, both.learning_rate)
        assert both.loss == pytest.approx(one.loss, rel=1e-4)
    for name, value in ended["one"].items():
        torch.testing.assert_close(ended["two"][name], value, rtol=1e-5, atol=1e-5)
    first, last = (evaluations(told[name])[steps(told[name])[-1].step] for name in ("one", "two"))
    for name in ("train_tokens", "train_flops"):
        assert first.metrics[name] == last.metrics[name]
    assert torch.get_num_threads() == threads
    assert not torch.distributed.is_initialized()
    assert len(ports) == 1
    with socket.socket() as probe, pytest.raises(ConnectionRefusedError):
        probe.connect(("127.0.0.1", ports[0]))


def test_dropout_differs_between_processes_and_not_between_runs(make, two):
    ended = []
    for name in ("first", "second"):
        spec, folder = make(name, experiment=two, dropout=0.3)
        list(student_trial(spec, folder))
        ended.append(weights_of(folder))
    assert all(torch.equal(ended[1][name], value) for name, value in ended[0].items())


def test_a_closed_trial_leaves_no_process_and_goes_on(make, two, ports):
    spec, folder = make("whole", experiment=two, **NO_DROPOUT)
    list(student_trial(spec, folder))
    whole = weights_of(folder)
    spec, folder = make("stopped", experiment=two, **NO_DROPOUT)
    generator = student_trial(spec, folder)
    assert next(event for event in generator if event.kind == "step")
    assert len(peers_of(folder)) == 1
    generator.close()
    assert not peers_of(folder)
    assert not torch.distributed.is_initialized()
    with socket.socket() as probe, pytest.raises(ConnectionRefusedError):
        probe.connect(("127.0.0.1", ports[-1]))
    list(student_trial(spec, folder))
    assert all(torch.equal(weights_of(folder)[name], value) for name, value in whole.items())


def test_the_others_end_with_a_killed_first_process(make, two):
    spec, folder = make(experiment=two.changed(fixed=two.fixed | {"epochs": 2000.0}))
    with subprocess.Popen(
        [sys.executable, "-c", PROCESS, str(folder.path)],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert "step\n" in iter(process.stdout.readline, "")
        assert len(peers_of(folder)) == 1
        process.kill()
    assert gone(folder)


def test_a_killed_peer_is_an_error_of_the_trial_not_a_hang(make, two):
    spec, folder = make(experiment=two.changed(fixed=two.fixed | {"epochs": 2000.0}))
    generator = student_trial(spec, folder)
    assert next(event for event in generator if event.kind == "step")
    for peer in peers_of(folder):
        os.kill(peer, signal.SIGKILL)
    with pytest.raises(RuntimeError):
        list(generator)
    assert not peers_of(folder)


def test_a_peer_that_cannot_start_is_an_error_of_the_trial_not_a_hang(make):
    _, folder = make()
    with pytest.raises(ExecutorError, match="ended with status 1"), parallel.with_peers(
        folder.path, 2, "engine.no_such_module"
    ):
        pytest.fail("started without the other")


def test_more_devices_than_gpus_are_refused(monkeypatch, tmp_path):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    with pytest.raises(SettingError, match=r"devices is 2 .* 1 GPU.*--gpus-per-trial"), parallel.with_peers(
        tmp_path, 2, "engine.distill.peer_process"
    ):
        pytest.fail("started on too few")


def test_one_device_is_no_company(tmp_path):
    with parallel.with_peers(tmp_path, 1, "engine.no_such_module") as peers:
        assert peers is parallel.ALONE
