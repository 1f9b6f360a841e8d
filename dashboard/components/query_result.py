"""The result of a query: as a table or a chart, or the plan behind it, and as files."""

from __future__ import annotations

from functools import partial

import streamlit as st

from dashboard import formats
from dashboard.charts.query import query_chart
from dashboard.components.chart import chart
from dashboard.components.query_address import CHART, PLAN, TABLE, VIEW, VIEWS, say, view
from dashboard.query_charts import KINDS, SETTINGS, ChartChoice, chart_choice, numbers
from dashboard.query_runs import QueryRun, rows_to_show
from dashboard.views import colours
from storage.result_formats import to_arrow, to_csv, to_json, to_parquet
from storage.sql import QueryResult

_FILES = (
    ("CSV", "csv", to_csv, "text/csv"),
    ("JSON", "json", to_json, "application/json"),
    ("Parquet", "parquet", to_parquet, "application/vnd.apache.parquet"),
    ("Arrow", "arrow", to_arrow, "application/vnd.apache.arrow.file"),
)
_PLAN_COLUMNS = ["explain_key", "explain_value"]
_WORDS = {TABLE: "Table", CHART: "Chart", PLAN: "Plan"}


def query_result(run: QueryRun, *, fixed: bool) -> None:
    """Draw the result of a run that has ended.

    Args:
        run: the run.
        fixed: whether its way of being shown cannot be changed, as in a shared view.
    """
    if run.error is not None:
        st.error("The query did not run.")
        st.code(str(run.error), language=None)
        return
    assert run.result is not None
    if run.result.columns == _PLAN_COLUMNS:
        _head(run.result, fixed=fixed, counted=False)
        st.code("\n".join(str(row[1]) for row in run.result.rows), language=None)
        return
    _head(run.result, fixed=fixed, counted=True)
    if run.result.truncated:
        st.warning(
            "There were more rows than the limits allow; these are the first. Narrow the query or group it."
        )
    if view() == CHART:
        _chart(run, fixed=fixed)
    else:
        _table(run)


def _head(result: QueryResult, *, fixed: bool, counted: bool) -> None:
    rows = "1 row" if len(result.rows) == 1 else f"{len(result.rows):,} rows"
    taken = formats.duration(result.seconds) if result.seconds >= 1 else f"{1000 * result.seconds:.0f} ms"
    with st.container(horizontal=True, vertical_alignment="center"):
        if not fixed:
            st.session_state["shown as"] = view()
            st.segmented_control(
                "Show as",
                VIEWS,
                format_func=_WORDS.__getitem__,
                key="shown as",
                required=True,
                label_visibility="collapsed",
                on_change=lambda: say(VIEW, _unless(st.session_state["shown as"], TABLE)),
            )
        st.markdown(f"**{rows}** in {taken}" if counted else f"Planned in {taken}", width="stretch")
        if counted:
            for name, suffix, make, mime in _FILES:
                st.download_button(
                    name,
                    data=partial(make, result),
                    file_name=f"result.{suffix}",
                    mime=mime,
                    on_click="ignore",
                    key=f"download {name}",
                )


def _unless(value: str, usual: str) -> str | None:
    return None if value == usual else value


def _table(run: QueryRun) -> None:
    frame = run.frame
    most = rows_to_show(frame)
    if most < len(frame):
        st.caption(f"The first {most:,} of {len(frame):,} rows are shown; the files have all of them.")
    st.dataframe(
        frame.head(most), hide_index=True, placeholder="NULL", key="result", alt="Rows of the result"
    )


def _chart(run: QueryRun, *, fixed: bool) -> None:
    asked = ChartChoice.of(st.query_params)
    choice = chart_choice(run.frame, asked)
    if choice is None:
        st.info("A chart needs rows and at least one column of numbers.")
        return
    if not fixed:
        _choices(run, choice)
    chart(query_chart(run.frame, choice, colours()), key="query chart", alt="Chart of the result")


def _choices(run: QueryRun, choice: ChartChoice) -> None:
    names, measured = [str(name) for name in run.frame], numbers(run.frame)
    options = {
        "kind": list(KINDS),
        "x": names,
        "y": measured,
        "colour": ["", *names],
    }
    if choice.kind == "histogram":
        del options["y"]
    with st.container(horizontal=True, key="sql_chart"):
        for name in SETTINGS:
            if name in options:
                st.session_state[f"chart {name}"] = getattr(choice, name)
                st.selectbox(
                    {"kind": "Kind", "colour": "Colour"}.get(name, name),
                    options[name],
                    format_func=lambda option: option or "none",
                    key=f"chart {name}",
                    width=180,
                    on_change=_choose,
                    args=(name,),
                )


def _choose(name: str) -> None:
    say(name, st.session_state[f"chart {name}"])
