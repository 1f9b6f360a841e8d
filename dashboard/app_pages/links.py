"""All shared links: what they show, whose they are, whether they are used, and the way to take them back."""

from __future__ import annotations

import streamlit as st

from dashboard import formats
from dashboard.access.sessions import visitor
from dashboard.access.shareable import VIEWS
from dashboard.components.notices import attempt
from dashboard.components.share import link_address
from dashboard.live import follow
from dashboard.services import Services, services
from storage.links import Link

PAGE_SIZE = 20
_STATES = {"open": "green", "expired": "gray", "revoked": "red"}


def page() -> None:
    """Draw the links."""
    present = services()
    st.title("Links")
    if present.sharing is None:
        st.info("Whoever runs this server has switched shared links off (--share-links off).")
        return
    sharing = present.sharing
    follow(
        present.store, lambda: tuple((link.link_id, link.uses, link.revoked_at) for link in sharing.listed())
    )
    links = sharing.listed()
    if not links:
        _nothing_yet()
        return
    now = present.store.now()
    over = sum(link.state(now) != "open" for link in links)
    with st.container(horizontal=True, vertical_alignment="center"):
        gone = f", {over} that are over" if over else ""
        st.caption(f"{_counted(len(links) - over, 'open link')}{gone}", width="stretch")
        if over:
            show = st.toggle("Show those that are over", key="over", bind="query-params")
            links = links if show else [link for link in links if link.state(now) == "open"]
    pages = -(-len(links) // PAGE_SIZE)
    number = st.pagination(pages, key="page") if pages > 1 else 1
    for link in links[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]:
        _link(present, link)


def _link(present: Services, link: Link) -> None:
    state = link.state(present.store.now())
    with st.container(border=True, key=f"link_{link.link_id}"):
        what, times, use, actions = st.columns([3.2, 2.6, 2.2, 2.2], vertical_alignment="center")
        with what.container(gap="xxsmall"):
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.markdown(f"**{formats.literal(link.title)}**", width="content")
                st.badge(state, color=_STATES[state])  # type: ignore[arg-type]
            kind = "live" if link.frozen_at is None else f"frozen on {formats.moment(link.frozen_at)}"
            st.caption(f"{VIEWS[link.page].words.capitalize()} \u00b7 {kind}")
            if link.note:
                st.markdown(formats.literal(link.note))
        with times:
            st.caption(
                f"Made by {formats.literal(link.creator)}, {formats.ago(link.created_at)}  \n{_end(link)}"
            )
        with use:
            st.caption(_use(link))
        if state == "open":
            with actions.container(horizontal=True, horizontal_alignment="right"):
                _actions(present, link)


def _actions(present: Services, link: Link) -> None:
    with st.popover("Address", width="content"):
        address = link_address(present, link)
        if address is None:
            st.markdown("It was shown when the link was made, and cannot be told again.")
        else:
            st.code(address, language=None)
    with st.popover("Revoke", width="content"):
        st.markdown("It stops working at once, for everybody who has it, and cannot be brought back.")
        assert present.sharing is not None
        st.button(
            "Revoke this link",
            type="primary",
            key=f"revoke {link.link_id}",
            on_click=attempt,
            args=(present.sharing.revoke, link.link_id, visitor().name),
        )


def _end(link: Link) -> str:
    if link.revoked_at is not None:
        return f"revoked by {formats.literal(link.revoked_by or '')}, {formats.moment(link.revoked_at)}"
    return "never ends" if link.expires_at is None else f"until {formats.moment(link.expires_at)}"


def _use(link: Link) -> str:
    if link.last_used_at is None:
        return "not opened yet"
    times = "once" if link.uses == 1 else f"{link.uses:,} times"
    return f"opened {times}  \nlast {formats.ago(link.last_used_at)}"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _nothing_yet() -> None:
    st.markdown(
        "A link shows one view to somebody else: an experiment, a trial, a comparison, a query. "
        "It works without an account, opens nothing beside that view, and ends when you say."
    )
    st.markdown(
        "Open the view and press **Share**. The links you make are listed here, with who made them and when "
        "they were last used, and can be revoked."
    )


page()
