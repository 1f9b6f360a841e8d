"""``bert-frontier run``: runs an experiment to its end, here or on the server that is up."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from engine.access import running_server
from engine.cli.follow import follow_server, run_here
from engine.cli.options import home_option, json_option, runner_options
from engine.experiment import EMBEDDED, ExperimentSpec
from engine.inputs import check_inputs
from engine.launch import submit
from engine.settings import Home, RunnerSettings, resolve_home
from engine.spec_files import parse_overrides, read_spec, to_toml
from storage.store import Store


@click.command()
@click.argument("spec")
@click.option("--name", help="Name of the experiment.")
@click.option("--task", help="The task, such as squad_v2, mrpc or masked_lm.")
@click.option(
    "--dataset", help="Training data: a file or folder in the task's form, a hub name, or 'embedded'."
)
@click.option(
    "--eval-dataset", help="Evaluation data; without it the dataset's own part, or a part is split off."
)
@click.option("--teacher", help="Folder or hub name of a model for the task, or 'embedded'.")
@click.option("--train-samples", type=int, help="Training examples, drawn by seed; 0 takes all.")
@click.option("--eval-samples", type=int, help="Evaluation examples, drawn by seed; 0 takes all.")
@click.option("--trials", type=int, help="Trials to run, the baseline included.")
@click.option("--seed", type=int, help="Seed of sampling, search and training.")
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="KEY=VALUE",
    help="Any field, such as parameters.n_layers.high=4.",
)
@runner_options
@json_option
@home_option
def run(
    spec: str,
    home: str | None,
    limits: RunnerSettings,
    as_json: bool,
    settings: tuple[str, ...],
    **options: str | int | None,
) -> int:
    """Run the experiment SPEC, a TOML file or the name of a preset, to its end.

    Presets: demo, quick, efficient-bert, fine-tune, classify, pretrain, bort, agora-rte, agora-mrpc, agora-cola,
    agora-sst2.

    With a server up on the same home the experiment is submitted to it and followed; Ctrl-C then only stops
    following.
    """
    chosen = read_spec(spec, _overrides(options) | parse_overrides(settings))
    return run_spec(resolve_home(home), chosen, limits, as_json=as_json)


def run_spec(home: Home, spec: ExperimentSpec, settings: RunnerSettings, *, as_json: bool) -> int:
    """Run a specification to its end, here or on the server that is up; gives the exit status."""
    check_inputs(spec)
    home.make()
    server = running_server(home)
    if server is not None:
        name = server.submit(to_toml(spec))
        click.echo(f"submitted as {name} to {server.address}/experiment?id={name}", err=True)
        return follow_server(server, name, as_json=as_json)
    with Store.open(home.database) as store:
        experiment = submit(store, home, spec)
        return run_here(home, store, experiment, settings, as_json=as_json)


_FIELDS = {
    "name": "name",
    "task": "task.name",
    "dataset": "task.dataset",
    "eval_dataset": "task.eval_dataset",
    "teacher": "teacher.model",
    "train_samples": "task.train_samples",
    "eval_samples": "task.eval_samples",
    "trials": "budget.trials",
    "seed": "seed",
}
_PATHS = {"dataset", "eval_dataset", "teacher"}


def _overrides(options: Mapping[str, str | int | None]) -> dict[str, Any]:
    """Options as overrides of fields; paths are made absolute, since a server may run in another folder."""
    given: dict[str, Any] = {name: value for name, value in options.items() if value is not None}
    for name in _PATHS & given.keys():
        if given[name] != EMBEDDED:
            given[name] = ",".join(_absolute(source) for source in given[name].split(","))
    return {_FIELDS[name]: value for name, value in given.items()}


def _absolute(source: str) -> str:
    """A path of this folder in full, anything else as it is."""
    path = Path(source.strip()).expanduser()
    return str(path.resolve()) if path.exists() else source
