"""Tables of experiments as files of any format, whole or page by page."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from dashboard.api.answering import whole_number
from dashboard.api.operations import Operation, Parameter
from dashboard.api.ranges import Files
from dashboard.services import Services
from storage.exports import KINDS, MAX_ROWS, Export, Part, experiment_export, experiments_export
from storage.table_files import MEDIA_TYPES, TableFormat, table_file

JSON_ROWS = 1_000
"""Rows of a JSON answer that asks for no number."""

_PAGE = (
    Parameter("limit", f"Rows at most, up to {MAX_ROWS:,}; JSON has {JSON_ROWS:,} by default.", "integer"),
    Parameter("offset", "Rows to leave out first.", "integer"),
)
_TRIAL = Parameter("trial", "Number of the only trial that is wanted.", "integer")
_WORDS = {
    "trials": "Trials of an experiment: one row each, one column per parameter and metric",
    "metrics": "Final metrics: one row per trial and metric, with standard errors",
    "curves": "Learning curves: one row per trial and logged step",
    "evaluations": "Metrics measured during training: one row per trial, step and metric",
    "suggestions": "Why each trial was chosen, with what was expected of it",
}
_files = Files()


def operations() -> list[Operation]:
    """All of them."""
    return [
        Operation(
            "GET",
            "/api/experiments",
            _experiments,
            "All experiments: one row each.",
            "Experiments",
            _PAGE,
            answer=None,
        ),
        *(
            Operation(
                "GET",
                f"/api/experiments/{{name}}/{kind}",
                _of_experiment(kind),
                f"{_WORDS[kind]}.",
                "Tables of an experiment",
                (*_PAGE, _TRIAL),
                answer=None,
            )
            for kind in KINDS
        ),
    ]


def _experiments(request: Request, services: Services) -> Response:
    return _answer(request, services, lambda part: experiments_export(services.store, part))


def _of_experiment(kind: str) -> Callable[[Request, Services], Response]:
    def handler(request: Request, services: Services) -> Response:
        name = request.path_params["name"]
        return _answer(request, services, lambda part: experiment_export(services.store, name, kind, part))

    return handler


def _answer(request: Request, services: Services, read: Callable[[Part], Export]) -> Response:
    """The wanted rows: as a list in JSON, whole or in pieces as a file where the address names a format."""
    form = cast("TableFormat | None", request.path_params.get("form"))
    limit, offset = whole_number(request, "limit"), whole_number(request, "offset") or 0
    if form is None:
        limit = JSON_ROWS if limit is None else limit
    part = Part(limit, offset, whole_number(request, "trial"))
    if form is None:
        found = read(part)
        headers = _paging(request, part, found)
        return Response(table_file(found.table, "json"), media_type=MEDIA_TYPES["json"], headers=headers)
    chosen = form
    return _files.answer(
        request,
        services.store.revision,
        lambda: table_file(read(part).table, chosen),
        MEDIA_TYPES[form],
        {"Content-Disposition": f'inline; filename="{_file_name(request)}.{form}"'},
    )


def _paging(request: Request, part: Part, found: Export) -> dict[str, str]:
    """How many rows there are in all, and where the next ones are."""
    headers = {"X-Total-Count": str(found.total)}
    after = part.offset + found.table.num_rows
    if found.table.num_rows and after < found.total:
        query = dict(request.query_params) | {"offset": str(after), "limit": str(part.limit)}
        headers["Link"] = f'<{request.url.path}?{urlencode(query)}>; rel="next"'
    return headers


def _file_name(request: Request) -> str:
    """What the file is called when it is saved: demo-trials."""
    parts = request.url.path.rpartition(".")[0].split("/")
    return "-".join(part for part in parts[-2:] if part not in ("api", "experiments")) or "experiments"
