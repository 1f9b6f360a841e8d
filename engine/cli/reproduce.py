"""What ``evaluate.py`` in an exported folder runs: measures the model again and compares with its trial."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from engine.cli.options import home_option
from engine.cli.report import table
from engine.errors import BertFrontierError
from engine.settings import resolve_home

EXIT_DIFFERENT = 1
EXIT_ERROR = 2


def main(folder: Path) -> None:
    """Reproduce the figures of an exported folder with the options on the command line, and exit."""
    try:
        status = _command(folder).main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(EXIT_ERROR)
    except BertFrontierError as error:
        click.echo(f"evaluate.py: {error}", err=True)
        sys.exit(EXIT_ERROR)
    sys.exit(status if isinstance(status, int) else 0)


def _command(folder: Path) -> click.Command:
    @click.command()
    @click.option("--dataset", help="Where the dataset is, if it has moved.")
    @click.option("--eval-dataset", help="Where the evaluation dataset is, if it has moved.")
    @home_option
    def evaluate(dataset: str | None, eval_dataset: str | None, home: str | None) -> int:
        """Measure this model again and compare with what its trial recorded; the exit status is 1 if they differ."""
        return _reproduce(folder, resolve_home(home).cache, dataset, eval_dataset)

    return evaluate


def _reproduce(folder: Path, cache: Path, dataset: str | None, eval_dataset: str | None) -> int:
    # Imported here: torch takes seconds, and --help needs none of it.
    from engine.distill.measuring.reproduce import reproduce
    from engine.distill.models.pretrained import quiet_transformers

    with quiet_transformers():
        found = reproduce(folder, cache, dataset, eval_dataset)
    record = found.record
    click.echo(
        f"{record.name}, trial {record.number}, on {record.experiment.task.dataset} ({found.precision})"
    )
    rows = [
        {
            "metric": figure.name,
            "recorded": f"{figure.recorded:.4f}",
            "measured": f"{figure.measured:.4f}",
            "": "" if figure.same else "differs",
        }
        for figure in found.figures
    ]
    click.echo(table(rows) if rows else "nothing in common with what was recorded")
    for name in found.changed_data:
        click.echo(f"{name} holds something else than when the model was exported", err=True)
    click.echo("the figures are reproduced" if found.same else "the figures are NOT reproduced")
    return 0 if found.same else EXIT_DIFFERENT
