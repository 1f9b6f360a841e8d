"""The page for a new experiment: a field for everything a specification may say, with what is found there."""

from __future__ import annotations

import json
import tomllib
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Union, get_args, get_origin

import pytest
from pydantic import BaseModel
from streamlit.testing.v1 import AppTest

from dashboard.services import Services
from engine.experiment import ExperimentSpec
from engine.spec_files import preset_text
from engine.tasks.squad.sample import generate_corpus
from storage.experiments import ExperimentRow, get_experiment
from tests.dashboard.test_pages import words
from tests.simulated import fill

Visit = Callable[..., AppTest]
DRAFT = "draft text"

IN_TABLES = {("parameters",), ("baseline",), ("fixed",), ("conditions",), ("metrics",)}
"""Fields that stand in the tables of the space and of the goals."""
IN_TEXT = {("agora", "transformations")}
"""Lists of tables, which are written in the text."""
NOT_LAUNCHED = {"imported"}
"""Section of experiments that were run elsewhere."""


def leaves(model: type[BaseModel], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every field of a specification that is no section itself."""
    for name, info in model.model_fields.items():
        annotation = info.annotation
        if get_origin(annotation) in (Union, types.UnionType):
            annotation = next(item for item in get_args(annotation) if item is not type(None))
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            yield from leaves(annotation, (*path, name))
        else:
            yield (*path, name)


def form_keys(at: AppTest) -> set[tuple[str, ...]]:
    """Fields that the form shows."""
    kinds = (at.text_input, at.number_input, at.selectbox, at.checkbox, at.text_area, at.multiselect)
    keys = {str(item.key) for kind in kinds for item in kind}
    return {tuple(key.removeprefix("form:").split(".")) for key in keys if key.startswith("form:")}


def with_text(at: AppTest, text: str) -> AppTest:
    at.session_state[DRAFT] = text
    return at.run()


def test_there_is_a_field_for_everything(present: Services, visit: Visit) -> None:
    at = visit("new", preset="demo")
    found = form_keys(at)
    for preset in ("bort", "pretrain", "fine-tune", "classify", "agora-rte"):
        found |= form_keys(with_text(at, preset_text(preset)))
    at.selectbox(key="form:task.name").set_value("my-task").run()
    found |= form_keys(at)
    for task in ("record", "stsb"):
        at.selectbox(key="form:task.name").set_value(task).run()
        found |= form_keys(at)
    wanted = {path for path in leaves(ExperimentSpec) if path[0] not in NOT_LAUNCHED}
    assert wanted - found == IN_TABLES | IN_TEXT
    assert not found - wanted
    assert not at.exception


def test_rules_and_numbers_of_layers(present: Services, visit: Visit) -> None:
    at = visit("new", preset="demo")
    at.text_area(key="form:rules").set_value("n_heads <= 2 * n_layers\n\n n_layers > 1 ").run()
    document = tomllib.loads(at.session_state[DRAFT])
    assert document["rules"] == ["n_heads <= 2 * n_layers", "n_layers > 1"]
    assert "meet the rules" in words(at)
    at.text_area(key="form:rules").set_value("").run()
    assert "rules" not in tomllib.loads(at.session_state[DRAFT])
    at = with_text(at, preset_text("demo") + "\n[student]\nlayers_from = [0, 3]\n")
    assert at.selectbox(key="form:student.layers_from").value == "0, 3"
    at.selectbox(key="form:student.layers_from").set_value("first").run()
    assert tomllib.loads(at.session_state[DRAFT])["student"]["layers_from"] == "first"


def test_data_are_read_and_counted(present: Services, visit: Visit, tmp_path: Path) -> None:
    for name, paragraphs in (("train", 8), ("dev", 3)):
        text = json.dumps(generate_corpus(paragraphs, seed=paragraphs))
        (tmp_path / f"{name}.json").write_text(text, encoding="utf-8")
    at = visit("new", preset="demo")
    assert "own development part, or else 20 %" in words(at)
    at.text_input(key="form:task.dataset").set_value(str(tmp_path / "train.json")).run()
    at.text_input(key="form:task.eval_dataset").set_value(str(tmp_path / "dev.json")).run()
    told = words(at)
    assert "about 8 paragraphs" in told
    assert "about 3 paragraphs" in told
    (tmp_path / "dev.json").write_text("{}")
    assert "is not in SQuAD form" in words(at.run())
    at.text_input(key="form:task.eval_dataset").set_value(str(tmp_path / "gone.json")).run()
    assert f"There is no file {tmp_path}/gone.json" in words(at).replace("\\", "")
    at.text_input(key="form:task.eval_dataset").set_value("").run()
    assert "eval_dataset" not in tomllib.loads(at.session_state[DRAFT])["task"]


def test_a_teacher_is_looked_at(
    present: Services, demo: ExperimentRow, visit: Visit, tiny_teacher: Path
) -> None:
    at = visit("new", preset="demo")
    at.text_input(key="form:teacher.model").set_value(str(tiny_teacher)).run()
    assert "Checked: 2 layers of width 32" in words(at).replace("\\", "")
    at.text_input(key="form:teacher.model").set_value("embedded").run()
    assert "Exact match 79.0 % in demo" in words(at)


def test_known_names_are_offered(present: Services, visit: Visit) -> None:
    fill(present.store, present.home, trials=4, steps=1, examples=0)
    at = visit("new", preset="demo")
    at.selectbox(key="known teacher.model").set_value("bert-base-uncased-squad2").run()
    assert tomllib.loads(at.session_state[DRAFT])["teacher"]["model"] == "bert-base-uncased-squad2"
    assert not at.exception


def test_time_and_transfer_come_from_earlier_experiments(present: Services, visit: Visit) -> None:
    assert "nothing can be said of the time" in words(visit("new", preset="demo"))
    fill(present.store, present.home, trials=12, steps=1, examples=0)
    at = visit("new", **{"from": "simulated"})
    assert "About 2 min 42 s a trial" in words(at)
    assert "trials of simulated took on this machine" in words(at)
    at.multiselect(key="form:strategy.transfer_from").set_value(["simulated"]).run()
    assert tomllib.loads(at.session_state[DRAFT])["strategy"]["transfer_from"] == ["simulated"]
    at.multiselect(key="form:strategy.transfer_from").set_value([]).run()
    assert "transfer_from" not in tomllib.loads(at.session_state[DRAFT])["strategy"]


def test_start_from_an_earlier_experiment_or_a_file(
    present: Services, demo: ExperimentRow, visit: Visit
) -> None:
    at = visit("new", preset="quick")
    at.selectbox(key="clone of").set_value("demo").run()
    assert at.session_state[DRAFT] == demo.spec_toml
    assert dict(at.query_params) == {"from": "demo"}
    text = preset_text("demo").replace('name = "demo"', 'name = "from-a-file"')
    at.file_uploader(key="uploaded specification").set_value(("my.toml", text.encode(), "text/plain")).run()
    assert not at.exception
    assert at.session_state[DRAFT] == text
    at.button(key="launch").click().run()
    assert get_experiment(present.store, "from-a-file").budget_trials == 12


@pytest.mark.parametrize(
    ("content", "told"), [(b"\xff\xfe", "not text in UTF-8"), (b"x" * 1_000_001, "larger than 1 MB")]
)
def test_a_file_that_is_no_specification(present: Services, visit: Visit, content: bytes, told: str) -> None:
    at = visit("new", preset="demo")
    at.file_uploader(key="uploaded specification").set_value(("my.toml", content, "text/plain")).run()
    assert any(told in item.value for item in at.error)
    assert at.session_state[DRAFT] == preset_text("demo")


def test_few_trials_for_the_space_are_told(present: Services, visit: Visit) -> None:
    assert "5 parameters want about 25 trials" in words(visit("new", preset="demo"))
