"""Every two trials of a comparison on their common examples, with the way to those that tell them apart."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard import formats
from dashboard.comparison import pairs_frame
from dashboard.components.address import choice
from dashboard.components.navigate import go
from dashboard.scores import main_score
from dashboard.services import Services
from engine.claims.pairs import FEWEST, SIGNIFICANT, Pair
from engine.comparing import Chosen, compared_pairs, paired_metrics
from storage.changes import fingerprints
from storage.store import Store

KEPT = 32
"""Comparisons whose pairs are remembered."""


def compare_pairs(present: Services, chosen: Sequence[Chosen]) -> None:
    """Draw the table of pairs; a click on a number of examples shows them."""
    metrics = paired_metrics(present.store, chosen)
    if not metrics:
        st.info(
            "These trials cannot be compared example by example: fewer than two of them kept their scores that way. "
            "A trial keeps those of its task's own metric and of the metrics its experiment names, when it completes."
        )
        return
    score = main_score(chosen[0].spec)
    metric = metrics[0]
    if len(metrics) > 1:
        start = score if score in metrics else metrics[0]
        metric = choice("Metric", "pairs", metrics, start, words=formats.axis_label, width=330)
    names = tuple(item.name for item in chosen)
    experiments = {item.experiment.name for item in chosen}
    state = hash(tuple(sorted((n, f) for n, f in fingerprints(present.store).items() if n in experiments)))
    pairs = _pairs(present.store, str(present.store.path), names, metric, state, chosen)
    _table(present, chosen, pairs, metric)


@st.cache_resource(max_entries=KEPT, show_spinner="Comparing example by example")
def _pairs(
    _store: Store,
    path: str,  # noqa: ARG001
    names: tuple[str, ...],  # noqa: ARG001
    metric: str,
    state: int,  # noqa: ARG001
    _chosen: Sequence[Chosen],
) -> list[Pair]:
    """Arguments with an underscore are no part of the cache's key; the others are."""
    return compared_pairs(_store, _chosen, metric)


def _table(present: Services, chosen: Sequence[Chosen], pairs: Sequence[Pair], metric: str) -> None:
    frame = pairs_frame(pairs, metric)
    by_name = {item.name: item for item in chosen}

    def opened() -> None:
        if present.shared:
            return
        selection = st.session_state["pairs_table"].selection
        for row, column in selection.cells:
            _show(by_name, pairs[row], reverse=column == "only the second right")
        for row in selection.rows:
            _show(by_name, pairs[row], reverse=False)

    st.dataframe(
        frame,
        hide_index=True,
        height="content",
        row_height=30,
        placeholder="\u2013",
        key="pairs_table",
        on_select=opened,
        selection_mode=["single-row", "single-cell"],
        column_config={
            "what is shown": st.column_config.TextColumn("what is shown", width=230),
            **{
                name: st.column_config.NumberColumn(name, format="localized")
                for name in ("only the first right", "only the second right", "common examples")
            },
        },
        alt="Every two trials compared",
    )
    known = [pair for pair in pairs if pair.reason is None]
    if not known:
        return
    test = "McNemar\u2019s exact test" if known[0].test == "McNemar" else "a paired bootstrap"
    corrected = (
        f"; p of all pairs is corrected for the {len(known)} comparisons (Holm)" if len(known) > 1 else ""
    )
    more = "" if present.shared else " Click a number of examples to read them."
    st.caption(
        f"Difference in {formats.label(metric)}, the second minus the first, on their common examples "
        f"(at least {FEWEST}), with 90 % intervals by a paired bootstrap. p is by {test}{corrected}. A difference "
        f"counts as shown below {SIGNIFICANT:g}. Seeds of training are not in it: another training of the same "
        f"settings comes out a little different.{more}"
    )


def _show(by_name: dict[str, Chosen], pair: Pair, *, reverse: bool) -> None:
    """The answers that tell a pair apart, beside those of the other trial; of one experiment only."""
    first, second = (pair.second, pair.first) if reverse else (pair.first, pair.second)
    if by_name[first].experiment.name == by_name[second].experiment.name:
        go("trial", id=first, part="Answers", show="only-this", **{"with": second})
    else:
        go("trial", id=first, part="Answers")
