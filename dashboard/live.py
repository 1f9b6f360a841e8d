"""Keeps an open page up to date: it is drawn again when what it shows has changed, and left alone otherwise."""

from __future__ import annotations

from collections.abc import Callable, Hashable

import streamlit as st

from storage.store import Store

REFRESH_SECONDS = 2.0
"""Time between two looks at an open page's data."""


def fingerprints(store: Store) -> dict[str, int]:
    """For each experiment by name, a number that changes with everything its pages show except curves and logs."""
    with store.read() as connection:
        rows = connection.execute(
            """
            SELECT e.name, xor(
                hash(concat_ws('|', e.state, e.reason, e.finished_at)),
                coalesce(bit_xor(hash(concat_ws('|', t.trial_id, t.state, t.reason, t.on_frontier, t.requested,
                    t.progress, t.progress_message, t.attempts))), 0::UBIGINT))
            FROM experiments AS e LEFT JOIN trials AS t USING (experiment_id)
            GROUP BY e.experiment_id, e.name, e.state, e.reason, e.finished_at
            """
        ).fetchall()
    return dict(rows)


def last_event(store: Store, trial_id: int) -> int:
    """Number of the last event read from a trial; it changes with its curves."""
    with store.read() as connection:
        row = connection.execute(
            "SELECT last_seq FROM ingest_offsets WHERE trial_id = ?", [trial_id]
        ).fetchone()
    return 0 if row is None else int(row[0])


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
