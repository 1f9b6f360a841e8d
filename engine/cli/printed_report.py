"""``bert-frontier report``: an experiment as one HTML file to read, print or send."""

from __future__ import annotations

from pathlib import Path

import click

from engine.access import access
from engine.cli.options import home_option
from engine.errors import SettingError
from engine.settings import resolve_home


@click.command()
@click.argument("experiment")
@click.option(
    "--output",
    "-o",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write; EXPERIMENT.html in the present folder if not given.",
)
@home_option
def report(experiment: str, output: Path | None, *, home: str | None) -> None:
    """Write EXPERIMENT's claims, frontier, trials, advice and specification into one HTML file.

    The file holds everything it shows, fetches nothing, and prints well. With a running server the server makes it.
    """
    path = output or Path(f"{experiment}.html")
    with access(resolve_home(home)) as source:
        text = source.report(experiment)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SettingError(
            f"--output {path} cannot be written ({error.strerror}); give another file"
        ) from error
    click.echo(f"Wrote {path} ({len(text.encode()) / 1000:,.0f} kB).")
