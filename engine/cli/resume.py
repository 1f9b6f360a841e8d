"""``bert-frontier resume``: goes on with an experiment that was paused, stopped or interrupted."""

from __future__ import annotations

import click

from engine.access import running_server
from engine.cli.follow import follow_server, run_here
from engine.cli.options import home_option, json_option, runner_options
from engine.controls import resume_experiment
from engine.lifecycle import ACTIVE_EXPERIMENT_STATES
from engine.settings import RunnerSettings, resolve_home
from storage.experiments import get_experiment
from storage.store import Store


@click.command()
@click.argument("experiment")
@runner_options
@json_option
@home_option
def resume(experiment: str, home: str | None, limits: RunnerSettings, as_json: bool) -> int:
    """Go on with EXPERIMENT; its trials continue from their checkpoints."""
    place = resolve_home(home)
    server = running_server(place)
    if server is not None:
        if server.summary(experiment)["state"] not in ACTIVE_EXPERIMENT_STATES:
            server.control(experiment, "resume")
        return follow_server(server, experiment, as_json=as_json)
    with Store.open(place.database) as store:
        row = get_experiment(store, experiment)
        if row.state not in ACTIVE_EXPERIMENT_STATES:
            resume_experiment(store, experiment)
        return run_here(place, store, row, limits, as_json=as_json)
