"""Answers of trials as pages ask for them again and again: read once for each state of their files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from storage.answers import AnswerFiles, Answers, load_answers
from storage.store import Store

KEPT = 12
"""Trials whose answers are kept in memory, some megabytes each."""


def answers_of(store: Store, files: AnswerFiles) -> Answers:
    """The answers in some files.

    Raises:
        ResultFileError: A file cannot be read.
    """
    paths = (files.examples, files.own, files.teacher, files.other)
    return _load(store, tuple(None if path is None else str(path) for path in paths), _stamps(paths))


def _stamps(paths: Sequence[Path | None]) -> tuple[int, ...]:
    """When each file was changed last."""
    return tuple(path.stat().st_mtime_ns if path is not None and path.exists() else 0 for path in paths)


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _load(
    _store: Store,
    names: tuple[str | None, ...],
    stamps: tuple[int, ...],  # noqa: ARG001
) -> Answers:
    """Arguments with an underscore are no part of the cache's key; the others are."""
    examples, own, teacher, other = (None if name is None else Path(name) for name in names)
    assert examples is not None
    assert own is not None
    return load_answers(_store, AnswerFiles(examples, own, teacher, other))
