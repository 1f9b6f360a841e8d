"""Experiments and trials in full, what models are fitted to, models to take away, and the runner's health."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from dashboard.api.operations import Operation, Parameter
from dashboard.report.write import report_html
from dashboard.services import Services
from engine.early_stopping.replaying import replay_experiment
from engine.export.bundle import zipped_trial
from engine.overview import overview
from engine.summary import detailed_summary, trial_summary
from engine.whatif.stored import stored_study, study_of
from storage.experiments import get_experiment
from storage.trials import get_trial


def operations() -> list[Operation]:
    """All of them."""
    area = "Experiments"
    return [
        Operation("GET", "/api/health", _health, "Whether server and runner are well.", "Server"),
        Operation(
            "GET",
            "/api/experiments/{name}",
            _experiment,
            "An experiment in full: claims, frontier, advice, importance and all trials.",
            area,
        ),
        Operation(
            "GET",
            "/api/experiments/{name}/early-stopping",
            _early_stopping,
            "What early stopping saves and loses, replayed over a complete experiment.",
            area,
            (Parameter("SETTING", "Any setting of [early_stopping], such as stop_below=0.05.", "number"),),
        ),
        Operation(
            "GET",
            "/api/experiments/{name}/study",
            _study,
            "What models of the experiment are fitted to: space, metrics and observations.",
            area,
        ),
        Operation(
            "GET",
            "/api/experiments/{name}/report.html",
            _report,
            "An experiment as one HTML file to read, print or send.",
            area,
            answer="text/html",
        ),
        Operation("GET", "/api/trials/{name}/{number:int}", _trial, "A trial in full.", "Trials"),
        Operation(
            "GET",
            "/api/trials/{name}/{number:int}/model.zip",
            _model,
            "The model of a completed trial, as a Hugging Face folder.",
            "Trials",
            answer="application/zip",
        ),
    ]


def _health(request: Request, services: Services) -> Response:  # noqa: ARG001
    return JSONResponse(
        {"status": "ok", "home": services.home.path.name, "runner_error": services.runner.last_error}
    )


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


def _report(request: Request, services: Services) -> Response:
    name = request.path_params["name"]
    quality = services.whatif.quality(study_of(services.store, services.home, name))
    headers = {"Content-Disposition": f'inline; filename="{name}.html"'}
    return HTMLResponse(report_html(services.store, name, quality or None), headers=headers)


def _trial(request: Request, services: Services) -> Response:
    name, number = request.path_params["name"], request.path_params["number"]
    get_trial(services.store, name, number)
    view = overview(services.store, get_experiment(services.store, name), including=(number,))
    return JSONResponse(trial_summary(view, number))


def _model(request: Request, services: Services) -> Response:
    name, number = request.path_params["name"], request.path_params["number"]
    get_experiment(services.store, name)
    headers = {"Content-Disposition": f'attachment; filename="{name}-{number}.zip"'}
    return Response(zipped_trial(services.home, name, number), media_type="application/zip", headers=headers)
