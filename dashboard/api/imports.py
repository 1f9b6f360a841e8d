"""Taking over studies that were run with other tools."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from dashboard.api.answering import json_body
from dashboard.api.operations import Operation
from dashboard.services import Services
from engine.controls import IMPORTED
from engine.errors import SettingError
from engine.importing.storing import import_study
from engine.importing.study import study_from


def operations() -> list[Operation]:
    """The one."""
    return [
        Operation(
            "POST",
            "/api/imports",
            _import,
            "Store a study that was run with another tool, as bert-frontier import reads it; gives the name it got.",
            "Experiments",
            body=(
                "application/json",
                "An object with name, study, task and baseline; the last two may be left out.",
            ),
            changes=True,
        )
    ]


def _import(request: Request, services: Services) -> Response:
    given = json_body(request)
    if not isinstance(given, dict) or not isinstance(given.get("name"), str):
        raise SettingError('send an object with the "name" of the experiment and its "study"')
    task, baseline = given.get("task", IMPORTED), given.get("baseline")
    if not isinstance(task, str) or not (baseline is None or isinstance(baseline, int)):
        raise SettingError('"task" must be a word, and "baseline" the number of a trial')
    row = import_study(
        services.store,
        services.home,
        study_from(given.get("study")),
        given["name"],
        task=task,
        baseline=baseline,
    )
    return JSONResponse({"name": row.name}, status_code=201)
