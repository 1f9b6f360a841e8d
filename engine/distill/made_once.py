"""Folders in the cache that one process makes while others wait for it, and that are made again when damaged."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from engine.distill.content import is_whole, seal
from engine.events import Event, Progress
from engine.file_lock import try_lock

log = logging.getLogger(__name__)

WAIT_SECONDS = 0.5


def make_once(folder: Path, make: Callable[[Path], Iterator[Event]], waiting: str) -> Iterator[Event]:
    """Make a folder unless it is there and whole; it is there whole or not at all.

    Args:
        folder: what to make.
        make: fills the folder it is given, which takes the other's place when all of it is there.
        waiting: what to tell while another process makes it.
    """
    while not is_whole(folder):
        with try_lock(folder.with_suffix(".lock")) as mine:
            if mine and not is_whole(folder):
                if folder.exists():
                    log.warning("%s is damaged and is made again", folder)
                part = folder.with_suffix(".part")
                shutil.rmtree(part, ignore_errors=True)
                part.mkdir(parents=True)
                yield from make(part)
                seal(part)
                shutil.rmtree(folder, ignore_errors=True)
                part.rename(folder)
                return
        if not mine:
            yield Progress(0.0, waiting)
            time.sleep(WAIT_SECONDS)
