"""The HTTP interface under ``/api``: JSON for programs and the command line, errors as JSON too."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from typing import Literal

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dashboard.services import Services, services
from engine import controls
from engine.access import SqlFormat, refresh_trial, sql_bytes
from engine.early_stopping.replaying import replay_experiment
from engine.errors import BertFrontierError, SettingError, StateError, UnknownNameError
from engine.export.bundle import zipped_trial
from engine.inputs import check_inputs
from engine.launch import submit
from engine.overview import overview
from engine.spec_files import parse_spec
from engine.summary import detailed_summary, summary
from engine.whatif.stored import stored_study
from storage.experiments import get_experiment, list_experiments

Handler = Callable[[Request, Services], Response]
MEDIA_TYPES: dict[SqlFormat, str] = {
    "csv": "text/csv",
    "json": "application/json",
    "parquet": "application/vnd.apache.parquet",
}
EXPERIMENT_ACTIONS = {
    "pause": controls.pause_experiment,
    "resume": controls.resume_experiment,
    "stop": controls.stop_experiment,
}
TRIAL_ACTIONS = {"pause": controls.pause_trial, "resume": controls.resume_trial, "stop": controls.stop_trial}


def routes() -> list[Route]:
    """All routes; the last one answers unknown paths, which Streamlit would answer with a page."""
    return [
        Route("/api/health", _guarded(_health)),
        Route("/api/experiments", _guarded(_experiments)),
        Route("/api/experiments", _guarded(_launch, changes=True), methods=["POST"]),
        Route("/api/experiments/{name}", _guarded(_experiment)),
        Route("/api/experiments/{name}/early-stopping", _guarded(_early_stopping)),
        Route("/api/experiments/{name}/study", _guarded(_study)),
        Route("/api/experiments/{name}/{action}", _guarded(_control, changes=True), methods=["POST"]),
        Route("/api/trials/{name}/{number:int}/model.zip", _guarded(_model)),
        Route("/api/trials/{name}/{number:int}/refresh", _guarded(_refresh, changes=True), methods=["POST"]),
        Route(
            "/api/trials/{name}/{number:int}/{action}",
            _guarded(_control_trial, changes=True),
            methods=["POST"],
        ),
        Route("/api/sql", _guarded(_sql)),
        Route("/api/{path:path}", _guarded(_unknown), methods=["GET", "POST", "PUT", "PATCH", "DELETE"]),
    ]


def _health(request: Request, services: Services) -> Response:  # noqa: ARG001
    return JSONResponse(
        {"status": "ok", "home": services.home.path.name, "runner_error": services.runner.last_error}
    )


def _experiments(request: Request, services: Services) -> Response:  # noqa: ARG001
    return JSONResponse([summary(overview(services.store, row)) for row in list_experiments(services.store)])


def _experiment(request: Request, services: Services) -> Response:
    row = get_experiment(services.store, request.path_params["name"])
    return JSONResponse(detailed_summary(overview(services.store, row)))


def _early_stopping(request: Request, services: Services) -> Response:
    changes = dict(request.query_params)
    return JSONResponse(
        replay_experiment(services.store, services.home, request.path_params["name"], changes)
    )


def _study(request: Request, services: Services) -> Response:
    return JSONResponse(stored_study(services.store, services.home, request.path_params["name"]))


def _launch(request: Request, services: Services) -> Response:
    spec = parse_spec(request.state.body.decode("utf-8", errors="replace"), "the request's TOML")
    check_inputs(spec)
    row = submit(services.store, services.home, spec)
    return JSONResponse({"name": row.name}, status_code=201)


def _control(request: Request, services: Services) -> Response:
    name, action = request.path_params["name"], request.path_params["action"]
    if action not in EXPERIMENT_ACTIONS:
        raise UnknownNameError(f"no action {action!r}; an experiment can {', '.join(EXPERIMENT_ACTIONS)}")
    EXPERIMENT_ACTIONS[action](services.store, name)
    return JSONResponse({"name": name, "state": get_experiment(services.store, name).state})


def _control_trial(request: Request, services: Services) -> Response:
    name, number, action = (request.path_params[key] for key in ("name", "number", "action"))
    if action not in TRIAL_ACTIONS:
        raise UnknownNameError(f"no action {action!r}; a trial can {', '.join(TRIAL_ACTIONS)}")
    TRIAL_ACTIONS[action](services.store, name, number)
    return JSONResponse({"trial": f"{name}/{number}", "asked": action})


def _refresh(request: Request, services: Services) -> Response:
    name, number = request.path_params["name"], request.path_params["number"]
    refresh_trial(services.store, services.home, name, number)
    return JSONResponse({"trial": f"{name}/{number}"})


def _model(request: Request, services: Services) -> Response:
    name, number = request.path_params["name"], request.path_params["number"]
    get_experiment(services.store, name)
    headers = {"Content-Disposition": f'attachment; filename="{name}-{number}.zip"'}
    return Response(zipped_trial(services.home, name, number), media_type="application/zip", headers=headers)


def _sql(request: Request, services: Services) -> Response:
    query = request.query_params.get("q", "")
    form = request.query_params.get("format", "json")
    if not query.strip():
        raise SettingError("give the query as ?q=...")
    if form not in MEDIA_TYPES:
        raise SettingError(f"format={form}: use one of {', '.join(MEDIA_TYPES)}")
    return Response(sql_bytes(services.store, query, form), media_type=MEDIA_TYPES[form])


def _unknown(request: Request, services: Services) -> Response:  # noqa: ARG001
    raise UnknownNameError(f"there is nothing at {request.method} {request.url.path}")


def _guarded(handler: Handler, *, changes: bool = False) -> Callable[[Request], Awaitable[Response]]:
    """The handler in a worker thread, with who may ask checked before and errors as JSON after.

    Requests must name this server as their host, so that a web page cannot reach it under a name of its own;
    those that change something also need the token from the file beside the database.
    """

    async def endpoint(request: Request) -> Response:
        try:
            present = services()
            _check_host(request, present)
            if changes:
                _check_token(request, present)
                request.state.body = await request.body()
            return await run_in_threadpool(handler, request, present)
        except RefusedError as error:
            return JSONResponse({"error": str(error)}, status_code=403)
        except BertFrontierError as error:
            return JSONResponse({"error": str(error)}, status_code=_status(error))

    return endpoint


class RefusedError(Exception):
    """The request may not be made."""


def _check_host(request: Request, services: Services) -> None:
    if not services.endpoint.answers_to(request.url.hostname):
        raise RefusedError(f"this server does not answer to the host name {request.url.hostname!r}")


def _check_token(request: Request, services: Services) -> None:
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    if not secrets.compare_digest(given.encode(), services.store.owner.token.encode()):
        raise RefusedError(
            "this request changes something and needs the server's token as Authorization: Bearer TOKEN"
        )


def _status(error: BertFrontierError) -> Literal[400, 404, 409]:
    if isinstance(error, UnknownNameError):
        return 404
    return 409 if isinstance(error, StateError) else 400
