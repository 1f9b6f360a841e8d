"""The button that makes a short address of the view on the screen, for somebody else to open."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

import streamlit as st

from dashboard import formats
from dashboard.access.sessions import visitor
from dashboard.access.sharing import MAX_NOTE, Sharing, Wish
from dashboard.services import Services
from engine.errors import BertFrontierError
from storage.links import Link

LIVE, FROZEN = "Live", "Frozen"
DAYS: Mapping[str, int] = {
    "1 day": 1,
    "1 week": 7,
    "30 days": 30,
    "90 days": 90,
    "1 year": 365,
    "never": 0,
}
"""Times after which a link may end."""
_HELP = {
    LIVE: "Shows the data as they are whenever it is opened.",
    FROZEN: "Shows the data as they are now, for good: they are copied for it.",
}
_KIND, _END, _NOTE, _MADE = "share kind", "share end", "share note", "share made"

Shared = tuple[str, str, dict[str, list[str]]]
"""A view: its page, what it shows in a few words, and what its address says."""


def share_button(present: Services, page: str, title: str, **shown: str) -> None:
    """Draw the button; nothing where links are switched off, and in a shared view.

    Args:
        present: the services.
        page: name of the page's script, one of ``access.shareable.VIEWS``.
        title: what the view shows, in a few words.
        shown: parameters that the address leaves out because they have their usual value, but that say which data
            are shown.
    """
    if present.sharing is None:
        return
    with st.popover("Share", help="A short address of this view for somebody else"):
        query = {name: [value] for name, value in shown.items()}
        query |= {name: st.query_params.get_all(name) for name in st.query_params}
        st.segmented_control("What it shows", [LIVE, FROZEN], default=LIVE, key=_KIND, required=True)
        st.caption(_HELP[st.session_state[_KIND]])
        usual = present.sharing.settings.link_days
        choices = sorted({*DAYS.values(), usual}, key=lambda days: days or 10**9)
        st.selectbox("It ends after", choices, index=choices.index(usual), format_func=_days, key=_END)
        st.text_input("Note for its reader", key=_NOTE, max_chars=MAX_NOTE, placeholder="optional")
        view = (page, title, query)
        st.button(
            "Make the link", type="primary", key="share make", on_click=_make, args=(present.sharing, view)
        )
        _made(present, view)


def link_address(present: Services, link: Link) -> str | None:
    """The short address of a link; None when it can no longer be told."""
    code = None if present.sharing is None else present.sharing.code(link)
    return None if code is None else f"{_origin(present)}/s/{code}"


def _origin(present: Services) -> str:
    """Where people reach this server: its public address, else what this browser has it under."""
    given = None if present.sharing is None else present.sharing.settings.public_url
    parts = urlsplit(given or st.context.url or present.endpoint.address)
    return f"{parts.scheme}://{parts.netloc}"


def _wish(view: Shared) -> Wish:
    """The link as it is chosen on the screen."""
    said = st.session_state
    page, title, query = view
    note = (said[_NOTE] or "").strip()
    return Wish(page, title, query, said[_KIND] == FROZEN, said[_END], visitor().name, note)


def _make(sharing: Sharing, view: Shared) -> None:
    # Read here and not when the button was drawn: a note may have been typed since.
    wish = _wish(view)
    try:
        st.session_state[_MADE] = (wish, sharing.make(wish))
    except BertFrontierError as error:
        st.session_state[_MADE] = (wish, str(error))


def _made(present: Services, view: Shared) -> None:
    """The address of the link that was just made, as long as nothing else is chosen."""
    wish, made = st.session_state.get(_MADE, (None, None))
    if wish != _wish(view):
        return
    if not isinstance(made, Link):
        st.error(formats.literal(made))
        return
    st.code(link_address(present, made), language=None)
    assert present.sharing is not None
    st.caption(f"{_readers(present)} Revoke it under Links.")


def _readers(present: Services) -> str:
    """Who can open a link."""
    if present.door.mode == "open":
        return "Whoever reaches this server can open it, and, as it asks for no access key, everything else here."
    if present.sharing is not None and present.sharing.settings.share_links == "members":
        return "Those who may use this server can open it."
    return "Whoever has it sees this view and nothing else."


def _days(days: int) -> str:
    return next((words for words, count in DAYS.items() if count == days), f"{days} days")
