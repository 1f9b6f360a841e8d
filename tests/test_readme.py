"""Every command of the README works as it is written there."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForQuestionAnswering, BertConfig, BertForQuestionAnswering

from engine.distill.models.embedded import make_tokenizer
from engine.distill.models.folder import save_student
from engine.tasks.squad.loading import load_squad
from tests.conftest import REPOSITORY
from tests.engine.importing.optuna_files import write_sqlite
from tests.server import COMMAND, signal_trials, start_server, wait_until

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```bash\n(.*?)```", README, flags=re.DOTALL)
COMMANDS = [
    part.strip()
    for block in BLOCKS
    for line in block.replace("\\\n", " ").splitlines()
    for part in line.split("&&")
    if part.strip() and not part.strip().startswith("#")
]
OURS = [shlex.split(command)[1:] for command in COMMANDS if command.startswith("bert-frontier ")]
SERVERS = [command for command in OURS if command[0] in ("up", "demo") and "--headless" not in command]
RUN_BY_CI = {
    "pip install -e '.[test]'",
    "pip install -e .",
    "pytest",
    "ruff format --check .",
    "ruff check .",
    "mypy",
}


@pytest.fixture(scope="module")
def teacher(tmp_path_factory: pytest.TempPathFactory, tiny_dataset: Path) -> Path:
    """An untrained teacher of BERT's usual depth, heads and positions, but narrow."""
    tokenizer = make_tokenizer([item.context for item in load_squad(tiny_dataset).questions])
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=48,
        num_hidden_layers=12,
        num_attention_heads=12,
        intermediate_size=64,
    )
    folder = tmp_path_factory.mktemp("readme") / "teacher"
    save_student(BertForQuestionAnswering(config), tokenizer, folder)
    return folder


def test_the_search_in_a_script_works(tmp_path: Path) -> None:
    [script] = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    found = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env=environment,
    )
    assert found.returncode == 0, found.stderr
    assert "num_parameters" in found.stdout
    assert "Expected(parameters={'layers': 4" in found.stdout


def test_other_commands_are_those_that_ci_runs() -> None:
    script = (REPOSITORY / ".ci" / "run").read_text(encoding="utf-8")
    others = {command for command in COMMANDS if not command.startswith("bert-frontier ")}
    assert others <= RUN_BY_CI
    assert "pip install -e '.[test]' && pytest" in script
    for command in others - {"pip install -e ."}:
        assert command in script


def test_the_two_commands_stand_there() -> None:
    assert "pip install -e . && bert-frontier demo\n" in README
    assert "pip install -e '.[test]' && pytest\n" in README


@pytest.mark.timeout(900)
def test_commands_that_end_work_one_after_the_other(
    tmp_path: Path, tiny_dataset: Path, teacher: Path
) -> None:
    places = {
        "path/to/train-v2.0.json": str(tiny_dataset),
        "path/to/teacher": str(teacher),
        "path/to/encoder": str(teacher),
        "path/to/study.db": str(write_sqlite(tmp_path / "study.db")),
        **{name: str(tmp_path / name) for name in ("my-student", "my-data", "my-teacher", "quick.html")},
    }

    for command in [command for command in OURS if command not in SERVERS]:
        arguments = [
            word if before == "--name" else places.get(word, word)
            for before, word in zip(["", *command], command, strict=False)
        ]
        # Fewer trials than a reader would run; everything else as written.
        shorter = ["--trials", "2"] if command[0] in ("run", "demo") else []
        done = subprocess.run(
            [*COMMAND, *arguments, *shorter],
            capture_output=True,
            text=True,
            check=False,
            env=os.environ | {"BERT_FRONTIER_HOME": str(tmp_path / "home")},
        )
        assert done.returncode == 0, f"{shlex.join(command)}\n{done.stderr}"
    assert AutoModelForQuestionAnswering.from_pretrained(tmp_path / "my-student")


@pytest.mark.parametrize("command", SERVERS, ids=shlex.join)
def test_commands_that_serve_come_up(command: list[str], tmp_path: Path) -> None:
    server = start_server(tmp_path / "home", command)
    try:
        if command[0] == "demo":
            wait_until(lambda: server.access.summary("demo")["teacher"]["progress_message"])
    finally:
        server.stop()
        signal_trials(tmp_path / "home", signal.SIGKILL)
