"""The commands of extractions: what was found as text and JSON, and the experiment that follows."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.cli import adopt
from engine.cli.main import main
from engine.launch import submit
from engine.settings import Home
from engine.spec_files import parse_spec, read_spec
from storage.store import Store
from storage.trials import get_trial
from tests.engine.stored_extraction import BEST, MEASURED, store_extraction

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.make()
    return home


@pytest.fixture
def run_command(home: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs ``bert-frontier ARGUMENTS`` on the test's home; gives exit status, output and errors."""

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["bert-frontier", *arguments, "--home", str(home.path)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        output = capsys.readouterr()
        return int(ended.value.code or 0), output.out, output.err

    return call


@pytest.fixture
def best(home: Home) -> dict[str, int]:
    """A stored extraction; gives the architecture it has found."""
    with Store.open(home.database) as store:
        store_extraction(store, home)
        submit(store, home, read_spec("demo"))
        return dict(get_trial(store, "bort", BEST).parameters)


def test_the_table_is_sorted_by_w_with_sentences_below(best: dict[str, int], run_command: Command) -> None:
    status, output, _ = run_command("extraction", "bort", "--top", "3")
    assert status == 0
    first, heading, *rows = output.splitlines()
    assert first.startswith(
        f"{MEASURED} of 300 architectures \u27e8n_layers, n_heads, hidden_size, intermediate_size\u27e9"
    )
    assert heading.split() == ["architecture", "W", "error", "parameters", "operations", "place", "trial"]
    told = f"\u27e8{', '.join(map(str, best.values()))}\u27e9"
    assert rows[0].startswith(told)
    assert rows[0].split()[-2:] == [str(4 * (BEST - 1) + 1), str(BEST)]
    assert rows[3].startswith(f"{told} has the largest W")
    assert len(rows) == 3 + 3


def test_the_same_as_json(best: dict[str, int], run_command: Command) -> None:
    found = json.loads(run_command("extraction", "bort", "--json")[1])
    assert (found["extracted"], found["trial"]) == (best, BEST)
    assert (found["measured"], found["architectures"], found["interval"]) == (MEASURED, 300, 4)
    assert [row["w"] for row in found["ranking"]] == sorted(
        (row["w"] for row in found["ranking"]), reverse=True
    )
    assert len(found["ranking"]) == 10


@pytest.mark.parametrize("purpose", ["pretrain", "search"])
def test_what_follows_is_printed_as_a_specification(
    best: dict[str, int], run_command: Command, purpose: str
) -> None:
    status, output, _ = run_command("adopt", "bort", "--to", purpose)
    assert status == 0
    spec = parse_spec(output)
    assert spec.name == f"bort-{purpose}"
    assert best.items() <= (spec.fixed if purpose == "pretrain" else spec.baseline).items()


def test_any_trial_may_be_adopted(best: dict[str, int], run_command: Command) -> None:
    spec = parse_spec(run_command("adopt", "bort", "--trial", "1")[1])
    assert not best.items() <= spec.fixed.items()
    assert "no trial 99" in run_command("adopt", "bort", "--trial", "99")[2]


def test_what_follows_may_be_run_at_once(
    best: dict[str, int], run_command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = []

    def run_spec(home: Home, spec: object, limits: object, *, as_json: bool) -> int:
        ran.append(spec)
        return 3

    monkeypatch.setattr(adopt, "run_spec", run_spec)
    status, output, _ = run_command("adopt", "bort", "--run")
    assert (status, output) == (3, "")
    assert ran[0].name == "bort-pretrain"


@pytest.mark.parametrize("command", ["extraction", "adopt"])
def test_other_experiments_are_no_extractions(
    best: dict[str, int], run_command: Command, command: str
) -> None:
    status, _, error = run_command(command, "demo")
    assert status == 1
    assert "no extraction" in error or "no candidate" in error


def test_before_anything_is_measured(home: Home, run_command: Command) -> None:
    with Store.open(home.database) as store:
        store_extraction(store, home, measured=0)
    for command in ("extraction", "adopt"):
        status, _, error = run_command(command, "bort")
        assert status == 1
        assert "no candidate of bort has been measured yet" in error
