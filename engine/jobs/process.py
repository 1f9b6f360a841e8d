"""The process of a job: ``python -m engine.jobs.process HOME EXPERIMENT NUMBER KIND STAMP``."""

from __future__ import annotations

import sys
import tempfile
import traceback
from pathlib import Path

from engine.errors import BertFrontierError
from engine.jobs.state import JobKind, Reporter, job_folder
from engine.settings import Home

EXPORT_PHASES = 5
"""Phases of an export in 8 bits, of which the first are those of any export."""


def main() -> None:
    """Do the job that the arguments name, telling how far it is."""
    home, name, number, kind = Home(Path(sys.argv[1])), sys.argv[2], int(sys.argv[3]), JobKind(sys.argv[4])
    reporter = Reporter(job_folder(home, name, number, kind), int(sys.argv[5]))
    try:
        if kind is JobKind.CONFIRM:
            _confirm(home, name, number, reporter)
        else:
            _export(home, name, number, kind, reporter)
    except BertFrontierError as error:
        reporter.end("failed", str(error))
        sys.exit(1)
    except Exception as error:  # noqa: BLE001 - the process boundary: whoever waits must learn of it
        traceback.print_exc()
        reporter.end("failed", f"{type(error).__name__}: {error}")
        sys.exit(1)


def _confirm(home: Home, name: str, number: int, reporter: Reporter) -> None:
    # Imported here: torch takes seconds, and the status is written first.
    from engine.confirming import confirm_trial

    reporter.tell("loading the model and all evaluation examples", 0.0)
    confirm_trial(home, name, number, lambda share: reporter.tell("measuring", share))
    reporter.end("done", "measured on all evaluation examples")


def _export(home: Home, name: str, number: int, kind: JobKind, reporter: Reporter) -> None:
    from engine.export.bundle import export_trial, zip_folder

    folder = job_folder(home, name, number, kind)
    int8 = kind is JobKind.INT8
    phases = EXPORT_PHASES if int8 else EXPORT_PHASES - 2
    done = 0

    def report(doing: str) -> None:
        nonlocal done
        reporter.tell(doing, done / phases)
        done += 1

    with tempfile.TemporaryDirectory(prefix="export-", dir=folder.path) as place:
        target = Path(place) / f"{name}-{number}"
        export_trial(home, name, number, target, onnx=True, int8=int8, report=report)
        report("packing the zip file")
        part = folder.result.with_suffix(".part")
        zip_folder(target, part)
        part.replace(folder.result)
    reporter.end("done", "ready to download")


if __name__ == "__main__":
    main()
