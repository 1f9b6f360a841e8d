"""Settings of who may come in are checked, each error naming the setting."""

from __future__ import annotations

from typing import Any

import pytest

from engine.errors import SettingError
from engine.serving import AccessSettings


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"access": "closed"}, "access = 'closed'"),
        ({"share_links": "all"}, "share_links = 'all'"),
        ({"link_days": -1}, "link_days = -1"),
        ({"public_url": "frontier.example"}, "public_url"),
        ({"public_url": "https://frontier.example/sub/folder"}, "public_url"),
    ],
)
def test_impossible_settings(given: dict[str, Any], told: str) -> None:
    with pytest.raises(SettingError, match=told):
        AccessSettings(**given)


def test_the_public_name_is_that_of_the_address() -> None:
    assert AccessSettings().public_host is None
    assert AccessSettings(public_url="https://frontier.example:8443/").public_host == "frontier.example"
