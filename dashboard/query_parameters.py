"""The parameters of a query, ``$max_size``: which there are, of what kind, and how people write their values."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from storage.saved_queries import Kind, QueryParameter

_UNREAD = re.compile(r"--[^\n]*|/\*.*?(?:\*/|$)|'(?:[^']|'')*(?:'|$)|\"[^\"]*(?:\"|$)", re.DOTALL)
_PARAMETER = re.compile(r"(?<![\w$])\$([A-Za-z_]\w*)")
_BESIDE = r"(\w+)\s*(?:<>|!=|<=|>=|==|<|>|=|\bLIKE\b|\bILIKE\b|\bIN\b\s*\(|\bBETWEEN\b)\s*\${name}\b"
_AFTER = r"\${name}\s*(?:<>|!=|<=|>=|==|<|>|=)\s*(?:\w+\.)?(\w+)"
_LIKE = r"\bI?LIKE\s*\${name}\b"
_NUMBER = re.compile(r"([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*([kKMGT%]?)")
_FACTORS = {"": 1.0, "%": 1.0, "k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}
_PREFIXES: dict[Kind, str] = {"number": "n.", "text": "t."}


def parameter_names(sql: str) -> list[str]:
    """Names of the parameters in the order they first stand in, those in comments and texts left out."""
    return list(dict.fromkeys(_PARAMETER.findall(_UNREAD.sub(" ", sql))))


def guess_kind(sql: str, name: str, types: Mapping[str, str]) -> Kind:
    """The kind of a parameter, judged by the column it is compared with; a number where nothing tells.

    Args:
        sql: the query.
        name: of the parameter.
        types: DuckDB type of each column by its name in lower case.
    """
    plain = _UNREAD.sub(" ", sql)
    if re.search(_LIKE.replace("{name}", name), plain, re.IGNORECASE):
        return "text"
    for pattern in (_BESIDE, _AFTER):
        found = re.search(pattern.replace("{name}", name), plain, re.IGNORECASE)
        if found and types.get(found[1].lower()) in ("VARCHAR", "JSON"):
            return "text"
    return "number"


def parse_number(text: str) -> float | None:
    """A number as people write it: 45000000, 45e6, 45 M, 1,000; None where it is none."""
    found = _NUMBER.fullmatch(text.strip().replace(",", "").replace("\u2212", "-"))
    if not found:
        return None
    number = float(found[1]) * _FACTORS[found[2]]
    return number if math.isfinite(number) else None


def value_of(kind: Kind, text: str) -> float | str | None:
    """What a parameter written as ``text`` is worth to a query; None where it is no value of its kind."""
    if kind == "text":
        return text
    number = parse_number(text)
    return int(number) if number is not None and number.is_integer() and abs(number) < 2**53 else number


def parameters_of(sql: str, address: Mapping[str, str], types: Mapping[str, str]) -> list[QueryParameter]:
    """The parameters of a query with the values the address has for them.

    Args:
        sql: the query.
        address: of the page: ``n.NAME`` is the value of a number, ``t.NAME`` that of a text.
        types: as in ``guess_kind``, for parameters without a value.
    """
    found = []
    for name in parameter_names(sql):
        given = [kind for kind, prefix in _PREFIXES.items() if f"{prefix}{name}" in address]
        kind = given[0] if given else guess_kind(sql, name, types)
        text = address.get(address_key(name, kind))
        found.append(QueryParameter(name, kind, None if text is None else value_of(kind, text)))
    return found


def address_key(name: str, kind: Kind) -> str:
    """What the value of a parameter is called in the address."""
    return f"{_PREFIXES[kind]}{name}"


def is_parameter_key(key: str) -> bool:
    """Whether a part of the address is the value of a parameter."""
    return key.startswith(tuple(_PREFIXES.values()))


def shown(value: float | str | None) -> str:
    """A value as it stands in the address and in a field."""
    if value is None or isinstance(value, str):
        return value or ""
    return str(int(value)) if float(value).is_integer() and abs(value) < 2**53 else repr(float(value))
