"""Makes links, and finds them again by the code in their address."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from dashboard.access.link_data import LinkData
from dashboard.access.secret_files import kept_secret
from dashboard.access.shareable import VIEWS, experiments_of
from dashboard.formats import moment
from engine.errors import SettingError
from engine.serving import AccessSettings
from engine.settings import Home
from storage.links import Link, NewLink, Query, add_link, find_link, list_links, note_link_use, revoke_link
from storage.store import Store

LINK_PARAMETER = "link"
"""Parameter of the shared page's address that carries the code."""
CODE_LETTERS = 22
"""Letters of a code: 132 bits, which nobody guesses."""
MAX_TITLE = 120
MAX_NOTE = 500


@dataclass(frozen=True, slots=True)
class Wish:
    """A view that somebody wants to share.

    Attributes:
        page: name of its page's script.
        title: what it shows, in a few words.
        query: what its address says.
        frozen: whether its data are to stay as they are now.
        days: until it ends; 0 for never.
        creator: who wants it.
        note: what they say about it.
    """

    page: str
    title: str
    query: Query
    frozen: bool
    days: int
    creator: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Closed:
    """Why a link shows nothing.

    Attributes:
        title: in a few words.
        message: in full.
        known: whether there is, or was, such a link.
    """

    title: str
    message: str
    known: bool = True


class Sharing:
    """The links of one server; any thread may use them.

    Attributes:
        settings: what links may do.
        data: what they show.
    """

    def __init__(self, store: Store, home: Home, settings: AccessSettings) -> None:
        """Begin, and remove the copies of links that are over.

        Args:
            store: the database.
            home: the home folder.
            settings: what links may do.

        Raises:
            HomeError: when the secret behind the codes cannot be kept.
        """
        self.settings = settings
        self.data = LinkData(store, home)
        self._store = store
        self._secret = kept_secret(home.link_secret).encode()
        now = store.now()
        self.data.keep_only({link.salt for link in self.listed() if link.state(now) == "open"})

    def make(self, wish: Wish) -> Link:
        """Make a link.

        Raises:
            SettingError: when the view cannot be shared, or for that long.
            UnknownNameError: when an experiment it shows does not exist.
            QueryError: when the query whose answer is to be kept gives none.
            StateError: when there is too much to be copied.
            HomeError: when there is no room for the copy.
        """
        if wish.page not in VIEWS:
            raise SettingError(f"{wish.page!r} is no view that can be shared; use one of {', '.join(VIEWS)}")
        if wish.days < 0:
            raise SettingError(f"days = {wish.days}: must be 0 (never ends) or a number of days")
        now = self._store.now()
        query = {name: list(values) for name, values in wish.query.items() if name != LINK_PARAMETER}
        experiments = experiments_of(self._store, wish.page, query)
        salt = secrets.token_hex(16)
        if wish.frozen:
            self.data.freeze(salt, wish.page, query, experiments)
        return add_link(
            self._store,
            NewLink(
                salt=salt,
                code_hash=_hash(self._code(salt)),
                page=wish.page,
                title=wish.title[:MAX_TITLE],
                note=wish.note.strip()[:MAX_NOTE],
                query=query,
                experiments=experiments,
                creator=wish.creator,
                frozen_at=now if wish.frozen else None,
                expires_at=now + timedelta(days=wish.days) if wish.days else None,
            ),
        )

    def code(self, link: Link) -> str | None:
        """The code in the address of a link; None when the secret it was made with is gone."""
        code = self._code(link.salt)
        return code if hmac.compare_digest(_hash(code), link.code_hash) else None

    def find(self, code: str) -> Link | None:
        """The link with this code, in whatever state it is."""
        return find_link(self._store, _hash(code))

    def listed(self) -> list[Link]:
        """All links, the newest first."""
        return list_links(self._store)

    def note_use(self, link: Link) -> None:
        """Count that a link was opened."""
        note_link_use(self._store, link.link_id)

    def revoke(self, link_id: int, by: str) -> None:
        """Take a link back, and remove the copy of its data.

        Raises:
            UnknownNameError: when there is no such link.
            StateError: when it was taken back before.
        """
        self.data.forget(revoke_link(self._store, link_id, by))

    def _code(self, salt: str) -> str:
        digest = hmac.new(self._secret, salt.encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest).decode()[:CODE_LETTERS]


def looked_up(sharing: Sharing | None, code: str) -> Link | Closed:
    """The link with a code, or why it shows nothing.

    Args:
        sharing: the server's links; None where they are switched off.
        code: that stands in the address.
    """
    if sharing is None:
        return Closed("Links are switched off", "Whoever runs this server has switched shared links off.")
    link = sharing.find(code)
    if link is None:
        return Closed("No such link", "Check that the whole address was copied.", known=False)
    return closed_words(link, datetime.now(tz=link.created_at.tzinfo)) or link


def closed_words(link: Link, now: datetime) -> Closed | None:
    """Why a link shows nothing at a moment; None while it is open."""
    match link.state(now):
        case "revoked":
            assert link.revoked_at is not None
            return Closed(
                "This link was revoked",
                f"{link.revoked_by} took it back on {moment(link.revoked_at)}. "
                f"It was made by {link.creator}, who can make a new one.",
            )
        case "expired":
            assert link.expires_at is not None
            return Closed(
                "This link has ended",
                f"It was open until {moment(link.expires_at)}. "
                f"It was made by {link.creator}, who can make a new one.",
            )
    return None


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
