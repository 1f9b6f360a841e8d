"""Where the program keeps its files, and every limit of the runner as a named setting with its default."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from engine.errors import HomeError, SettingError

HOME_VARIABLE = "BERT_FRONTIER_HOME"
"""Environment variable that names the home folder where ``--home`` is not given."""


@dataclass(frozen=True, slots=True)
class Home:
    """The folder that holds the database, the experiments' folders and the caches."""

    path: Path

    @property
    def database(self) -> Path:
        """The DuckDB file."""
        return self.path / "frontier.duckdb"

    @property
    def cache(self) -> Path:
        """Features, teacher logits and the embedded data: all of it can be deleted and is made again."""
        return self.path / "cache"

    @property
    def links(self) -> Path:
        """Copies of the data behind frozen links, one folder each."""
        return self.path / "links"

    @property
    def link_secret(self) -> Path:
        """What the codes of links are computed from."""
        return self.path / "link-secret"

    @property
    def access_key(self) -> Path:
        """What lets people in to a server that asks for a key, unless the environment names one."""
        return self.path / "access-key"

    def make(self) -> None:
        """Create the folder.

        Raises:
            HomeError: when it cannot be created or written.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            probe = self.path / f".write-test-{os.getpid()}"
            probe.write_bytes(b"x" * 4096)
            probe.unlink()
        except OSError as error:
            raise HomeError(
                f"the home folder {self.path} cannot be written ({error.strerror}); "
                f"give another one with --home DIR or {HOME_VARIABLE}"
            ) from error


def resolve_home(option: str | None) -> Home:
    """The home folder from ``--home``, else the environment, else ``~/.bert-frontier``."""
    chosen = option or os.environ.get(HOME_VARIABLE) or "~/.bert-frontier"
    return Home(Path(chosen).expanduser().absolute())


@dataclass(frozen=True, slots=True)
class RunnerSettings:
    """Limits of the runner and its executor.

    Attributes:
        slots: trials that may run at once on this machine; 0 means one for each ``gpus_per_slot`` GPUs or,
            without a GPU, one for each ``threads_per_slot`` cores, at least two where there are two cores.
        gpus_per_slot: GPUs each trial sees, on machines that have GPUs.
        threads_per_slot: CPU cores a trial gets on machines with many cores.
        poll_seconds: time between two looks at running trials.
        grace_seconds: time a trial has to write a checkpoint after it was asked to stop.
        exit_seconds: time in which the fork server notes how a vanished process ended.
        max_attempts: processes of a trial that may vanish before that counts as its own fault.
        prefetch: suggestions to have ready beyond the free slots.
        resource_seconds: most time between two looks of a trial at what it uses of the machine; 0 for none.
        suggestion_seconds: time after which a free slot takes a quasi-random point instead of waiting.
    """

    slots: int = 0
    gpus_per_slot: int = 1
    threads_per_slot: int = 4
    poll_seconds: float = 0.2
    grace_seconds: float = 60.0
    exit_seconds: float = 2.0
    max_attempts: int = 3
    prefetch: int = 1
    resource_seconds: float = 5.0
    suggestion_seconds: float = 60.0

    def __post_init__(self) -> None:
        if self.slots < 0:
            raise SettingError(f"slots = {self.slots}: must be 0 (automatic) or a positive number of trials")
        if self.gpus_per_slot < 1:
            raise SettingError(f"gpus_per_slot = {self.gpus_per_slot}: must be at least 1")
        if self.resource_seconds < 0:
            raise SettingError(f"resource_seconds = {self.resource_seconds:g}: must be 0 (never) or more")


def cpu_count() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
