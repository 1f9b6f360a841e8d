"""``bert-frontier doctor``: says what this machine offers and what stands in the way."""

from __future__ import annotations

import json
import os
import platform
import shutil
from collections.abc import Callable
from importlib import metadata

import click

from engine.cli.options import home_option, json_option
from engine.errors import BertFrontierError
from engine.executors.local import make_slots
from engine.settings import Home, RunnerSettings, cpu_count, resolve_home
from storage.ownership import read_owner
from storage.store import Store

PACKAGES = ("torch", "transformers", "duckdb", "streamlit", "botorch", "datasets")
FREE_GIGABYTES = 2.0
"""Below this much free disk a search may fail: each student keeps its weights and a checkpoint."""
MEMORY_GIGABYTES = 4.0
"""Below this much memory two trials with a full-size teacher may not fit."""

Finding = tuple[bool, str]


@click.command()
@json_option
@home_option
def doctor(as_json: bool, home: str | None) -> int:
    """Check this machine and the home folder; the exit status is 1 when something stands in the way."""
    place = resolve_home(home)
    checks: dict[str, Callable[[], Finding]] = {
        "program": _program,
        "cores and slots": _slots,
        "memory": _memory,
        "home": lambda: _home(place),
        "disk": lambda: _disk(place),
        "database": lambda: _database(place),
    }
    findings = {name: check() for name, check in checks.items()}
    if as_json:
        click.echo(
            json.dumps({name: {"ok": ok, "text": text} for name, (ok, text) in findings.items()}, indent=1)
        )
    else:
        for name, (ok, text) in findings.items():
            click.echo(f"{'ok ' if ok else 'BAD'}  {name:<16} {text}")
    return 0 if all(ok for ok, _ in findings.values()) else 1


def _program() -> Finding:
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in PACKAGES)
    own = metadata.version("bert-frontier")
    return True, f"bert-frontier {own}, Python {platform.python_version()}, {versions}"


def _slots() -> Finding:
    # Imported here: torch takes seconds, and no other command needs it in this process.
    import torch

    from engine.distill.training.precision import choose_precision, default_device

    slots = make_slots(RunnerSettings(), cpu_count(), torch.cuda.device_count())
    precision = choose_precision("auto", default_device(), hidden_size=768)
    return True, (
        f"{cpu_count()} cores, {torch.cuda.device_count()} GPUs: {len(slots)} trials at once, "
        f"{slots[0].threads} threads each, {precision} for full-size models"
    )


def _memory() -> Finding:
    gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return (
        gigabytes >= MEMORY_GIGABYTES,
        f"{gigabytes:.0f} GB (at least {MEMORY_GIGABYTES:.0f} GB are advised)",
    )


def _home(home: Home) -> Finding:
    try:
        home.make()
    except BertFrontierError as error:
        return False, str(error)
    return True, f"{home.path} can be written"


def _disk(home: Home) -> Finding:
    folder = next(path for path in (home.path, *home.path.parents) if path.exists())
    free = shutil.disk_usage(folder).free / 1e9
    return free >= FREE_GIGABYTES, f"{free:.0f} GB free (at least {FREE_GIGABYTES:.0f} GB are advised)"


def _database(home: Home) -> Finding:
    if not home.database.exists():
        return True, "none yet; it is made on first use"
    owner = read_owner(home.database)
    if owner is not None:
        where = f", at {owner.address}" if owner.address else ""
        return True, f"in use by {owner.program} (process {owner.pid}){where}"
    try:
        with Store.open(home.database) as store, store.read() as connection:
            row = connection.execute(
                "SELECT (SELECT count(*) FROM experiments), (SELECT count(*) FROM trials)"
            ).fetchone()
    except BertFrontierError as error:
        return False, str(error)
    assert row is not None
    return True, f"{row[0]} experiments, {row[1]} trials"
