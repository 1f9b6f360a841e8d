"""Reads studies from the journal file of Optuna 3 to 5: one operation a line, gone through from the first."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from engine.errors import DatasetError
from engine.importing.optuna_study import METRIC_NAMES, OptunaStudy, OptunaTrial, chosen_name
from engine.importing.optuna_values import parse_range

_DIRECTIONS = ("NOT_SET", "MINIMIZE", "MAXIMIZE")
_STATES = ("RUNNING", "COMPLETE", "PRUNED", "FAIL", "WAITING")


class _Journal:
    """The studies as the lines gone through so far leave them. Studies and trials count from 0 over the file."""

    def __init__(self) -> None:
        self.studies: dict[int, OptunaStudy] = {}
        self._trials: list[OptunaTrial | None] = []
        self._made = 0

    def apply(self, line: dict[str, Any]) -> None:
        """Go through one line; operations that say nothing about results are passed over."""
        match line["op_code"]:
            case 0:
                directions = [_DIRECTIONS[number] for number in line["directions"]]
                self.studies[self._made] = OptunaStudy(line["study_name"], directions, [], [])
                self._made += 1
            case 1:
                self.studies.pop(line["study_id"], None)
            case 3 if METRIC_NAMES in line["system_attr"]:
                self.studies[line["study_id"]].metric_names = line["system_attr"][METRIC_NAMES]
            case 4:
                self._create(line)
            case 5 | 6 | 7 | 8:
                trial = self._trials[line["trial_id"]]
                if trial is not None:
                    _change(trial, line)

    def _create(self, line: dict[str, Any]) -> None:
        study = self.studies.get(line["study_id"])
        if study is None:
            self._trials.append(None)
            return
        trial = OptunaTrial(len(study.trials), _STATES[line.get("state", 0)])
        trial.started_at = _moment(line.get("datetime_start"))
        trial.finished_at = _moment(line.get("datetime_complete"))
        for name, value in (line.get("params") or {}).items():
            trial.parameters[name] = (parse_range(line["distributions"][name]), value)
        single = line.get("value")
        trial.values = line.get("values") or ([] if single is None else [single])
        trial.attributes.update(line.get("user_attrs") or {})
        trial.intermediate.update(
            {int(step): value for step, value in (line.get("intermediate_values") or {}).items()}
        )
        study.trials.append(trial)
        self._trials.append(trial)


def read_journal(path: Path, wanted: str | None) -> OptunaStudy:
    """A study of the file.

    Args:
        path: the file.
        wanted: name of the study; None where there is only one.

    Raises:
        DatasetError: when it is no such file.
        SettingError: when the study is not there.
    """
    journal = _Journal()
    lines = path.read_text(encoding="utf-8").split("\n")
    for place, text in enumerate(lines, 1):
        if not text.strip():
            continue
        try:
            journal.apply(json.loads(text))
        except (ValueError, KeyError, IndexError, TypeError) as error:
            if place == len(lines):
                # A writer that was interrupted leaves half a line, which Optuna passes over as well.
                break
            raise DatasetError(f"{path}, line {place}, is no line of an Optuna journal: {error!r}") from error
    names = {study.name: study for study in journal.studies.values()}
    return names[chosen_name(names, wanted, path.name)]


def _change(trial: OptunaTrial, line: dict[str, Any]) -> None:
    match line["op_code"]:
        case 5:
            found = parse_range(line["distribution"])
            trial.parameters[line["param_name"]] = (found, line["param_value_internal"])
        case 6:
            trial.state = _STATES[line["state"]]
            if line.get("values") is not None:
                trial.values = line["values"]
            trial.started_at = _moment(line.get("datetime_start")) or trial.started_at
            trial.finished_at = _moment(line.get("datetime_complete")) or trial.finished_at
        case 7 if line["intermediate_value"] is not None:
            trial.intermediate[int(line["step"])] = line["intermediate_value"]
        case 8:
            trial.attributes.update(line["user_attr"])


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).astimezone(UTC)
