"""``bert-frontier import``: shows a study that was run with another tool."""

from __future__ import annotations

from pathlib import Path

import click

from engine.access import running_server
from engine.cli.options import home_option
from engine.controls import IMPORTED
from engine.importing.reading import read_study_file
from engine.importing.storing import import_study
from engine.importing.wishes import Wishes, parse_metric
from engine.settings import resolve_home
from storage.store import Store


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--name", required=True, help="Name of the new experiment.")
@click.option("--study", help="Which study, where an Optuna storage has several.")
@click.option(
    "--metric",
    "metrics",
    multiple=True,
    metavar="NAME:DIRECTION",
    help="A metric, such as exact:maximize; behind further colons threshold=50, store, and from=COLUMN where it is "
    "read from a column or attribute of another name. For an Optuna study the first ones name its objectives.",
)
@click.option(
    "--parameter",
    "parameters",
    multiple=True,
    metavar="COLUMN",
    help="Of a table: a column that is a parameter; without any, all that are no metrics.",
)
@click.option("--task", default=IMPORTED, show_default=True, help="What the models were to do.")
@click.option("--baseline", type=int, help="Number of the trial that all others are set against.")
@home_option
def import_command(
    file: Path,
    name: str,
    study: str | None,
    metrics: tuple[str, ...],
    parameters: tuple[str, ...],
    task: str,
    baseline: int | None,
    home: str | None,
) -> None:
    """Store the trials in FILE as an experiment, to be looked at like any other.

    FILE is the storage of an Optuna study (an SQLite or a journal file, of Optuna 3 to 5; Optuna itself is not needed),
    or a table with one row a trial (.csv or .tsv).
    """
    wishes = Wishes([parse_metric(text) for text in metrics], study, parameters)
    found = read_study_file(file, wishes)
    place = resolve_home(home)
    server = running_server(place)
    if server is not None:
        given = server.import_study(name, found.model_dump(mode="json"), task, baseline)
        where = f"{server.address}/experiment?id={given}"
    else:
        place.make()
        with Store.open(place.database) as store:
            given = import_study(store, place, found, name, task=task, baseline=baseline).name
        where = "see it with bert-frontier up"
    for note in found.notes:
        click.echo(note, err=True)
    click.echo(f"{len(found.trials)} trials imported as {given}; {where}")
