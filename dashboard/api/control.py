"""Launching experiments, and pausing, resuming and stopping them and their trials."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from dashboard.api.operations import ACTIONS, Operation
from dashboard.services import Services
from engine import controls
from engine.access import refresh_trial
from engine.inputs import check_inputs
from engine.launch import submit
from engine.spec_files import parse_spec
from storage.experiments import get_experiment

EXPERIMENT_ACTIONS = {
    "pause": controls.pause_experiment,
    "resume": controls.resume_experiment,
    "stop": controls.stop_experiment,
}
TRIAL_ACTIONS = {"pause": controls.pause_trial, "resume": controls.resume_trial, "stop": controls.stop_trial}


def operations() -> list[Operation]:
    """All of them."""
    return [
        Operation(
            "POST",
            "/api/experiments",
            _launch,
            "Launch an experiment; gives the name it got.",
            "Experiments",
            body=("application/toml", "The specification, as bert-frontier run reads it."),
            changes=True,
        ),
        Operation(
            "POST",
            "/api/experiments/{name}/{action:action}",
            _control,
            f"Have an experiment do something: {', '.join(ACTIONS)}.",
            "Experiments",
            changes=True,
        ),
        Operation(
            "POST",
            "/api/trials/{name}/{number:int}/refresh",
            _refresh,
            "Read what a trial that has ended wrote since.",
            "Trials",
            changes=True,
        ),
        Operation(
            "POST",
            "/api/trials/{name}/{number:int}/{action:action}",
            _control_trial,
            f"Have a trial do something: {', '.join(ACTIONS)}.",
            "Trials",
            changes=True,
        ),
    ]


def _launch(request: Request, services: Services) -> Response:
    spec = parse_spec(request.state.body.decode("utf-8", errors="replace"), "the request's TOML")
    check_inputs(spec)
    row = submit(services.store, services.home, spec)
    return JSONResponse({"name": row.name}, status_code=201)


def _control(request: Request, services: Services) -> Response:
    name, action = request.path_params["name"], request.path_params["action"]
    EXPERIMENT_ACTIONS[action](services.store, name)
    return JSONResponse({"name": name, "state": get_experiment(services.store, name).state})


def _control_trial(request: Request, services: Services) -> Response:
    name, number, action = (request.path_params[key] for key in ("name", "number", "action"))
    TRIAL_ACTIONS[action](services.store, name, number)
    return JSONResponse({"trial": f"{name}/{number}", "asked": action})


def _refresh(request: Request, services: Services) -> Response:
    name, number = request.path_params["name"], request.path_params["number"]
    refresh_trial(services.store, services.home, name, number)
    return JSONResponse({"trial": f"{name}/{number}"})
