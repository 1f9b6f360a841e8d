"""Hashes of content: seals show every damage, and what a file holds is read once until it changes."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path

import pytest

from engine.distill import content
from engine.distill.content import MEMO_FILE, SEAL_FILE, file_hash, is_whole, seal, source_hash


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "folder"
    (made / "inner").mkdir(parents=True)
    (made / "one.bin").write_bytes(b"one")
    (made / "inner" / "two.bin").write_bytes(b"two")
    return made


def test_a_file_has_its_sha256(tmp_path: Path) -> None:
    path = tmp_path / "abc"
    path.write_bytes(b"abc")
    # The test vector of FIPS 180-2, appendix B.1.
    assert file_hash(path) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


DAMAGES = {
    "changed": lambda folder: (folder / "inner" / "two.bin").write_bytes(b"twO"),
    "cut": lambda folder: (folder / "one.bin").write_bytes(b"on"),
    "missing": lambda folder: (folder / "one.bin").unlink(),
    "added": lambda folder: (folder / "inner" / "three.bin").touch(),
    "renamed": lambda folder: (folder / "one.bin").rename(folder / "uno.bin"),
    "seal missing": lambda folder: (folder / SEAL_FILE).unlink(),
    "seal cut": lambda folder: (folder / SEAL_FILE).write_text('{"one.bin": "'),
    "seal of no use": lambda folder: (folder / SEAL_FILE).write_text("[]"),
    "gone": shutil.rmtree,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_seal_shows_every_damage(folder: Path, damage: str) -> None:
    assert not is_whole(folder)
    seal(folder)
    assert is_whole(folder)
    os.utime(folder / "one.bin", ns=(1, 1))
    assert is_whole(folder), "content counts, not the time"
    DAMAGES[damage](folder)
    assert not is_whole(folder)


def test_a_sealed_folder_may_move(folder: Path) -> None:
    seal(folder)
    assert is_whole(folder.rename(folder.with_name("moved")))


def test_a_source_is_named_by_names_and_content(folder: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    first = source_hash(folder, cache)
    copy = shutil.copytree(folder, tmp_path / "copy")
    assert source_hash(copy, cache) == first
    (copy / "one.bin").rename(copy / "uno.bin")
    renamed = source_hash(copy, cache)
    (copy / "inner" / "two.bin").write_bytes(b"TWO")
    assert len({first, renamed, source_hash(copy, cache)}) == 3
    one = source_hash(folder / "one.bin", cache)
    assert one == hashlib.sha256(f"\0{file_hash(folder / 'one.bin')}\0".encode()).hexdigest()


def test_a_file_is_read_once_until_it_changes(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = []

    def counted(path: Path) -> str:
        read.append(path.name)
        return file_hash(path)

    monkeypatch.setattr(content, "file_hash", counted)
    first = source_hash(folder, tmp_path / "cache")
    assert sorted(read) == ["one.bin", "two.bin"]
    assert source_hash(folder, tmp_path / "cache") == first
    assert len(read) == 2
    (folder / "one.bin").write_bytes(b"ein")
    os.utime(folder / "one.bin", ns=(1, 1))
    assert source_hash(folder, tmp_path / "cache") != first
    assert read[2:] == ["one.bin"]
    assert not list((tmp_path / "cache").glob(f".{MEMO_FILE}*"))


@pytest.mark.parametrize("memo", ["", "{", "[1]", "\0"])
def test_a_damaged_memo_is_started_anew(folder: Path, tmp_path: Path, memo: str) -> None:
    cache = tmp_path / "cache"
    expected = source_hash(folder, cache)
    (cache / MEMO_FILE).write_text(memo)
    assert source_hash(folder, cache) == expected
    assert len(json.loads((cache / MEMO_FILE).read_text())) == 2
