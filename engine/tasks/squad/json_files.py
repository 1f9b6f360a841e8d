"""Reads SQuAD 1.1 and 2.0 files, plain or gzip, and says exactly what is wrong with one that is neither."""

from __future__ import annotations

import gzip
import json
import zlib
from pathlib import Path
from typing import TypeVar

from engine.errors import DatasetError
from engine.tasks.squad.records import Builder, Dataset

GZIP_MAGIC = b"\x1f\x8b"
KIND_NAMES = {
    dict: "an object",
    list: "a list",
    str: "a string",
    int: "a whole number",
    bool: "true or false",
}

T = TypeVar("T")


def read_squad_file(path: Path) -> Dataset:
    """Read a ``.json`` or ``.json.gz`` file in SQuAD 1.1 or 2.0 form.

    Raises:
        DatasetError: The file is missing, unreadable, damaged, or not in SQuAD form.
    """
    document = _read_json(path)
    builder = Builder(str(path))
    try:
        _walk(document, builder)
    except _ShapeError as error:
        raise DatasetError(
            f"{path} is not in SQuAD form: {error}. Expected "
            '{"data": [{"title", "paragraphs": [{"context", "qas": [{"id", "question", "answers"}]}]}]}'
        ) from error
    return builder.finish()


def _read_json(path: Path) -> object:
    content = _read_bytes(path)
    if not content.strip():
        raise DatasetError(f"{path} is empty; download it again or give another file")
    try:
        return json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise DatasetError(f"{path} is not text in UTF-8 ({error.reason} at byte {error.start})") from error
    except json.JSONDecodeError as error:
        raise DatasetError(
            f"{path} is not JSON: {error.msg} at line {error.lineno}, column {error.colno}. "
            "Give a file in SQuAD form such as train-v2.0.json"
        ) from error
    except RecursionError as error:
        raise DatasetError(f"{path} is not in SQuAD form: it is nested too deeply to be read") from error


def _read_bytes(path: Path) -> bytes:
    try:
        content = path.expanduser().read_bytes()
    except FileNotFoundError as error:
        raise DatasetError(
            f"no file at {path} (looked at {path.expanduser().absolute()}); "
            "check the path given with --dataset"
        ) from error
    except IsADirectoryError as error:
        raise DatasetError(
            f"{path} is a folder; give the file inside it, such as {path}/train-v2.0.json"
        ) from error
    except (OSError, RuntimeError) as error:
        raise DatasetError(f"{path} cannot be read: {error}") from error
    if not content.startswith(GZIP_MAGIC):
        if path.suffix == ".gz" and content:
            raise DatasetError(
                f"{path} is named .gz but is not gzip; rename it to .json or download it again"
            )
        return content
    try:
        return gzip.decompress(content)
    except (EOFError, OSError, zlib.error) as error:
        raise DatasetError(f"{path} is damaged gzip ({error}); download it again") from error


class _ShapeError(Exception):
    """The document departs from the SQuAD form; the text names the key."""


def _field(node: object, key: str, kind: type[T], where: str, default: T | None = None) -> T:
    if not isinstance(node, dict):
        raise _ShapeError(f"{where or 'the document'} must be an object, found {_kind_name(node)}")
    name = f"{where}.{key}" if where else key
    value = node.get(key, default)
    if value is None:
        raise _ShapeError(f"{name} is {'null' if key in node else 'missing'}")
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise _ShapeError(f"{name} must be {KIND_NAMES[kind]}, found {_kind_name(value)}")
    return value


def _kind_name(value: object) -> str:
    return "null" if value is None else KIND_NAMES.get(type(value), "a number")


def _walk(document: object, builder: Builder) -> None:
    for i, article in enumerate(_field(document, "data", list, "")):
        topic = _field(article, "title", str, f"data[{i}]", "")
        for j, paragraph in enumerate(_field(article, "paragraphs", list, f"data[{i}]")):
            where = f"data[{i}].paragraphs[{j}]"
            context = _field(paragraph, "context", str, where)
            for k, entry in enumerate(_field(paragraph, "qas", list, where)):
                at = f"{where}.qas[{k}]"
                answers = _answers(entry, at)
                question = _field(entry, "question", str, at)
                builder.add(_identifier(entry, at), question, context, answers, topic)


def _identifier(entry: object, where: str) -> str:
    value = _field(entry, "id", object, where)
    if not isinstance(value, str | int):
        raise _ShapeError(f"{where}.id must be a string, found {_kind_name(value)}")
    return str(value)


def _answers(entry: object, where: str) -> list[tuple[str, int]]:
    """Return the accepted answers; plausible answers of impossible questions are not accepted ones."""
    if _field(entry, "is_impossible", bool, where, default=False):
        return []
    pairs: list[tuple[str, int]] = []
    for n, answer in enumerate(_field(entry, "answers", list, where)):
        at = f"{where}.answers[{n}]"
        pairs.append((_field(answer, "text", str, at), _field(answer, "answer_start", int, at)))
    return pairs
