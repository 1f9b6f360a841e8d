"""``bert-frontier sql``: a read-only query on everything that was measured."""

from __future__ import annotations

import csv
import io
import sys
from typing import cast

import click

from engine.access import SQL_FORMATS, SqlFormat, access
from engine.cli.options import home_option
from engine.cli.report import table
from engine.settings import resolve_home


@click.command()
@click.argument("query")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", *SQL_FORMATS]),
    default="table",
    show_default=True,
    help="parquet and arrow are binary: redirect them to a file.",
)
@home_option
def sql(query: str, form: str, home: str | None) -> None:
    """Run one read-only SQL QUERY, such as "SELECT trial, exact, num_parameters FROM demo WHERE on_frontier"."""
    with access(resolve_home(home)) as source:
        result = source.sql(query, cast("SqlFormat", "csv" if form == "table" else form))
    if form == "table":
        rows = list(csv.DictReader(io.StringIO(result.decode())))
        click.echo(table(rows) if rows else "(no rows)")
    elif form in ("parquet", "arrow") and sys.stdout.isatty():
        raise click.UsageError(
            f"{form} is binary; redirect it: bert-frontier sql --format {form} QUERY > FILE"
        )
    else:
        click.echo(result, nl=False)
