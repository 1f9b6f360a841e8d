"""The project's Streamlit settings hold wherever the server is started."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

from dashboard.streamlit_config import config_file

PROBE = """
from streamlit import config
from dashboard.streamlit_config import apply_config
apply_config(address={address!r}, port=8765, public_host={public_host!r})
for name in ("browser.gatherUsageStats", "server.fileWatcherType", "server.port", "server.allowedHosts",
             "theme.light.primaryColor", "theme.dark.backgroundColor", "client.toolbarMode"):
    print(config.get_option(name))
"""


def probe(folder: Path, address: str, public_host: str | None = None) -> list[str]:
    """What holds in a fresh process started in another folder that has settings of its own."""
    (folder / ".streamlit").mkdir()
    (folder / ".streamlit" / "config.toml").write_text(
        "[browser]\ngatherUsageStats = true\n", encoding="utf-8"
    )
    found = subprocess.run(
        [sys.executable, "-c", PROBE.format(address=address, public_host=public_host)],
        cwd=folder,
        env={"PYTHONPATH": str(config_file().parent.parent), "HOME": str(folder)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "not a valid config option" not in found.stderr
    return found.stdout.splitlines()


def test_settings_hold_from_another_folder(tmp_path: Path) -> None:
    theme = tomllib.loads(config_file().read_text(encoding="utf-8"))["theme"]
    assert probe(tmp_path, "127.0.0.1") == [
        "False",
        "none",
        "8765",
        "['localhost', '127.0.0.1']",
        theme["light"]["primaryColor"],
        theme["dark"]["backgroundColor"],
        "minimal",
    ]


def test_the_name_outside_may_be_asked_for(tmp_path: Path) -> None:
    assert probe(tmp_path, "127.0.0.1", "frontier.example")[3].endswith("'frontier.example']")


def test_every_name_may_be_asked_for_everywhere(tmp_path: Path) -> None:
    assert probe(tmp_path, "0.0.0.0", "frontier.example")[3] == "[]"


def test_a_chosen_host_may_be_asked_for(tmp_path: Path) -> None:
    assert probe(tmp_path, "lab.example.org")[3] == "['localhost', '127.0.0.1', 'lab.example.org']"
