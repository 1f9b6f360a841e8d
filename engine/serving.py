"""Who may come in to a server, under which name it is known outside, and what its links may do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args
from urllib.parse import urlsplit

from engine.errors import SettingError

ACCESS_KEY_VARIABLE = "BERT_FRONTIER_ACCESS_KEY"
"""Environment variable with the access key; without it one is made and kept in the home folder."""
PROXY_HEADER = "X-Forwarded-User"
"""Header that names who has logged in, where a reverse proxy decides and no other header is given."""

AccessMode = Literal["auto", "open", "key", "proxy"]
LinkMode = Literal["anyone", "members", "off"]


@dataclass(frozen=True, slots=True)
class AccessSettings:
    """Who may come in.

    Attributes:
        access: open: whoever reaches the server; key: those who have the access key; proxy: those for whom a reverse
            proxy sets ``user_header``; auto: open on an address of this machine alone, key on any other.
        user_header: header of a reverse proxy with the name of who has logged in; the proxy must strip it from what
            comes from outside. Where access is ``proxy`` it also decides who may come in.
        public_url: address the server is known under, where that differs from the one it listens on.
        share_links: who may open a shared link: anyone who has it, only those who may come in anyhow, or nobody.
        link_days: days until a link ends if nothing else is chosen; 0 for never.
    """

    access: AccessMode = "auto"
    user_header: str | None = None
    public_url: str | None = None
    share_links: LinkMode = "anyone"
    link_days: int = 30

    def __post_init__(self) -> None:
        if self.access not in get_args(AccessMode):
            raise SettingError(f"access = {self.access!r}: use one of {', '.join(get_args(AccessMode))}")
        if self.share_links not in get_args(LinkMode):
            raise SettingError(
                f"share_links = {self.share_links!r}: use one of {', '.join(get_args(LinkMode))}"
            )
        if self.link_days < 0:
            raise SettingError(f"link_days = {self.link_days}: must be 0 (never) or a number of days")
        if self.public_url is not None and not self.public_host:
            raise SettingError(
                f"public_url = {self.public_url!r}: write it as https://name or https://name:port"
            )

    @property
    def public_host(self) -> str | None:
        """Host name of the public address."""
        parts = urlsplit(self.public_url or "")
        return parts.hostname if parts.scheme in ("http", "https") and parts.path in ("", "/") else None


DEFAULT_ACCESS = AccessSettings()
