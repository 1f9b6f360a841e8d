"""Puts the project's Streamlit settings in force, from whatever folder the server is started."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from streamlit import config

_PACKAGE = Path(__file__).resolve().parent
_PLACES = (_PACKAGE / ".streamlit" / "config.toml", _PACKAGE.parent / ".streamlit" / "config.toml")
"""In an installed package the file is inside it; in a checkout it is at the root of the repository."""


def config_file() -> Path:
    """The file with the settings.

    Raises:
        FileNotFoundError: when the installation is damaged.
    """
    for path in _PLACES:
        if path.is_file():
            return path
    raise FileNotFoundError(
        f"the installation is damaged, {_PLACES[0]} is missing; install bert-frontier again"
    )


def apply_config(
    *, address: str | None = None, port: int | None = None, public_host: str | None = None
) -> None:
    """Make the project's settings those of this process; call it before the application is made.

    Streamlit itself only reads files of the working folder, the home folder and, under its own launcher, the
    script's folder.

    Args:
        address: host name or address the server listens on; its pages may then be asked for by that name too.
        port: port it listens on.
        public_host: name it is known under outside.
    """
    settings = dict(_flat(tomllib.loads(config_file().read_text(encoding="utf-8"))))
    if address is not None:
        settings["server.address"] = address
        if address in ("0.0.0.0", "::"):  # noqa: S104 - a person chose to be reached under any name
            settings["server.allowedHosts"] = []
        elif address not in settings["server.allowedHosts"]:
            settings["server.allowedHosts"] = [*settings["server.allowedHosts"], address]
    if public_host is not None and settings["server.allowedHosts"]:
        settings["server.allowedHosts"] = [*settings["server.allowedHosts"], public_host]
    if port is not None:
        settings["server.port"] = port
    for name, value in settings.items():
        config.set_option(name, value)


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Settings under their dotted names."""
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value
