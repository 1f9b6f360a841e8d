"""Choosing what is compared: trials of an experiment, trials by name, or whole experiments."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard import formats
from dashboard.components.address import note
from dashboard.components.navigate import link
from dashboard.components.notices import attempt
from dashboard.views import look
from engine.comparing import MOST, Chosen, chosen_trials, names_in
from engine.errors import SettingError
from engine.metrics import objectives
from engine.overview import Overview
from storage.experiments import ExperimentRow, list_experiments
from storage.store import Store
from storage.trials import TrialRow

OFFERED = 200
"""Trials of an experiment that are offered by name; others can be typed."""
TRIALS, EXPERIMENTS = "Trials", "Experiments"


def picker(store: Store, chosen: Sequence[Chosen], experiments: Sequence[ExperimentRow]) -> None:
    """Draw the choice; folded where there is a comparison to be seen."""
    rows = list_experiments(store)
    if not rows:
        st.info("There is no experiment yet.")
        link("new", ":blue[Set one up]")
        return
    ready = len(chosen) > 1 or len(experiments) > 1
    with st.expander("Choose what to compare", expanded=not ready, key="compare_picker"):
        kind = st.segmented_control(
            "What",
            [TRIALS, EXPERIMENTS],
            default=EXPERIMENTS if experiments and not chosen else TRIALS,
            required=True,
            key="compare_kind",
            label_visibility="collapsed",
        )
        if kind == EXPERIMENTS:
            _experiments(rows, experiments)
        else:
            _trials(store, rows, chosen)


def _experiments(rows: Sequence[ExperimentRow], chosen: Sequence[ExperimentRow]) -> None:
    st.session_state["compare experiments"] = [row.name for row in chosen]
    st.multiselect(
        f"Experiments, at most {MOST}",
        [row.name for row in reversed(rows)],
        key="compare experiments",
        max_selections=MOST,
        on_change=lambda: note(
            "experiments", ",".join(st.session_state["compare experiments"]), forget=["ids"]
        ),
    )


def _trials(store: Store, rows: Sequence[ExperimentRow], chosen: Sequence[Chosen]) -> None:
    names = [row.name for row in reversed(rows)]
    left, right = st.columns([1, 2], vertical_alignment="bottom")
    with left:
        start = chosen[-1].experiment.name if chosen else names[0]
        name = st.selectbox("Experiment", names, index=names.index(start), key="compare from")
    view, _ = look(store, name)
    own = [item.name for item in chosen if item.experiment.name == name]
    offered = {f"{name}/{trial.number}": _words(view, trial) for trial in _offered(view)}
    offered |= {known: offered.get(known, known) for known in own}
    widget = f"compare trials {name}"
    st.session_state[widget] = own
    with right:
        st.multiselect(
            f"Its trials, at most {MOST} in all",
            list(offered),
            format_func=lambda option: offered[option],
            key=widget,
            placeholder="the frontier's stand first",
            on_change=lambda: attempt(_choose, store, chosen, name, st.session_state[widget]),
        )
    st.text_input(
        "Or by name",
        key="compare typed",
        placeholder="demo/3, other/12",
        on_change=lambda: attempt(_typed, store, chosen),
    )
    elsewhere = [item.name for item in chosen if item.experiment.name != name]
    if elsewhere:
        st.caption(f"Chosen of other experiments: {formats.literal(', '.join(elsewhere))}.")


def _offered(view: Overview) -> list[TrialRow]:
    """Trials worth comparing first: the baseline, the frontier, then the other completed ones by number."""
    able = [view.teacher, *view.students]
    completed = [trial for trial in able if trial.number in view.measured]
    completed.sort(key=lambda trial: (trial.role != "baseline", not trial.on_frontier, trial.number))
    return completed[:OFFERED]


def _words(view: Overview, trial: TrialRow) -> str:
    """A trial in a line: number, place and objectives."""
    found = view.measured[trial.number].metrics
    parts = [f"trial {trial.number}" if trial.role != "teacher" else "teacher"]
    parts += [trial.role] if trial.role == "baseline" else ["frontier"] if trial.on_frontier else []
    parts += [
        formats.metric(metric.name, found[metric.name])
        for metric in objectives(view.spec.metrics)
        if metric.name in found
    ]
    return " \u00b7 ".join(parts)


def _choose(store: Store, chosen: Sequence[Chosen], name: str, wanted: Sequence[str]) -> None:
    """Keep the order of those that stay; new ones come last."""
    kept = [item.name for item in chosen if item.experiment.name != name or item.name in wanted]
    _set(store, [*kept, *(item for item in wanted if item not in kept)])


def _typed(store: Store, chosen: Sequence[Chosen]) -> None:
    names = names_in(st.session_state["compare typed"])
    _set(store, list(dict.fromkeys([*(item.name for item in chosen), *names])))
    st.session_state["compare typed"] = ""


def _set(store: Store, names: Sequence[str]) -> None:
    if len(names) > MOST:
        raise SettingError(f"at most {MOST} trials stand side by side; take one away first")
    chosen_trials(store, names)
    note("ids", ",".join(names), forget=["experiments"])
