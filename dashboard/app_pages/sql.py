"""Ad hoc SQL over everything there is, with the query in the address."""

from __future__ import annotations

from functools import partial

import streamlit as st

from dashboard import formats
from dashboard.components.query_examples import examples
from dashboard.services import Services, services
from engine.errors import BertFrontierError
from storage.outline import TableOutline, schema_outline
from storage.result_formats import to_csv, to_json, to_parquet
from storage.sql import DEFAULT_LIMITS, QueryResult, run_query


def page() -> None:
    """Draw schema, editor and result."""
    present = services()
    st.title("SQL")
    tree, work = st.columns([1, 2.8], gap="medium")
    with tree.container(key="sql_schema"):
        _schema(present)
    with work:
        query = _editor(present)
        if query.strip():
            _result(present, query)


def _editor(present: Services) -> str:
    """The query to run: the one in the address, which the editor changes."""
    asked = st.query_params.get("q", "")
    if st.session_state.get("sql_asked") != asked:
        st.session_state["sql_asked"] = st.session_state["sql_text"] = asked
    with st.form("sql", border=False):
        st.text_area(
            "Query",
            key="sql_text",
            height=150,
            placeholder="SELECT trial, exact, num_parameters FROM demo WHERE on_frontier ORDER BY num_parameters",
            label_visibility="collapsed",
        )
        with st.container(horizontal=True, vertical_alignment="center"):
            st.form_submit_button("Run", type="primary", on_click=_ask, help="Ctrl+Enter")
            st.caption(
                f"Ctrl+Enter runs it. Read-only; at most {DEFAULT_LIMITS.seconds:g} s, {DEFAULT_LIMITS.rows:,} rows "
                f"and {DEFAULT_LIMITS.megabytes:g} MB. Times are UTC.",
                width="stretch",
            )
    if not asked.strip():
        st.markdown("**Try one of these**")
        for title, query in examples(present.store).items():
            with st.container(border=True):
                with st.container(horizontal=True, vertical_alignment="center"):
                    st.markdown(title, width="stretch")
                    st.button("Run", key=f"example {title}", on_click=_ask, args=(query,))
                st.code(query, language="sql")
    return asked


def _ask(query: str | None = None) -> None:
    st.query_params["q"] = st.session_state["sql_text"] if query is None else query


def _result(present: Services, query: str) -> None:
    try:
        result = run_query(present.store, query)
    except BertFrontierError as error:
        st.error("The query did not run.")
        st.code(str(error), language=None)
        return
    rows = "1 row" if len(result.rows) == 1 else f"{len(result.rows):,} rows"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"**{rows}** in {formats.duration(result.seconds) if result.seconds >= 1 else _milliseconds(result)}",
            width="stretch",
        )
        for name, make, mime in (
            ("CSV", to_csv, "text/csv"),
            ("JSON", to_json, "application/json"),
            ("Parquet", to_parquet, "application/vnd.apache.parquet"),
        ):
            st.download_button(
                name,
                data=partial(make, result),
                file_name=f"result.{name.lower()}",
                mime=mime,
                on_click="ignore",
                key=f"download {name}",
            )
    if result.truncated:
        st.warning(
            "There were more rows than the limits allow; these are the first. Narrow the query or group it."
        )
    st.dataframe(result.frame(), hide_index=True, alt="Result of the query")


def _milliseconds(result: QueryResult) -> str:
    return f"{1000 * result.seconds:.0f} ms"


def _schema(present: Services) -> None:
    outline = schema_outline(present.store)
    views = [table for table in outline if table.kind == "view"]
    tables = [table for table in outline if table.kind == "table"]
    for title, part in (("**Experiments**, one view each", views), ("**Tables**", tables)):
        if part:
            with st.container(gap="xxsmall"):
                st.markdown(title)
                for table in part:
                    _table(table)


def _table(table: TableOutline) -> None:
    with st.expander(table.name, type="compact"):
        if table.comment:
            st.caption(formats.literal(table.comment))
        for column in table.columns:
            note = f"  \n:gray[:small[{formats.literal(column.comment)}]]" if column.comment else ""
            st.markdown(f"`{column.name}` :gray[:small[{column.type.lower()}]]{note}")


page()
