"""What files hold, as hashes: names for caches that follow their sources, and a seal that shows damage."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from pathlib import Path

SEAL_FILE = "seal.json"
MEMO_FILE = "content.json"


def file_hash(path: Path) -> str:
    """SHA-256 of a file's content (hexadecimal)."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def seal(folder: Path) -> None:
    """Write down what every file in the folder holds."""
    hashes = {str(path.relative_to(folder)): file_hash(path) for path in _files(folder)}
    (folder / SEAL_FILE).write_text(json.dumps(hashes, indent=1), encoding="utf-8")


def is_whole(folder: Path) -> bool:
    """Whether the folder holds what it held when it was sealed: no file changed, none is missing or was added."""
    try:
        hashes = json.loads((folder / SEAL_FILE).read_text(encoding="utf-8"))
        return bool({str(path.relative_to(folder)): file_hash(path) for path in _files(folder)} == hashes)
    except (OSError, ValueError):
        return False


def source_hash(source: Path, cache: Path) -> str:
    """SHA-256 over names and content of a file, or of all files in a folder.

    What a file holds is remembered in the cache by path, size and time of change, so that a large model is read once.
    """
    memo = _read_memo(cache)
    before = dict(memo)
    files = sorted(path for path in source.rglob("*") if path.is_file()) if source.is_dir() else [source]
    digest = hashlib.sha256()
    for path in files:
        name = str(path.relative_to(source)) if source.is_dir() else ""
        digest.update(f"{name}\0{_remembered(path, memo)}\0".encode("utf-8", "surrogateescape"))
    if memo != before:
        _write_memo(cache, memo)
    return digest.hexdigest()


def _remembered(path: Path, memo: dict[str, str]) -> str:
    stat = path.stat()
    key = f"{path.resolve()}:{stat.st_size}:{stat.st_mtime_ns}"
    if key not in memo:
        memo[key] = file_hash(path)
    return memo[key]


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != SEAL_FILE)


def _read_memo(cache: Path) -> dict[str, str]:
    try:
        found = json.loads((cache / MEMO_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _write_memo(cache: Path, memo: dict[str, str]) -> None:
    """Replace the memo in one step; should two processes write at once, one of them hashes again next time."""
    cache.mkdir(parents=True, exist_ok=True)
    part = cache / f".{MEMO_FILE}.{os.getpid()}.{secrets.token_hex(4)}"
    part.write_text(json.dumps(memo), encoding="utf-8")
    part.replace(cache / MEMO_FILE)
