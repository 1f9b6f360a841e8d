"""``bert-frontier export``: takes a trial's model away."""

from __future__ import annotations

from pathlib import Path

import click

from engine.cli.options import home_option
from engine.export.bundle import export_trial
from engine.exporting import parse_trial_name
from engine.settings import resolve_home


@click.command()
@click.argument("trial")
@click.argument("directory", type=click.Path(path_type=Path))
@click.option("--onnx", is_flag=True, help="Write onnx/model.onnx too, checked against the model.")
@click.option(
    "--int8", is_flag=True, help="Write onnx/model_int8.onnx too, compared and timed; includes --onnx."
)
@home_option
def export(trial: str, directory: Path, home: str | None, *, onnx: bool, int8: bool) -> None:
    """Write the model of TRIAL (experiment/number, such as demo/3) into the new folder DIRECTORY.

    The folder loads with the from_pretrained of transformers. It holds a model card (README.md), evaluate.py, which
    reproduces the figures of the trial, and SHA256SUMS.
    """
    name, number = parse_trial_name(trial)
    target = export_trial(resolve_home(home), name, number, directory, onnx=onnx, int8=int8)
    click.echo(f"{trial} is in {target}; its README.md says what it is and how good")
