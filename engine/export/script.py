"""The script in an exported folder that measures the model again."""

from __future__ import annotations

from pathlib import Path

SCRIPT_FILE = "evaluate.py"

_TEXT = '''\
"""Measures this model again on the data its trial was measured on, and compares with what the trial recorded.

    python evaluate.py [--dataset PATH] [--eval-dataset PATH]

It needs the package bert-frontier, in the version that exported this folder ({version}) or a later one. The exit
status is 0 if every figure is reproduced, 1 if one differs by more than rounding, 2 if it could not be measured.
"""

from pathlib import Path

from engine.cli.reproduce import main

if __name__ == "__main__":
    main(Path(__file__).resolve().parent)
'''


def write_script(folder: Path, version: str) -> None:
    """Write ``evaluate.py``; ``version`` is this program's."""
    (folder / SCRIPT_FILE).write_text(_TEXT.format(version=version), encoding="utf-8")
