"""Keeps an open page up to date: it is drawn again when what it shows has changed, and left alone otherwise."""

from __future__ import annotations

from collections.abc import Callable, Hashable

import streamlit as st

from storage.store import Store

REFRESH_SECONDS = 2.0
"""Time between two looks at an open page's data."""


def follow(store: Store, fingerprint: Callable[[], Hashable]) -> None:
    """Draw this page again as soon as the fingerprint differs; call it before reading what the page shows.

    Args:
        store: the database; while its revision stays the same the fingerprint is not even computed.
        fingerprint: a cheap function of everything the page shows.
    """
    revision = store.revision
    _tick(store, fingerprint, revision, fingerprint(), st.context.theme.type)


@st.fragment(run_every=REFRESH_SECONDS)
def _tick(
    store: Store,
    fingerprint: Callable[[], Hashable],
    revision: int,
    shown: Hashable,
    theme: str | None,
) -> None:
    # The browser tells its theme late; charts drawn before that have the wrong colours.
    if st.context.theme.type != theme or (store.revision != revision and fingerprint() != shown):
        st.rerun()
