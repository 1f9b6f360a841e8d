"""Quick looks at datasets and teachers, for each kind of task."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboard.launching.checks import HUB, check_dataset, check_teacher, trial_count
from engine.spec_files import read_spec
from engine.tasks.interface import Head


@pytest.mark.parametrize(
    ("head", "source"),
    [
        ("span", "squad.json"),
        ("sequence", "pairs.tsv"),
        ("sequence", "."),
        ("masked_lm", "text.txt"),
        ("masked_lm", "."),
        ("masked_lm", "*.txt"),
    ],
)
def test_data_that_is_there(tmp_path: Path, head: Head, source: str) -> None:
    for name in ("squad.json", "pairs.tsv", "text.txt", "more.txt"):
        (tmp_path / name).write_text("something")
    found = check_dataset(str(tmp_path / source), head)
    assert not found.problem, found.told
    assert found.told.startswith("Found")
    if source == "*.txt":
        assert found.told == "Found, 2 files, 18 B."


@pytest.mark.parametrize(
    ("head", "source", "told"),
    [
        ("span", "/nowhere/a.json", "There is no file /nowhere/a.json"),
        ("sequence", "/nowhere/glue", "There is no file or folder /nowhere/glue"),
        ("masked_lm", "/nowhere/a.txt", "does not exist"),
        ("sequence", "embedded", "for question answering"),
        ("masked_lm", "embedded", "for question answering"),
        ("sequence", "two words", "Neither a file nor a hub name"),
    ],
)
def test_data_that_is_not(head: Head, source: str, told: str) -> None:
    found = check_dataset(source, head)
    assert found.problem
    assert told in found.told


def test_hub_names() -> None:
    assert check_dataset("nyu-mll/glue", "sequence").told == HUB
    assert check_dataset("Salesforce/wikitext:wikitext-2-v1", "masked_lm").told == HUB
    assert check_dataset("nyu-mll/glue:mrpc", "sequence").problem


def test_the_embedded_teacher_answers_questions() -> None:
    assert not check_teacher("embedded", "span", trained=True).problem
    assert check_teacher("embedded", "sequence", trained=True).problem
    assert not check_teacher("embedded", "sequence", trained=False).problem


def test_how_much_there_is_to_run() -> None:
    assert trial_count(read_spec("pretrain")) == ""
    assert trial_count(read_spec("fine-tune", {"budget.trials": 5})).startswith("The strategy has 1 trial ")
