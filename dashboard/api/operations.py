"""What the HTTP interface can do, each operation with what is said about it in the description for programs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import Response

from dashboard.services import Services
from storage.table_files import MEDIA_TYPES

ACTIONS = ("pause", "resume", "stop")
Handler = Callable[[Request, Services], Response]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A query parameter of an operation.

    Attributes:
        name: as it stands in the address.
        words: what it means.
        type: of its value.
        required: whether it must be there.
    """

    name: str
    words: str
    type: Literal["string", "integer", "number"] = "string"
    required: bool = False


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path.

    Attributes:
        method: of HTTP.
        path: as Starlette writes it.
        handler: what answers.
        words: what it does, in one sentence.
        area: the group it is listed in.
        parameters: what its query may say.
        body: what is sent along, as media type and words; None for nothing.
        answer: media type of the answer; None for a table, whose path has a twin for each file format.
        changes: whether something is different afterwards, which needs a token.
    """

    method: Literal["GET", "POST", "PUT", "DELETE"]
    path: str
    handler: Handler
    words: str
    area: str
    parameters: tuple[Parameter, ...] = ()
    body: tuple[str, str] | None = None
    answer: str | None = "application/json"
    changes: bool = False

    @property
    def paths(self) -> tuple[str, ...]:
        """Its path and, for a table, first the one with a file format behind it."""
        return (self.path,) if self.answer is not None else (self.path + ".{form:form}", self.path)


class _Form(Convertor[str]):
    """Formats a table can be had in."""

    regex = "|".join(MEDIA_TYPES)

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


class _Action(_Form):
    """What can be asked of an experiment or a trial."""

    regex = "|".join(ACTIONS)


register_url_convertor("form", _Form())
register_url_convertor("action", _Action())
