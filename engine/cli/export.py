"""``bert-frontier export``: takes a trial's model away."""

from __future__ import annotations

from pathlib import Path

import click

from engine.cli.options import home_option
from engine.exporting import export_folder, parse_trial_name
from engine.settings import resolve_home


@click.command()
@click.argument("trial")
@click.argument("directory", type=click.Path(path_type=Path))
@home_option
def export(trial: str, directory: Path, home: str | None) -> None:
    """Copy the model of TRIAL (experiment/number, such as demo/3) into the new folder DIRECTORY.

    The folder loads with transformers' AutoModelForQuestionAnswering.from_pretrained.
    """
    target = export_folder(resolve_home(home), *parse_trial_name(trial), directory)
    click.echo(f"{trial} is in {target}; its README.md says what it is and how good")
