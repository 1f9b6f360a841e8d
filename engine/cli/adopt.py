"""``bert-frontier adopt``: hands the architecture an extraction found to pre-training or to a search."""

from __future__ import annotations

import click

from engine.access import access
from engine.cli.options import home_option, runner_options
from engine.cli.run import run_spec
from engine.errors import StateError, UnknownNameError
from engine.extraction.adoption import Purpose, adopted, extracted_trial
from engine.settings import Home, RunnerSettings, resolve_home
from engine.spec_files import read_spec, to_toml
from engine.summary import Summary


@click.command()
@click.argument("experiment")
@click.option(
    "--to",
    "purpose",
    type=click.Choice(["pretrain", "search"]),
    default="pretrain",
    show_default=True,
    help="Train the architecture to the end, or search around it.",
)
@click.option(
    "--trial", type=int, help="Number of the trial to take; the one with the largest W if left out."
)
@click.option("--run", "launch", is_flag=True, help="Run the new experiment instead of printing it.")
@runner_options
@home_option
def adopt(
    experiment: str,
    purpose: Purpose,
    trial: int | None,
    home: str | None,
    limits: RunnerSettings,
    *,
    launch: bool,
) -> int:
    """Take the architecture that EXPERIMENT, an extraction, has found further.

    Prints the TOML of the new experiment, to be looked at, changed and given to `bert-frontier run`; with --run it is
    run at once.
    """
    place = resolve_home(home)
    with access(place) as source:
        found = source.summary(experiment)
    spec = read_spec(_specification(place, found["name"]), {})
    chosen = _chosen(found, trial, spec.extract.speed)
    new = adopted(spec, chosen["parameters"], purpose, found["name"])
    if launch:
        return run_spec(place, new, limits, as_json=False)
    click.echo(to_toml(new), nl=False)
    return 0


def _specification(home: Home, name: str) -> str:
    return str(home.path / "experiments" / name / "experiment.toml")


def _chosen(found: Summary, number: int | None, speed: str) -> Summary:
    trials = {trial["number"]: trial for trial in found["trials"]}
    if number is not None:
        if number not in trials:
            raise UnknownNameError(f"{found['name']} has no trial {number}")
        return dict(trials[number])
    best = extracted_trial({key: trial["metrics"] for key, trial in trials.items()}, speed)
    if best is None:
        raise StateError(
            f"no candidate of {found['name']} has been measured yet; wait for it, or name a --trial"
        )
    return dict(trials[best])
