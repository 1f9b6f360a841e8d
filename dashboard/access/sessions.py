"""Decides for each browser session what it may see: all pages, or the one view of a link."""

from __future__ import annotations

from dataclasses import dataclass, replace

import streamlit as st

from dashboard.access.door import Visitor
from dashboard.access.shareable import is_fixed
from dashboard.access.sharing import LINK_PARAMETER, Closed, looked_up
from dashboard.services import Services, limit, whole
from engine.errors import BertFrontierError
from storage.links import Link

_CODE = "code of the link"
_COUNTED = "link that was counted"
WATCH_SECONDS = 2.0
"""Time between two looks at whether an open link has been revoked or has ended."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A view to be shown.

    Attributes:
        link: that was opened.
        services: what its page is drawn with.
    """

    link: Link
    services: Services


def visitor() -> Visitor:
    """Who sits before this browser session."""
    door = whole().door
    if door.mode == "open" and door.header is None:
        return Visitor(member=True)
    return door.visitor(st.context.headers, st.context.cookies)


def asked() -> Shown | Closed | None:
    """What this session is to see: a link's view, why there is none, or None for all pages.

    A session that has once shown a link stays with links; those of visitors who may not come in have nothing else.
    """
    code = st.query_params.get(LINK_PARAMETER) or st.session_state.get(_CODE)
    who = visitor()
    if code is None:
        return (
            None if who.member else Closed("No link", "This address shows a shared view only with its link.")
        )
    st.session_state[_CODE] = code
    present = whole()
    found = looked_up(present.sharing, code)
    if isinstance(found, Closed):
        return found
    assert present.sharing is not None
    if present.sharing.settings.share_links == "members" and not who.member:
        return Closed("Not logged in", "Links of this server open for those who may use it.")
    try:
        store, home = present.sharing.data.open(found)
    except BertFrontierError as error:
        return Closed("The view is gone", str(error))
    shared = replace(present, home=home, store=store, sharing=None, shared=True)
    limit(shared)
    _hold(found)
    if st.session_state.get(_COUNTED) != found.link_id:
        st.session_state[_COUNTED] = found.link_id
        present.sharing.note_use(found)
    return Shown(found, shared)


def watch(shown: Shown) -> None:
    """Draw this session anew when its link is revoked or ends."""
    _watch(shown.link, st.session_state[_CODE], whole().store.revision)


@st.fragment(run_every=WATCH_SECONDS)
def _watch(link: Link, code: str, revision: int) -> None:
    store, sharing = whole().store, whole().sharing
    revoked = store.revision != revision and isinstance(looked_up(sharing, code), Closed)
    if revoked or link.state(store.now()) != "open":
        st.rerun()


def _hold(link: Link) -> None:
    """Put back what the address says about which data are shown, should it have been changed."""
    given = st.query_params
    for name in {*given, *link.query}:
        if name == LINK_PARAMETER or not is_fixed(link.page, name):
            continue
        wanted = link.query.get(name, [])
        if given.get_all(name) == wanted:
            continue
        if wanted:
            given[name] = wanted
        else:
            del given[name]
