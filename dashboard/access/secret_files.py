"""Secrets kept in files of the home folder that only their owner can read."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from engine.errors import HomeError

SECRET_BYTES = 32


def kept_secret(path: Path) -> str:
    """The secret in a file; one is made where there is none yet.

    Raises:
        HomeError: when the file cannot be read or written, or is empty.
    """
    try:
        with suppress(FileExistsError):
            descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(secrets.token_urlsafe(SECRET_BYTES) + "\n")
        found = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise HomeError(
            f"{path} cannot be used ({error.strerror}); change its rights, or remove it"
        ) from error
    if not found:
        raise HomeError(f"{path} is empty; remove it, and a new secret is made")
    return found
