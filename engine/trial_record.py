"""What a finished trial was and measured, as one file that travels with its model and lets others repeat it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from engine.distill.content import source_hash
from engine.errors import ModelError
from engine.experiment import ExperimentSpec
from engine.parameters import Configuration
from engine.trial_folder import TrialFolder

RECORD_FILE = "bert_frontier_trial.json"
FORMAT = 1


class TrialRecord(BaseModel):
    """A trial's specification and results.

    Attributes:
        format: raised whenever the file changes its form.
        experiment: the experiment's specification, with its data and teacher by name.
        name: the experiment's name as stored.
        number: the trial's number.
        parameters: its configuration.
        seed: of its training.
        metrics: as it finished with.
        standard_errors: of the metrics that have one.
        device: what it ran on.
        threads: CPU threads it had.
        data: SHA-256 of datasets that are files or folders, by their name in the specification.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: int = FORMAT
    experiment: ExperimentSpec
    name: str
    number: int
    parameters: Configuration
    seed: int
    metrics: dict[str, float]
    standard_errors: dict[str, float]
    device: str
    threads: int
    data: dict[str, str]

    def write(self, folder: Path) -> None:
        """Write it into a folder."""
        text = self.model_dump_json(indent=1)
        (folder / RECORD_FILE).write_text(text + "\n", encoding="utf-8")


def read_record(folder: Path) -> TrialRecord:
    """The record in a folder.

    Raises:
        ModelError: There is none, it is damaged, or newer than this program.
    """
    path = folder / RECORD_FILE
    try:
        text = path.read_text(encoding="utf-8")
        version = int(json.loads(text)["format"])
    except FileNotFoundError as error:
        raise ModelError(
            f"{folder} has no {RECORD_FILE}; export the trial with bert-frontier export"
        ) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path} is damaged ({error!r}); export the trial again") from error
    if version > FORMAT:
        raise ModelError(
            f"{path} has format {version}; this program knows {FORMAT}: use a newer bert-frontier"
        )
    try:
        return TrialRecord.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ModelError(f"{path}: {where}: {first['msg']}; export the trial again") from error


def record_of(folder: TrialFolder, cache: Path) -> TrialRecord:
    """The record of a trial that has completed.

    Args:
        folder: the trial's folder.
        cache: where hashes of large files are remembered.

    Raises:
        ModelError: The trial has not completed.
    """
    spec = folder.read_spec()
    started, finished = _last(folder, "started"), _last(folder, "finished")
    if started is None or finished is None:
        raise ModelError(
            f"trial {spec.name}/{spec.number} has not completed; there is nothing to compare with"
        )
    return TrialRecord(
        experiment=spec.experiment,
        name=spec.name,
        number=spec.number,
        parameters=spec.parameters,
        seed=spec.seed,
        metrics=_numbers(finished["metrics"]),
        standard_errors=_numbers(finished["standard_errors"]),
        device=started["device"],
        threads=started["threads"],
        data=data_hashes(spec.experiment, cache),
    )


def data_hashes(experiment: ExperimentSpec, cache: Path) -> dict[str, str]:
    """SHA-256 of the datasets that are files or folders here, by their name in the specification."""
    names = {experiment.task.dataset, experiment.task.eval_dataset} - {None}
    found = {name: Path(name).expanduser() for name in sorted(str(name) for name in names)}
    return {name: source_hash(path, cache) for name, path in found.items() if path.exists()}


def _last(folder: TrialFolder, kind: str) -> dict[str, Any] | None:
    """The last event of a kind; a line that a killed process left unfinished is passed over."""
    found = None
    if folder.events.exists():
        for line in folder.events.read_text(encoding="utf-8").splitlines():
            try:
                event = json.loads(line)
            except ValueError:
                continue
            if event.get("kind") == kind:
                found = event
    return found


def _numbers(values: dict[str, float | None]) -> dict[str, float]:
    """Without what is not a number, which the events write as null."""
    return {name: value for name, value in values.items() if value is not None}
