"""The direction of imports between the packages, and that importing is cheap where it must be."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = {"storage", "engine", "dashboard"}
MODULES = sorted(path.relative_to(ROOT) for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
MAX_LINES = 300

FORBIDDEN = {
    "storage": ("engine", "dashboard", "torch", "streamlit", "pydantic_settings"),
    "engine": ("dashboard", "streamlit"),
    "engine/strategies": ("storage",),
    "engine/distill": ("storage",),
    "engine/tasks": ("storage",),
    "engine/agora": ("storage",),
    "dashboard/charts": ("storage",),
}


def imported(path: Path) -> Iterator[tuple[str, int]]:
    """Every module a file imports, anywhere in it, with the line."""
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: a relative import"
            assert node.module is not None
            yield node.module, node.lineno


@pytest.mark.parametrize("package", FORBIDDEN)
def test_imports_go_one_way(package: str) -> None:
    found = [
        f"{path}:{line} imports {name}"
        for path in MODULES
        if path.is_relative_to(package)
        for name, line in imported(path)
        if name.split(".")[0] in FORBIDDEN[package]
    ]
    assert not found


def test_the_check_sees_imports() -> None:
    assert any(name == "storage.store" for name, _ in imported(Path("engine/runner.py")))
    assert {path.parts[0] for path in MODULES} == PACKAGES


def test_packages_hold_only_a_docstring() -> None:
    """All but the one whose public names a notebook imports; that these cost others nothing is tested below."""
    for path in MODULES:
        if path.name == "__init__.py" and path != Path("engine/__init__.py"):
            assert len(ast.parse((ROOT / path).read_text(encoding="utf-8")).body) <= 1, path


def test_every_module_says_what_it_is_for_and_is_small() -> None:
    for path in MODULES:
        text = (ROOT / path).read_text(encoding="utf-8")
        assert ast.get_docstring(ast.parse(text)), f"{path} has no docstring"
        assert text.count("\n") <= MAX_LINES, f"{path} is too long"


@pytest.mark.parametrize(
    "modules",
    [
        "engine, storage, dashboard",
        "storage.store, storage.trials, storage.ingest, storage.sql, storage.views",
        "engine.experiment, engine.spec_files, engine.launch, engine.controls, engine.overview, engine.summary",
        "engine.runner, engine.suggester, engine.executors.local, engine.cli.main",
    ],
)
def test_importing_is_cheap(modules: str) -> None:
    code = (
        f"import sys, {modules}; "
        "heavy = ('torch', 'transformers', 'botorch', 'datasets', 'sklearn', 'streamlit'); "
        "print([name for name in heavy if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert found.stdout.strip() == "[]"
