"""One trial on several GPUs (or CPU processes): each takes its share of every batch, and gradients are added up.

The trial's own process is the first and the only one that evaluates, writes and speaks; it starts the others, which
build the same student and go through the same steps. They end with it, however it ends.
"""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor, distributed, nn
from torch.distributed import TCPStore  # type: ignore[attr-defined] # torch does not list what it exports

from engine.errors import ExecutorError, SettingError

PATIENCE = timedelta(hours=12)
"""How long the others wait in a step while the first evaluates or writes a checkpoint."""
MEETING_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Peers:
    """The processes that share a trial: this one's number, and how many there are."""

    rank: int = 0
    world: int = 1

    def share(self, chosen: NDArray[Any]) -> tuple[NDArray[Any], float]:
        """This process's rows of a batch, and their weight in it.

        Where there are fewer rows than processes, some take a row that counts nothing: all must take part.
        """
        own = chosen[self.rank :: self.world]
        return (own, len(own) / len(chosen)) if len(own) else (chosen[:1], 0.0)

    def seed(self, seed: int, step: int) -> int:
        """Seed of dropout, which must differ between processes; that of the first is the trial's own."""
        return seed if self.rank == 0 else hash((seed, step, self.rank)) % 2**63

    def add_up(self, model: nn.Module, losses: Sequence[Tensor]) -> None:
        """Replace every gradient, and every loss, by its sum over all processes."""
        if self.world == 1:
            return
        tensors = [*(_gradient(parameter) for parameter in model.parameters()), *losses]
        flat = torch.cat([tensor.flatten().float() for tensor in tensors])
        distributed.all_reduce(flat)
        parts = torch.split(flat, [tensor.numel() for tensor in tensors])
        for tensor, part in zip(tensors, parts, strict=True):
            tensor.copy_(part.view_as(tensor))


ALONE = Peers()


def _gradient(parameter: nn.Parameter) -> Tensor:
    if parameter.grad is None:
        parameter.grad = torch.zeros_like(parameter)
    return parameter.grad


@contextmanager
def with_peers(trial: Path, devices: int, module: str) -> Iterator[Peers]:
    """The processes of a trial, started here and ended with the context.

    Args:
        trial: the trial's folder.
        devices: how many, this one included.
        module: what the others run, as ``python -m module FOLDER RANK WORLD PORT THREADS``.

    Raises:
        SettingError: there are fewer GPUs.
        ExecutorError: one of the others ended at once.
    """
    if devices == 1:
        yield ALONE
        return
    gpus = torch.cuda.device_count()
    if 0 < gpus < devices:
        raise SettingError(
            f"training.devices is {devices} but a trial sees {gpus} GPU(s); give it more with --gpus-per-trial"
        )
    port, threads = _free_port(), torch.get_num_threads()
    own = max(1, threads // devices)
    others = [
        subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-P", "-m", module, *map(str, (trial, rank, devices, port, own))],
            stdin=subprocess.PIPE,
        )
        for rank in range(1, devices)
    ]
    try:
        torch.set_num_threads(own)
        join(0, devices, port, others)
        yield Peers(0, devices)
    finally:
        torch.set_num_threads(threads)
        for other in others:
            other.kill()
            other.wait()
        with contextlib.suppress(RuntimeError, AssertionError):
            distributed.destroy_process_group()


def join(rank: int, world: int, port: int, others: Sequence[subprocess.Popen[bytes]] = ()) -> None:
    """Meet the other processes of the trial.

    Args:
        rank: this process's number.
        world: how many there are.
        port: where the first one listens.
        others: as the first one started them, so that it does not wait for one that ended.

    Raises:
        ExecutorError: one of the others ended before they met.
    """
    cuda = torch.cuda.is_available()
    if cuda:
        torch.cuda.set_device(rank)
    store = TCPStore("127.0.0.1", port, world, is_master=rank == 0, timeout=PATIENCE, wait_for_workers=False)
    store.set(_here(rank), "")
    if rank == 0:
        _await(store, others)
    distributed.init_process_group(
        "nccl" if cuda else "gloo", store=store, rank=rank, world_size=world, timeout=PATIENCE
    )


def _await(store: TCPStore, others: Sequence[subprocess.Popen[bytes]]) -> None:
    while not store.check([_here(rank) for rank in range(1, len(others) + 1)]):
        for rank, other in enumerate(others, start=1):
            if other.poll() is not None:
                raise ExecutorError(
                    f"process {rank} of the trial's {len(others) + 1} ended with status {other.returncode} before "
                    "training began; its error stands above this one in the trial's log"
                )
        time.sleep(MEETING_SECONDS)


def _here(rank: int) -> str:
    return f"process {rank} is here"


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
