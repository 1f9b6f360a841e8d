"""Options that several subcommands share."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, get_args

import click

from engine.serving import (
    ACCESS_KEY_VARIABLE,
    DEFAULT_ACCESS,
    PROXY_HEADER,
    AccessMode,
    AccessSettings,
    LinkMode,
)
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


def access_options(command: Command) -> Command:
    """Who may come in, given to the command as ``access``."""

    @wraps(command)
    def with_access(
        *arguments: Any,  # noqa: ANN401
        access: AccessMode,
        user_header: str | None,
        public_url: str | None,
        share_links: LinkMode,
        link_days: int,
        **options: Any,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401
        chosen = AccessSettings(access, user_header, public_url, share_links, link_days)
        return command(*arguments, access=chosen, **options)

    for option in reversed(_ACCESS_OPTIONS):
        option(with_access)
    return with_access  # type: ignore[return-value]


_ACCESS_OPTIONS = (
    click.option(
        "--access",
        type=click.Choice(get_args(AccessMode)),
        default=DEFAULT_ACCESS.access,
        show_default=True,
        help="Who may come in. open: whoever reaches the server; key: those with the access key, which is printed, and "
        f"kept as access-key in the home folder unless {ACCESS_KEY_VARIABLE} names one; proxy: those whom a reverse "
        "proxy has let in; auto: open on an address of this machine alone, else key.",
    ),
    click.option(
        "--user-header",
        metavar="NAME",
        help="Header in which a reverse proxy names who has logged in; the proxy must strip it from outside. "
        f"{PROXY_HEADER} with --access proxy.",
    ),
    click.option(
        "--public-url",
        metavar="URL",
        help="Address under which people know the server, if a proxy stands before it.",
    ),
    click.option(
        "--share-links",
        type=click.Choice(get_args(LinkMode)),
        default=DEFAULT_ACCESS.share_links,
        show_default=True,
        help="Who may open a shared link: anyone who has it, only those who may come in anyhow, or nobody.",
    ),
    click.option(
        "--link-days",
        type=click.IntRange(min=0),
        default=DEFAULT_ACCESS.link_days,
        show_default=True,
        help="Days until a link ends if its maker chooses nothing else; 0 for never.",
    ),
)
