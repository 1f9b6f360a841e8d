"""``bert-frontier demo``: the whole thing on embedded data, in the browser or without one."""

from __future__ import annotations

import click

from engine.access import running_server
from engine.cli.options import home_option, json_option, runner_options, server_options
from engine.cli.run import run_spec
from engine.cli.up import start_server
from engine.settings import RunnerSettings, resolve_home
from engine.spec_files import read_spec, to_toml


@click.command()
@click.option(
    "--headless", is_flag=True, help="Run to the end without a server, print the frontier, and exit."
)
@click.option("--trials", type=click.IntRange(min=1), help="Students to train; the demo's own number is 12.")
@server_options
@runner_options
@json_option
@home_option
def demo(
    headless: bool,
    trials: int | None,
    home: str | None,
    host: str,
    port: int,
    limits: RunnerSettings,
    browser: bool,
    as_json: bool,
) -> int:
    """Search for smaller students of a small embedded teacher: no network, no GPU, no files, about two minutes."""
    spec = read_spec("demo", {"budget.trials": trials} if trials else None)
    place = resolve_home(home)
    if headless:
        return run_spec(place, spec, limits, as_json=as_json)
    server = running_server(place)
    if server is not None:
        name = server.submit(to_toml(spec))
        click.echo(f"submitted to the server that is up: {server.address}/experiment?id={name}")
        return 0
    start_server(place, host=host, port=port, settings=limits, open_browser=browser, launch=spec)
    return 0
