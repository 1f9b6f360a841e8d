"""Answers with files that are read in pieces, as DuckDB and Arrow read Parquet: HEAD, then ranges of bytes."""

from __future__ import annotations

import hashlib
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

KEPT_BYTES = 64 * 2**20
"""What all kept files may take; a larger one is made anew for each request, and not read in pieces."""
HOLD_SECONDS = 10.0
"""Time after a read of a piece during which all pieces come from the same file, even if the data have changed."""
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


@dataclass(slots=True)
class _File:
    """A file that was made, of which revision of the data, and when a piece of it was read last."""

    content: bytes
    tag: str
    revision: int
    read_at: float


class Files:
    """Files that were answered lately; any thread may use them."""

    def __init__(self) -> None:
        self._files: OrderedDict[str, _File] = OrderedDict()
        self._lock = threading.Lock()

    def answer(
        self,
        request: Request,
        revision: int,
        make: Callable[[], bytes],
        media_type: str,
        headers: dict[str, str],
    ) -> Response:
        """The whole file, a piece of it, or what there is to know about it.

        Args:
            request: for it.
            revision: of the data; a file of the same address and revision is not made again.
            make: makes the file.
            media_type: of the file.
            headers: that go along.
        """
        in_pieces = request.method == "HEAD" or "range" in request.headers
        found = self._found(str(request.url), revision, make, in_pieces=in_pieces)
        given = headers | {"ETag": found.tag, "Cache-Control": "no-cache"}
        if request.method == "HEAD" or not media_type.startswith("text/"):
            # Compressed on its way, its length would say nothing about where its pieces are.
            given["Content-Encoding"] = "identity"
        size = len(found.content)
        can_be_split = size <= KEPT_BYTES
        given["Accept-Ranges"] = "bytes" if can_be_split else "none"
        if request.headers.get("if-none-match") == found.tag:
            return Response(status_code=304, headers=given)
        asked = request.headers.get("range", "")
        if not can_be_split or request.headers.get("if-range", found.tag) != found.tag:
            asked = ""
        piece = _piece(asked, size)
        if piece is None:
            return Response(found.content, media_type=media_type, headers=given)
        first, last = piece
        if first > last:
            return Response(status_code=416, headers=given | {"Content-Range": f"bytes */{size}"})
        given["Content-Range"] = f"bytes {first}-{last}/{size}"
        return Response(found.content[first : last + 1], 206, given, media_type)

    def _found(self, key: str, revision: int, make: Callable[[], bytes], *, in_pieces: bool) -> _File:
        now = time.monotonic()
        with self._lock:
            kept = self._files.get(key)
            is_held = kept is not None and now - kept.read_at < HOLD_SECONDS
            if kept is not None and (kept.revision == revision or (in_pieces and is_held)):
                self._files.move_to_end(key)
                if in_pieces:
                    kept.read_at = now
                return kept
        content = make()
        tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
        made = _File(content, tag, revision, now if in_pieces else now - HOLD_SECONDS)
        if len(content) <= KEPT_BYTES and not is_held:
            with self._lock:
                self._files[key] = made
                self._files.move_to_end(key)
                while sum(len(file.content) for file in self._files.values()) > KEPT_BYTES:
                    self._files.popitem(last=False)
        return made


def _piece(asked: str, size: int) -> tuple[int, int] | None:
    """First and last byte of a range, or None for the whole; an impossible one has its first behind its last."""
    found = _RANGE.fullmatch(asked.strip())
    if found is None or found[0] == "bytes=-":
        return None
    if not found[1]:
        return max(0, size - int(found[2])), size - 1
    first = int(found[1])
    last = min(int(found[2]), size - 1) if found[2] else size - 1
    if first >= size:
        return first, first - 1
    # Ends before it begins: no range at all, says RFC 9110.
    return None if last < first else (first, last)
