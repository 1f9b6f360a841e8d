"""The outline of the database for pages, read once for each change of the schema."""

from __future__ import annotations

import streamlit as st

from storage.outline import TableOutline, outline_version, schema_outline
from storage.store import Store


def outline(store: Store) -> list[TableOutline]:
    """Views and tables with their columns."""
    return _outline(store, str(store.path), outline_version(store))


@st.cache_resource(max_entries=8, show_spinner=False)
def _outline(_store: Store, path: str, version: int) -> list[TableOutline]:  # noqa: ARG001
    """Arguments with an underscore are no part of the cache's key; the others are."""
    return schema_outline(_store)
