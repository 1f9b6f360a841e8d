"""Lines of fields in TOML texts."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from engine.spec_files import preset_names, preset_text
from engine.toml_lines import field_lines, line_of

TEXT = """\
# name = "a comment"
name = "demo"
rules = [
  "n_layers = 3",
  "n_heads == 2",
]
task.max_length = 128  # dotted
budget = { trials = 3, parallel = 1 }

[ parameters . "n_heads" ]
low = 1   # [not.a.table]
'high' = 4

[[metrics]]
name = "exact"
[[metrics]]  # the second
name = "f1"
[metrics.extra]
note = 1
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("name",), 2),
        (("rules",), 3),
        (("rules", 1), 3),
        (("task", "max_length"), 7),
        (("budget",), 8),
        (("budget", "trials"), 8),
        (("parameters", "n_heads"), 10),
        (("parameters", "n_heads", "low"), 11),
        (("parameters", "n_heads", "high"), 12),
        (("parameters", "n_heads", "log"), 10),
        (("metrics",), 14),
        (("metrics", 0), 14),
        (("metrics", 0, "name"), 15),
        (("metrics", 1), 16),
        (("metrics", 1, "name"), 17),
        (("metrics", 1, "direction"), 16),
        (("metrics", 1, "extra", "note"), 19),
        (("strategy", "name"), None),
        ((), None),
    ],
)
def test_line_of_a_field_or_of_what_is_around_it(path: tuple[str | int, ...], line: int | None) -> None:
    assert line_of(field_lines(TEXT), path) == line


@pytest.mark.parametrize("name", preset_names())
def test_every_scalar_of_a_preset_is_found_on_its_line(name: str) -> None:
    text = preset_text(name)
    lines, numbered = field_lines(text), text.splitlines()

    def check(value: Any, path: tuple[str | int, ...]) -> int:
        if isinstance(value, dict):
            return sum(check(item, (*path, key)) for key, item in value.items())
        if isinstance(value, list) and value and isinstance(value[0], dict):
            return sum(check(item, (*path, index)) for index, item in enumerate(value))
        assert numbered[lines[path] - 1].startswith(f"{path[-1]} = ")
        return 1

    assert check(tomllib.loads(text), ()) > 15
