"""Options that several subcommands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from engine.settings import HOME_VARIABLE

Command = TypeVar("Command", bound=Callable[..., Any])

DEFAULT_PORT = 8501


def home_option(command: Command) -> Command:
    """``--home DIR``."""
    return click.option(
        "--home",
        metavar="DIR",
        help=f"Folder of the database and all results; default ~/.bert-frontier, or {HOME_VARIABLE}.",
    )(command)


def json_option(command: Command) -> Command:
    """``--json``."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of text.")(
        command
    )


def slots_option(command: Command) -> Command:
    """``--slots N``."""
    return click.option(
        "--slots",
        type=click.IntRange(min=0),
        default=0,
        help="Trials at once on this machine; 0 means one for each GPU, else as the cores allow.",
    )(command)


def server_options(command: Command) -> Command:
    """``--host``, ``--port`` and ``--browser/--no-browser``."""
    command = click.option(
        "--browser/--no-browser", default=True, help="Open the first page in the desktop's browser."
    )(command)
    command = click.option(
        "--port",
        type=click.IntRange(1, 65535),
        default=DEFAULT_PORT,
        show_default=True,
        help="Port of the pages.",
    )(command)
    return click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")(
        command
    )
