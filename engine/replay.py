"""Repeats a trial from its stored specification in a folder of its own, and compares with what the trial left."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

from engine.errors import ModelError
from engine.events import Event, Finished
from engine.exporting import check_new, trial_folder
from engine.settings import Home
from engine.trial_folder import TrialFolder, TrialSpec
from engine.trial_record import TrialRecord, record_of

MEASURED_TIMES = ("_ms", "_seconds")
"""How the names of metrics end that depend on how busy the machine is."""


@dataclass(frozen=True, slots=True)
class ReplayedMetric:
    """A metric as stored and as replayed; None where one of the two lacks it."""

    name: str
    stored: float | None
    replayed: float | None

    @property
    def compared(self) -> bool:
        """Whether it is the same in every repetition: times are not."""
        return not self.name.endswith(MEASURED_TIMES)

    @property
    def same(self) -> bool:
        """Whether both are there and equal, bit for bit."""
        return self.stored is not None and self.stored == self.replayed


@dataclass(frozen=True, slots=True)
class Replay:
    """A trial and its repetition.

    Attributes:
        record: the trial as stored.
        metrics: final metrics of both.
        device: what the repetition ran on.
        tensors: weights in the model.
        different_tensors: those that are not the same bit for bit.
        largest_difference: between two weights at the same place; infinite where shapes differ.
    """

    record: TrialRecord
    metrics: tuple[ReplayedMetric, ...]
    device: str
    tensors: int
    different_tensors: int
    largest_difference: float

    @property
    def same(self) -> bool:
        """Whether every metric that can be compared is the same."""
        return all(metric.same for metric in self.metrics if metric.compared)


def replay_trial(
    home: Home, name: str, number: int, keep: Path | None = None
) -> Generator[Event, None, Replay]:
    """Run a trial again in this process, with the threads it had; yields its events.

    Data and teacher are taken from the cache, or prepared again where it lacks them. The stored trial is not touched.

    Args:
        home: where experiments are.
        name: the experiment.
        number: the trial.
        keep: a new folder for the repeated model; None throws it away.

    Returns:
        Both, compared. On the processor the trial ran on, in the same versions, the same bits are expected.

    Raises:
        UnknownNameError: when there is no such trial.
        ModelError: when the trial has not completed.
        SettingError: when ``keep`` exists already.
    """
    # Imported here: torch takes seconds, and whoever mistypes a name should not wait for it.
    from engine.distill.training.precision import default_device

    stored = trial_folder(home, name, number)
    if keep is not None:
        check_new(keep)
    record = record_of(stored, home.cache)
    # The home may have moved since; the path of its cache is the only thing in a specification that depends on it.
    spec = stored.read_spec().model_copy(update={"cache": home.cache})
    with tempfile.TemporaryDirectory(prefix="bert-frontier-replay-") as place:
        folder = TrialFolder(Path(place) / "trial")
        folder.write_spec(spec)
        finished = yield from _run(spec, folder, record.threads)
        weights = compare_weights(stored.model, folder.model)
        if keep is not None:
            shutil.copytree(folder.model, keep, dirs_exist_ok=True)
    metrics = _compared(record.metrics, dict(finished.metrics))
    return Replay(record, metrics, default_device().type, *weights)


def _run(spec: TrialSpec, folder: TrialFolder, threads: int) -> Generator[Event, None, Finished]:
    """Run a trial on a number of CPU threads; gives its last event."""
    import torch

    from engine.distill.trial import trainable_of

    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    finished: Finished | None = None
    try:
        for event in trainable_of(spec)(spec, folder):
            finished = event if isinstance(event, Finished) else finished
            yield event
    finally:
        torch.set_num_threads(before)
    if finished is None:
        raise ModelError(f"the repetition of {spec.name}/{spec.number} ended without a result")
    return finished


def compare_weights(first: Path, second: Path) -> tuple[int, int, float]:
    """Compare the weights in two model folders.

    Returns:
        Tensors in either, how many are not the same bit for bit, and the largest difference at one place.
    """
    import torch
    from safetensors.torch import load_file

    own, other = (load_file(folder / "model.safetensors") for folder in (first, second))
    different, largest = 0, 0.0
    for name in own.keys() | other.keys():
        if name not in own or name not in other or own[name].shape != other[name].shape:
            different, largest = different + 1, float("inf")
        elif not torch.equal(own[name], other[name]):
            gap = (own[name].double() - other[name].double()).abs().max()
            different, largest = different + 1, max(largest, float(gap))
    return len(own.keys() | other.keys()), different, largest


def _compared(stored: dict[str, float], replayed: dict[str, float]) -> tuple[ReplayedMetric, ...]:
    names = [*stored, *(name for name in replayed if name not in stored)]
    return tuple(ReplayedMetric(name, stored.get(name), replayed.get(name)) for name in names)
