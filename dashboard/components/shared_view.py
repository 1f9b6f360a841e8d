"""The one view of a session that opened a link: who shared it, when and how, above the page that draws it."""

from __future__ import annotations

import logging
from collections.abc import Callable

import streamlit as st

from dashboard import formats
from dashboard.access.sessions import Shown, watch
from dashboard.access.shareable import VIEWS
from dashboard.access.sharing import Closed
from engine.errors import BertFrontierError
from storage.totals import ended_trials

COUNTED = ("experiment", "what_if")
"""Views that grow with the number of trials."""
PATH = "shared"
"""Where the view stands, see ``access.gate.SHARED``."""


def shared_view(found: Shown | Closed) -> None:
    """Draw the view, or say why there is none; no other page can be reached from here."""
    if isinstance(found, Closed):
        _navigate(lambda: _closed(found), found.title)
        return
    head = st.container()
    with head:
        _head(found)
    watch(found)
    try:
        _navigate(f"app_pages/{found.link.page}.py", found.link.title)
    except BertFrontierError as error:
        st.error(formats.literal(str(error)))
    except Exception:  # the reader is a stranger, whom a traceback would tell about this machine
        logging.getLogger(__name__).exception("link %d could not be drawn", found.link.link_id)
        st.error("This view could not be drawn. Tell whoever shared it with you.")


def shared_line(found: Shown) -> str:
    """Who shared a view, when, and as of when it shows its data."""
    link = found.link
    parts = [f"{VIEWS[link.page].words.capitalize()} shared by {formats.literal(link.creator)}"]
    if link.frozen_at is None:
        parts.append("live")
    else:
        parts.append(f"frozen on {formats.moment(link.frozen_at)}")
        if link.page in COUNTED:
            parts.append(f"{ended_trials(found.services.store):,} trials ended by then")
    if link.expires_at is not None:
        parts.append(f"open until {formats.moment(link.expires_at)}")
    return " \u00b7 ".join(parts)


def _head(found: Shown) -> None:
    with st.container(key="shared_head", gap="xxsmall"):
        st.caption(shared_line(found))
        if found.link.note:
            st.markdown(formats.literal(found.link.note))


def _closed(found: Closed) -> None:
    st.title(found.title)
    st.markdown(formats.literal(found.message))


def _navigate(source: str | Callable[[], None], title: str) -> None:
    """Run the only page there is, whatever address the browser is at."""
    pages = [st.Page(source, title=title, url_path="view", default=True)]
    pages.append(st.Page(source, title=title, url_path=PATH))
    st.navigation(pages, position="hidden").run()
