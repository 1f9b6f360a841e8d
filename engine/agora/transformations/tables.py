"""Reads a table of words and what may take their place from a file, such as synonyms or antonyms of WordNet."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from engine.errors import SettingError

Table = Mapping[str, tuple[str, ...]]
"""Other words for each word, the most usual first; words in lower case."""

_Entry = tuple[int, str]


def read_table(source: str, senses: int = 0) -> Table:
    """Read a table.

    A JSON file (``.json``) holds one object, ``{"word": ["other", ...]}``. Any other is read as lines of fields
    between tabs: ``word, others`` or ``word, part of speech, others``, with ``|`` between others. Another word may
    carry the rank of the sense it is of, ``motorcar:1``, where 1 is the most usual. Either may be compressed
    (``.gz``). Lines that are empty or begin with ``#`` say nothing; several lines of a word add up.

    Args:
        source: the file.
        senses: ranks above this are left out; 0 takes all. Others without a rank are taken in any case.

    Raises:
        SettingError: The file cannot be read, is in another form, or nothing is in it.
    """
    path = Path(source).expanduser()
    try:
        raw = path.read_bytes()
        if path.suffix == ".gz":
            raw, path = gzip.decompress(raw), path.with_suffix("")
        text = raw.decode("utf-8")
        entries = _of_json(text) if path.suffix == ".json" else _of_lines(text)
        found: dict[str, list[_Entry]] = {}
        for word, others in entries:
            found.setdefault(word.strip().casefold(), []).extend(others)
    except (OSError, EOFError, zlib.error, ValueError) as error:
        raise SettingError(
            f"table {source} cannot be used: {error}; give lines of 'word<TAB>other|other' or a JSON object"
        ) from error
    table = {word: _ranked(word, others, senses) for word, others in found.items()}
    table = {word: others for word, others in table.items() if others}
    if not table:
        raise SettingError(f"table {source} holds no words; give lines of 'word<TAB>other|other'")
    return table


def _of_json(text: str) -> Iterator[tuple[str, list[_Entry]]]:
    document = json.loads(text)
    if not isinstance(document, dict):
        raise ValueError("it is not one JSON object")  # noqa: TRY004 - put into words above
    for word, others in document.items():
        if not isinstance(others, list) or not all(isinstance(other, str) for other in others):
            raise ValueError(f"{word!r} has no list of words")
        yield word, [(0, other) for other in others]


def _of_lines(text: str) -> Iterator[tuple[str, list[_Entry]]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        fields = line.split("\t")
        if len(fields) not in (2, 3):
            raise ValueError(f"line {number} has {len(fields)} fields between tabs instead of two or three")
        yield fields[0], [_entry(other) for other in fields[-1].split("|")]


def _entry(text: str) -> _Entry:
    word, colon, rank = text.rpartition(":")
    return (int(rank), word) if colon and rank.isdecimal() else (0, text)


def _ranked(word: str, others: list[_Entry], senses: int) -> tuple[str, ...]:
    """Each other word once, by rank; a word is none for itself."""
    kept = sorted((entry for entry in others if not senses or entry[0] <= senses), key=lambda entry: entry[0])
    names = dict.fromkeys(name.strip() for _, name in kept)
    return tuple(name for name in names if name and name.casefold() != word)
