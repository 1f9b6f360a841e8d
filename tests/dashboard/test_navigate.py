"""Ways to other pages, of which a shared view has none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.services import Services, provide

ROOT = Path(__file__).resolve().parents[2] / "dashboard"


def drawn() -> None:
    from dashboard.components.navigate import link

    link("experiment", ":blue[**demo**] again", id="demo")


def test_a_shared_view_has_words_where_others_have_links(present: Services) -> None:
    provide(replace(present, shared=True))
    at = AppTest.from_function(drawn).run()
    assert not at.exception
    assert [element.value for element in at.markdown] == ["**demo** again"]
    assert not at.get("page_link")


@pytest.mark.parametrize("shared", [True, False])
def test_a_shared_view_goes_nowhere(present: Services, monkeypatch: pytest.MonkeyPatch, shared: bool) -> None:
    from dashboard.components import navigate

    state: dict[str, object] = {}
    monkeypatch.setattr(navigate.st, "session_state", state)
    provide(replace(present, shared=shared))
    navigate.go("trial", id="demo/2")
    assert bool(state) is not shared
    assert (navigate.opener("demo") is None) is shared
    assert navigate.where_it_leads("Click it.") == ("" if shared else " Click it.")


def test_nothing_else_links_to_pages() -> None:
    """In a shared view there is no other page, so that a link of Streamlit's own to one would be an error."""
    found = [
        str(path.relative_to(ROOT))
        for path in ROOT.rglob("*.py")
        if any(word in path.read_text(encoding="utf-8") for word in ("st.page_link", "st.switch_page"))
    ]
    assert found == ["components/navigate.py"]
