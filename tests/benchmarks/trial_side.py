"""The process of one side of ``trial_speed``: ``python -m tests.benchmarks.trial_side JOB.json``.

Nothing heavy is imported before the clock runs, so that start-up is measured as it is.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path

from tests.benchmarks.phases import Phases


def main() -> None:
    """Import the side's module (``product_trial`` or ``reference_script``), run it, and write its figures."""
    job = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    phases = Phases(job["spawned"])
    side = importlib.import_module(f"tests.benchmarks.{job['side']}")
    phases.end("start-up")
    figures = side.run(Path(job["folder"]), job["threads"], phases)
    phases.write(Path(job["result"]), **figures)


if __name__ == "__main__":
    main()
