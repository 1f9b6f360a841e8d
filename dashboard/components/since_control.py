"""From when on changes are shown: a choice that stands in the address, and what changed, in one line."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import streamlit as st

from dashboard import formats, moments
from dashboard.components.address import note
from dashboard.services import Services
from engine.overview import Overview
from engine.since import changes_since
from storage.totals import ended_since

PARAMETER = "since"
_PICKED = "since picked"
_EXACT = "since exactly"


def since_control(present: Services, view: Overview) -> datetime | None:
    """Draw the choice; gives the moment chosen, None for none."""
    moment = moments.read_moment(st.query_params.get(PARAMETER, ""))
    now = present.store.now()
    place = moments.zone(st.context.timezone)
    words = "What changed" if moment is None else f"Since {moments.moment_words(moment, now, place)}"
    with st.popover(words, help="Ring the trials that ended since a moment, and say what they changed."):
        st.session_state[_PICKED] = None
        st.pills(
            "In the last",
            list(moments.RECENT),
            key=_PICKED,
            on_change=lambda: _note(now - moments.RECENT[st.session_state[_PICKED]]),
        )
        shown = None if moment is None else moment.astimezone(place).replace(tzinfo=None)
        st.session_state[_EXACT] = shown
        first = view.cost.spent and view.experiment.created_at.astimezone(place).replace(tzinfo=None)
        st.datetime_input(
            f"Since ({place.key})",
            value=None,
            min_value=min(first, shown) if first and shown else first or None,
            key=_EXACT,
            on_change=lambda: _note(st.session_state[_EXACT], place),
        )
        if moment is not None:
            st.button("Show no changes", key="since off", on_click=note, args=(PARAMETER, ""))
    return moment


def since_line(present: Services, view: Overview, moment: datetime) -> None:
    """Say what changed since a moment."""
    ended = ended_since(present.store, view.experiment.experiment_id, moment)
    changes = changes_since(view.outcomes, ended, moment)
    now = present.store.now()
    told = moments.moment_words(moment, now, moments.zone(st.context.timezone))
    st.markdown(f"**Since {told} ({formats.ago(moment, now)}):** {formats.literal(changes.sentence)}")


def _note(chosen: datetime | None, place: ZoneInfo | None = None) -> None:
    """Write a moment into the address; one without a zone is of the given place."""
    if chosen is None:
        note(PARAMETER, "")
        return
    note(PARAMETER, moments.write_moment(chosen if place is None else chosen.replace(tzinfo=place)))
