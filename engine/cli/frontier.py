"""``bert-frontier frontier``: the students worth choosing from, and what may be said of them."""

from __future__ import annotations

import json

import click

from engine.access import access
from engine.cli.options import home_option, json_option
from engine.cli.report import report
from engine.settings import resolve_home


@click.command()
@click.argument("experiment")
@json_option
@home_option
def frontier(experiment: str, as_json: bool, home: str | None) -> None:
    """Print the frontier of EXPERIMENT with its teacher, its baseline, and what failed.

    Below it stand the claims with their intervals, which trials are worth training again, what matters, and advice.
    """
    with access(resolve_home(home)) as source:
        found = source.summary(experiment)
    click.echo(json.dumps(found, indent=1) if as_json else report(found))
