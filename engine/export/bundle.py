"""Exports a trial: model, card, checked ONNX files, a script that reproduces its figures, and checksums."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

from engine.export.card import add_to_card
from engine.export.checksums import write_checksums
from engine.export.onnx_session import require_onnx
from engine.export.script import write_script
from engine.exporting import check_new, export_folder, trial_folder
from engine.settings import Home
from engine.trial_record import TrialRecord, record_of

ONNX_FOLDER = "onnx"


def export_trial(
    home: Home,
    name: str,
    number: int,
    target: Path,
    *,
    onnx: bool = False,
    int8: bool = False,
    report: Callable[[str], None] | None = None,
) -> Path:
    """Export a trial into a new folder, in one step; gives that folder.

    Nothing but the trial's own folder is read, so a server may own the database.

    Args:
        home: where experiments are.
        name: the experiment.
        number: the trial.
        target: the new folder.
        onnx: write ``onnx/model.onnx`` too.
        int8: write ``onnx/model_int8.onnx`` too, and the file it is made from.
        report: called with what is being done, phase by phase.

    Raises:
        UnknownNameError: when there is no such trial.
        ModelError: when the trial has no model, or its ONNX file does not agree with it.
        SettingError: when the target exists or cannot be written, or packages for ONNX are missing.
    """
    source = trial_folder(home, name, number)
    check_new(target)
    if onnx or int8:
        require_onnx()
    tell = report or _silently
    tell("copying the model")
    record = record_of(source, home.cache)

    def finish(folder: Path) -> None:
        record.write(folder)
        files = _write_onnx(folder, record, tell, int8=int8) if onnx or int8 else None
        write_script(folder, metadata.version("bert-frontier"))
        add_to_card(folder, record, files)
        write_checksums(folder)

    return export_folder(source.model, target, finish)


def _silently(doing: str) -> None:
    """For those whom nobody asks how far they are."""


def zipped_trial(home: Home, name: str, number: int) -> bytes:
    """An exported trial as a zip file whose only folder is named after the trial."""
    buffer = io.BytesIO()
    with tempfile.TemporaryDirectory(prefix="bert-frontier-export-") as place:
        zip_folder(export_trial(home, name, number, Path(place) / f"{name}-{number}"), buffer)
    return buffer.getvalue()


def zip_folder(folder: Path, target: Path | io.BytesIO) -> None:
    """Write a zip file whose only folder is this one."""
    # Weights do not compress; storing them keeps the download quick.
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder.parent))


def _write_onnx(
    folder: Path, record: TrialRecord, tell: Callable[[str], None], *, int8: bool
) -> tuple[Any, Any]:
    """The ONNX file and, if asked for, the comparison of its int8 version with it."""
    # Imported here: torch takes seconds, and an export without ONNX needs none of it.
    from engine.distill.measuring.measurement import latency_length
    from engine.distill.models.folder import load_student
    from engine.distill.students.anatomy import head_of
    from engine.export.onnx_export import export_onnx
    from engine.export.onnx_int8 import compare_int8, quantise_onnx

    tell("writing the ONNX file and checking it against the model")
    model, tokenizer = load_student(folder)
    fp32 = export_onnx(model, tokenizer, folder / ONNX_FOLDER, head_of(model))
    if not int8:
        return fp32, None
    training = record.experiment.training
    tell("turning the encoder's matrices into 8 bits")
    small = quantise_onnx(fp32, model)
    tell("comparing and timing both files")
    return fp32, compare_int8(
        fp32, small, model, length=latency_length(model, training), repeats=training.latency_repeats
    )
