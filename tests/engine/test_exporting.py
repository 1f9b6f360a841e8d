"""Taking models away: names of trials, folders, zip files, and what cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import ModelError, SettingError, UnknownNameError
from engine.exporting import export_folder, model_folder, parse_trial_name
from engine.settings import Home

FILES = {"config.json": b"{}", "model.safetensors": b"\x00" * 100, "more/vocab.txt": b"a\nb\n"}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with a completed trial demo/3, the teacher's demo/0, and demo/4, which has no model."""
    home = Home(tmp_path / "home")
    for number in (0, 3, 4):
        (home.path / f"experiments/demo/{number:04d}").mkdir(parents=True)
    for name, content in FILES.items():
        path = home.path / "experiments/demo/0003/model" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return home


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_trial_names() -> None:
    assert parse_trial_name("demo-2/12") == ("demo-2", 12)
    assert parse_trial_name("demo/0003") == ("demo", 3)
    for text in ("demo", "demo/", "/3", "demo/x", "demo/-1", "demo/1.5", ""):
        with pytest.raises(SettingError, match="write experiment/number, such as demo/3"):
            parse_trial_name(text)


def test_what_has_no_model_is_told_apart(home: Home) -> None:
    assert content(model_folder(home, "demo", 3)) == FILES
    with pytest.raises(ModelError, match="demo/4 has no model: it has not completed"):
        model_folder(home, "demo", 4)
    with pytest.raises(ModelError, match="demo/0 is the teacher"):
        model_folder(home, "demo", 0)
    for name, number in (("demo", 5), ("other", 3)):
        with pytest.raises(UnknownNameError, match=f"no trial {name}/{number}"):
            model_folder(home, name, number)


@pytest.mark.parametrize("name", ["../experiments/demo", "demo/../demo", ".", "", "demo/"])
def test_names_that_are_paths_lead_nowhere(home: Home, name: str) -> None:
    with pytest.raises(UnknownNameError):
        model_folder(home, name, 3)


def test_export_into_a_new_or_empty_folder(home: Home, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for target in (tmp_path / "a" / "b", tmp_path / "empty"):
        assert export_folder(model_folder(home, "demo", 3), target) == target
        assert content(target) == FILES
        assert not list(target.parent.glob(".*"))


def test_nothing_is_overwritten(home: Home, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "note").write_text("mine")
    (tmp_path / "file").write_text("mine")
    for target in (tmp_path / "full", tmp_path / "file"):
        with pytest.raises(SettingError, match=f"{target.name} exists already"):
            export_folder(model_folder(home, "demo", 3), target)
    assert content(tmp_path / "full") == {"note": b"mine"}
    with pytest.raises(SettingError, match="cannot be written"):
        export_folder(model_folder(home, "demo", 3), tmp_path / "file" / "model")


def test_a_copy_that_fails_half_way_leaves_nothing(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(source: Path, target: Path) -> None:
        target.mkdir()
        (target / "half").write_text("x")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("engine.exporting.shutil.copytree", fail)
    with pytest.raises(SettingError, match="out cannot be written: No space left on device"):
        export_folder(model_folder(home, "demo", 3), tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


def test_additions_are_part_of_the_one_step(home: Home, tmp_path: Path) -> None:
    def add(folder: Path) -> None:
        assert not (tmp_path / "out").exists()
        assert content(folder) == FILES
        (folder / "more.txt").write_bytes(b"x")

    def refuse(folder: Path) -> None:
        raise ModelError("no")

    export_folder(model_folder(home, "demo", 3), tmp_path / "out", add)
    assert content(tmp_path / "out") == FILES | {"more.txt": b"x"}
    with pytest.raises(ModelError, match="no"):
        export_folder(model_folder(home, "demo", 3), tmp_path / "other", refuse)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "out"]
