"""Decides who may come in, from what a browser or a program sends along."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlencode

from dashboard.access.secret_files import kept_secret
from engine.errors import SettingError
from engine.serving import ACCESS_KEY_VARIABLE, PROXY_HEADER, AccessSettings
from engine.settings import Home

LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
"""Names of this machine that no other machine can be reached under."""
LOCAL_NAME = "local"
"""What those are called whom nothing names."""
MIN_KEY_LENGTH = 16
"""Characters of the shortest access key that a person may choose."""
KEY_PARAMETER = "key"
"""Parameter of an address that carries the access key."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who asks for something.

    Attributes:
        member: whether all of the server is open to them; else only shared links are.
        name: what they are called.
    """

    member: bool
    name: str = LOCAL_NAME


@dataclass(frozen=True, slots=True)
class Door:
    """Who may come in.

    Attributes:
        mode: as in ``AccessSettings``, decided.
        key: the access key, where the mode is ``key``.
        token: what programs of the server's own user show, see ``storage.ownership``.
        header: header with the name of who has logged in.
        cookie: name of the cookie that stands for the key; browsers share cookies between ports of a machine.
    """

    mode: Literal["open", "key", "proxy"] = "open"
    key: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    header: str | None = None
    cookie: str = "bert_frontier"

    def visitor(self, headers: Mapping[str, str], cookies: Mapping[str, str], given: str = "") -> Visitor:
        """Who asks.

        Args:
            headers: of the request, by name in any letter case.
            cookies: of the request.
            given: a key that stands in the address.
        """
        named = headers.get(self.header, "").strip() if self.header else ""
        bearer = headers.get("authorization", "").removeprefix("Bearer ").strip()
        member = (
            self.mode == "open"
            or (self.mode == "proxy" and bool(named))
            or self.opens(bearer)
            or self.opens(given)
            or (self.mode == "key" and _same(cookies.get(self.cookie, ""), self.cookie_value))
        )
        return Visitor(member, named or LOCAL_NAME)

    def opens(self, secret: str) -> bool:
        """Whether a secret lets its bearer in: the access key, or the token of the server's own user."""
        return self.is_token(secret) or (self.mode == "key" and _same(secret, self.key))

    def is_token(self, secret: str) -> bool:
        """Whether a secret is the token of the server's own user."""
        return _same(secret, self.token)

    @property
    def cookie_value(self) -> str:
        """What the cookie holds: it follows from the key, but the key cannot be told from it."""
        return hmac.new(self.key.encode(), b"bert-frontier visitor", hashlib.sha256).hexdigest()

    @property
    def entrance(self) -> str:
        """What an address that lets a browser in ends in."""
        return "/?" + urlencode({KEY_PARAMETER: self.key}) if self.mode == "key" else ""


OPEN = Door()
"""The door of a server that everybody may use who reaches it."""


def make_door(settings: AccessSettings, home: Home, host: str, port: int) -> Door:
    """The door of a server.

    Args:
        settings: who may come in.
        home: where the access key is kept.
        host: address the server listens on.
        port: port it listens on.

    Raises:
        SettingError: when the key in the environment is too short.
        HomeError: when a key cannot be kept.
    """
    chosen = os.environ.get(ACCESS_KEY_VARIABLE, "").strip()
    if chosen and len(chosen) < MIN_KEY_LENGTH:
        raise SettingError(
            f"{ACCESS_KEY_VARIABLE} has {len(chosen)} characters; use at least {MIN_KEY_LENGTH}"
        )
    mode = settings.access
    if mode == "auto":
        mode = "key" if chosen or host not in LOCAL_HOSTS else "open"
    header = settings.user_header or (PROXY_HEADER if mode == "proxy" else None)
    key = (chosen or kept_secret(home.access_key)) if mode == "key" else ""
    return Door(mode=mode, key=key, header=header, cookie=f"bert_frontier_{port}")


def _same(given: str, expected: str) -> bool:
    """Whether two secrets are equal, told in a time that says nothing; an empty one equals nothing."""
    return bool(expected) and secrets.compare_digest(given.encode(), expected.encode())
