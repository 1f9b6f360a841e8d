"""Tells cheaply whether something has changed, so that an open page does no work when nothing has."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from storage.store import Store

_last: WeakKeyDictionary[Store, tuple[int, dict[str, int]]] = WeakKeyDictionary()
"""Of each store the revision that was looked at last, and what was found: many open pages ask for the same."""


def fingerprints(store: Store) -> dict[str, int]:
    """For each experiment by name, a number that changes with everything its pages show except curves and logs."""
    # Read first: what is committed while we look belongs to a later revision, which is looked at again.
    revision = store.revision
    known = _last.get(store)
    if known is not None and known[0] == revision:
        return known[1]
    found = _fingerprints(store)
    _last[store] = (revision, found)
    return found


def _fingerprints(store: Store) -> dict[str, int]:
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
