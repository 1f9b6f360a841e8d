"""SHA-256 sums of a folder's files, in the form ``sha256sum -c`` reads."""

from __future__ import annotations

from pathlib import Path

from engine.distill.content import file_hash

SUMS_FILE = "SHA256SUMS"


def write_checksums(folder: Path) -> None:
    """Write ``SHA256SUMS`` over all files in and below a folder."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != SUMS_FILE)
    lines = [f"{file_hash(path)}  {path.relative_to(folder).as_posix()}\n" for path in paths]
    (folder / SUMS_FILE).write_text("".join(lines), encoding="utf-8")
