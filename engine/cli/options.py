"""Options that several subcommands share."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import click

from engine.settings import HOME_VARIABLE, RunnerSettings

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


def runner_options(command: Command) -> Command:
    """``--slots N`` and ``--gpus-per-trial N``, given to the command as ``limits``, the settings of the runner."""

    @wraps(command)
    def with_limits(*arguments: Any, slots: int, gpus_per_trial: int, **options: Any) -> Any:  # noqa: ANN401
        limits = RunnerSettings(slots=slots, gpus_per_slot=gpus_per_trial)
        return command(*arguments, limits=limits, **options)

    slotted = click.option(
        "--slots",
        type=click.IntRange(min=0),
        default=0,
        help="Trials at once on this machine; 0 means as the GPUs, else as the cores allow.",
    )(with_limits)
    return click.option(  # type: ignore[return-value]
        "--gpus-per-trial",
        type=click.IntRange(min=1),
        default=1,
        show_default=True,
        help="GPUs each trial sees; training.devices says how many it uses.",
    )(slotted)


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
