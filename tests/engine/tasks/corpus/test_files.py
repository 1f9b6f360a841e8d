"""Finding and reading text: every kind of file, and what is said of those that are none."""

from __future__ import annotations

import gzip
import json
import lzma
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.errors import DatasetError
from engine.tasks.corpus.files import find_text_files, is_text_path, read_passages

TEXT = "The first passage.\n\n  Der zweite: Ångström, 日本. \n   \nthe last without an end"
PASSAGES = ["The first passage.", "Der zweite: Ångström, 日本.", "the last without an end"]
JSON = "".join(json.dumps({"id": n, "text": text}) + "\n" for n, text in enumerate(TEXT.split("\n\n")))


@pytest.mark.parametrize("content", [TEXT, JSON], ids=["txt", "jsonl"])
@pytest.mark.parametrize(
    ("packing", "pack"),
    [("", bytes), (".gz", gzip.compress), (".xz", lzma.compress)],
    ids=["plain", "gz", "xz"],
)
def test_every_kind_of_file_gives_its_passages(
    tmp_path: Path, content: str, packing: str, pack: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / f"a{'.txt' if content is TEXT else '.jsonl'}{packing}"
    path.write_bytes(pack(content.encode()))
    assert list(read_passages(path)) == PASSAGES
    assert find_text_files(str(path)) == (path,)


def test_another_text_field_can_be_named(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"body": "one\\ntwo"}\n\n{"body": ""}\n{"body": "three"}\n', encoding="utf-8")
    assert list(read_passages(path, "body")) == ["one", "two", "three"]


def test_folders_and_patterns_give_their_texts_by_name(tmp_path: Path) -> None:
    for name in ("b.txt", "a.txt.xz", "sub/c.jsonl.gz", "sub/d.csv", "e.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()

    def found(source: str) -> list[str]:
        return [str(path.relative_to(tmp_path)) for path in find_text_files(source)]

    assert found(str(tmp_path)) == ["a.txt.xz", "b.txt", "sub/c.jsonl.gz"]
    assert found(f"{tmp_path}/*.txt*") == ["a.txt.xz", "b.txt"]
    assert found(f"{tmp_path}/**/*.gz") == ["sub/c.jsonl.gz"]
    assert found(f"{tmp_path}/s?b/*") == ["sub/c.jsonl.gz"]


def test_paths_are_told_from_hub_names(tmp_path: Path) -> None:
    for source in ("a.txt", "owner/text.jsonl.gz", "./x", "~/x", "/x", "text/*", str(tmp_path)):
        assert is_text_path(source)
    for source in ("owner/dataset", "owner/dataset:config", "wikitext", ""):
        assert not is_text_path(source)


def test_what_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "table.csv").touch()
    (tmp_path / "empty").mkdir()
    for source, message in (
        ("missing.txt", "does not exist"),
        ("table.csv", "not of a kind"),
        ("empty", "holds no text"),
        ("no*.txt", "no text matches"),
    ):
        with pytest.raises(DatasetError, match=message):
            find_text_files(str(tmp_path / source))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", b"good\n\xff\xfe\n", "not UTF-8"),
        ("a.txt.gz", b"plain", "cannot be read"),
        ("a.txt.xz", b"plain", "cannot be read"),
        ("a.txt.gz", gzip.compress(b"some text\n" * 99, mtime=0)[:-9], "cannot be read"),
        ("a.jsonl", b'{"text": "good"}\n{"text": \n', "line 2 is no JSON"),
        ("a.jsonl", b'{"body": "good"}\n', "line 1 has no text in the field 'text'"),
        ("a.jsonl", b'["good"]\n', "line 1 has no text"),
    ],
)
def test_damaged_files_are_told(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DatasetError, match=message):
        list(read_passages(tmp_path / name))
