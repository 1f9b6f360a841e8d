"""Who is let in: everybody, holders of the key, or those a proxy names."""

from __future__ import annotations

import pytest
from starlette.datastructures import Headers

from dashboard.access.door import OPEN, Door, Visitor, make_door
from engine.errors import SettingError
from engine.serving import ACCESS_KEY_VARIABLE, AccessSettings
from engine.settings import Home

KEY = "a key that is long enough"


@pytest.fixture(autouse=True)
def _no_key_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ACCESS_KEY_VARIABLE, raising=False)


@pytest.fixture
def home(tmp_path: object) -> Home:
    return Home(tmp_path)  # type: ignore[arg-type]


def test_an_open_door_lets_everybody_in() -> None:
    assert OPEN.visitor({}, {}) == Visitor(member=True, name="local")


def test_a_key_is_asked_for_in_four_places() -> None:
    door = Door("key", key=KEY, token="token", cookie="c")
    assert not door.visitor({}, {}).member
    assert door.visitor({}, {}, given=KEY).member
    assert door.visitor(Headers({"Authorization": f"Bearer {KEY}"}), {}).member
    assert door.visitor(Headers({"Authorization": "Bearer token"}), {}).member
    assert door.visitor({}, {"c": door.cookie_value}).member
    for wrong in ("", "token ", KEY[:-1], "é"):
        assert not door.visitor({}, {"c": wrong}, given=wrong.strip().upper()).member


def test_the_key_cannot_be_told_from_its_cookie() -> None:
    door = Door("key", key=KEY)
    assert KEY not in door.cookie_value
    assert Door("key", key=KEY + "!").cookie_value != door.cookie_value
    assert KEY not in repr(door)


def test_nothing_is_no_key() -> None:
    """A door without a key or a token must not open to those who show nothing."""
    assert not Door("key").visitor({}, {"bert_frontier": ""}, given="").member
    assert not Door("proxy").opens("")


def test_a_proxy_names_who_may_come_in() -> None:
    door = Door("proxy", token="token", header="X-User")
    assert door.visitor(Headers({"x-user": " ann "}), {}) == Visitor(member=True, name="ann")
    assert not door.visitor(Headers({"x-user": " "}), {}).member
    assert not door.visitor({}, {door.cookie: door.cookie_value}).member
    assert door.visitor(Headers({"Authorization": "Bearer token"}), {}).member


@pytest.mark.parametrize(
    ("access", "host", "mode"),
    [
        ("auto", "127.0.0.1", "open"),
        ("auto", "localhost", "open"),
        ("auto", "::1", "open"),
        ("auto", "0.0.0.0", "key"),
        ("auto", "10.0.0.5", "key"),
        ("open", "0.0.0.0", "open"),
        ("key", "127.0.0.1", "key"),
        ("proxy", "127.0.0.1", "proxy"),
    ],
)
def test_other_machines_need_a_key_unless_it_is_said_otherwise(
    access: str, host: str, mode: str, home: Home
) -> None:
    door = make_door(AccessSettings(access=access), home, host, 8501)  # type: ignore[arg-type]
    assert door.mode == mode
    assert bool(door.key) is (mode == "key")
    assert home.access_key.exists() is (mode == "key")
    assert door.header == ("X-Forwarded-User" if mode == "proxy" else None)
    assert door.entrance == (f"/?key={door.key}" if mode == "key" else "")


def test_a_key_in_the_environment_is_used(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ACCESS_KEY_VARIABLE, KEY)
    door = make_door(AccessSettings(), home, "127.0.0.1", 8501)
    assert (door.mode, door.key) == ("key", KEY)
    assert not home.access_key.exists()
    monkeypatch.setenv(ACCESS_KEY_VARIABLE, "short")
    with pytest.raises(SettingError, match="at least 16"):
        make_door(AccessSettings(), home, "127.0.0.1", 8501)


def test_servers_of_one_machine_do_not_share_a_cookie(home: Home) -> None:
    cookies = {make_door(AccessSettings(), home, "127.0.0.1", port).cookie for port in (8501, 8502)}
    assert len(cookies) == 2
