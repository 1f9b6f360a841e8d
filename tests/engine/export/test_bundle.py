"""Exported folders: they load anywhere, say what they are, reproduce their figures, and show when they were changed."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner

from engine.cli.export import export
from engine.cli.reproduce import main
from engine.distill.models.folder import load_student
from engine.errors import ModelError, SettingError, UnknownNameError
from engine.export import onnx_session
from engine.export.bundle import export_trial, zipped_trial
from engine.trial_folder import TrialFolder
from engine.trial_record import RECORD_FILE, read_record
from tests.conftest import REPOSITORY
from tests.engine.distill.tiny_teachers import logits_of
from tests.engine.export.test_onnx import needs_onnx
from tests.engine.stored_trial import tamper

PLAIN = """
import json, sys, torch
from transformers import AutoModelForQuestionAnswering, AutoTokenizer
model = AutoModelForQuestionAnswering.from_pretrained(sys.argv[1]).eval()
tokenizer = AutoTokenizer.from_pretrained(sys.argv[1])
inputs = tokenizer(["who ?", "what is it ?"], ["it was the king", "nothing"], padding=True, return_tensors="pt")
with torch.no_grad():
    told = model(**inputs)
assert not [name for name in sys.modules if name.split(".")[0] in ("engine", "storage")]
torch.save({"inputs": dict(inputs), "start": told.start_logits, "end": told.end_logits}, sys.argv[2])
"""


@pytest.fixture
def evaluate(stored, monkeypatch, capsys):
    """Runs what a folder's ``evaluate.py`` runs, here; gives exit status, output and errors."""

    def call(folder, *options):
        monkeypatch.setattr(sys, "argv", ["evaluate.py", *options])
        monkeypatch.setenv("BERT_FRONTIER_HOME", str(stored.path))
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(folder)
        return int(ended.value.code or 0), *capsys.readouterr()

    return call


def test_the_folder_loads_in_a_clean_process_with_plain_transformers(stored, tmp_path):
    folder = export_trial(stored, "tiny", 1, tmp_path / "out")
    told = tmp_path / "told.pt"
    subprocess.run([sys.executable, "-c", PLAIN, str(folder), str(told)], check=True, cwd=tmp_path)
    found = torch.load(told)
    model, _ = load_student(stored.path / "experiments/tiny/0001/model")
    plain = torch.stack([found["start"], found["end"]])
    # The folder holds removed heads as zeros: other sums in another order than those of the small model.
    assert (plain - logits_of(model, found["inputs"])).abs().max() < 1e-5
    again, _ = load_student(folder)
    assert torch.equal(logits_of(again, found["inputs"]), logits_of(model, found["inputs"]))
    own = (folder / "model.safetensors").read_bytes()
    assert own == (stored.path / "experiments/tiny/0001/model/model.safetensors").read_bytes()


def test_a_zip_holds_the_export_in_one_folder_named_after_the_trial(stored, tmp_path):
    folder = export_trial(stored, "tiny", 1, tmp_path / "out")
    with zipfile.ZipFile(io.BytesIO(zipped_trial(stored, "tiny", 1))) as archive:
        found = {name: archive.read(name) for name in archive.namelist()}
    assert found == {
        f"tiny-1/{path.relative_to(folder)}": path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }
    with pytest.raises(UnknownNameError):
        zipped_trial(stored, "tiny", 2)


def test_checksums_cover_every_file_and_show_a_change(stored, tmp_path):
    folder = export_trial(stored, "tiny", 1, tmp_path / "out")
    listed = {line.split("  ", 1)[1] for line in (folder / "SHA256SUMS").read_text().splitlines()}
    assert listed == {str(path.relative_to(folder)) for path in folder.iterdir()} - {"SHA256SUMS"}
    assert {"README.md", "evaluate.py", RECORD_FILE, "model.safetensors", "config.json"} < listed
    check = ["sha256sum", "-c", "SHA256SUMS"]
    assert subprocess.run(check, cwd=folder, capture_output=True, check=False).returncode == 0
    tamper(folder / "README.md", "# tiny", "# tidy")
    failed = subprocess.run(check, cwd=folder, capture_output=True, text=True, check=False)
    assert failed.returncode == 1
    assert re.findall(r"^(\S+): FAILED", failed.stdout, re.MULTILINE) == ["README.md"]


def test_the_card_says_what_was_measured_on_what(stored, tmp_path):
    folder = export_trial(stored, "tiny", 1, tmp_path / "out")
    card, record = (folder / "README.md").read_text(), read_record(folder)
    assert f"| exact | {record.metrics['exact']:.2f} | {record.standard_errors['exact']:.2f} |" in card
    assert f"| torch | {torch.__version__} |" in card
    assert "| processor | " in card
    assert "`sha256sum -c SHA256SUMS`" in card
    assert "`python evaluate.py`" in card
    ((name, content),) = record.data.items()
    assert f"- `{name}`: SHA-256 `{content}`" in card
    assert "## ONNX" not in card


def test_the_record_is_the_whole_trial(stored, tmp_path, tiny_spec):
    record = read_record(export_trial(stored, "tiny", 1, tmp_path / "out"))
    spec = TrialFolder(stored.path / "experiments/tiny/0001").read_spec()
    assert (record.experiment, record.parameters, record.seed) == (tiny_spec, spec.parameters, 3)
    assert (record.name, record.number) == ("tiny", 1)
    assert record.metrics.keys() >= {"exact", "f1", "num_parameters", "latency_ms"}
    assert list(record.data) == [tiny_spec.task.dataset]


def test_the_script_reproduces_the_figures_in_a_process_of_its_own(stored, tmp_path):
    folder = export_trial(stored, "tiny", 1, tmp_path / "out")
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY), "BERT_FRONTIER_HOME": str(stored.path)}
    done = subprocess.run(
        [sys.executable, str(folder / "evaluate.py")],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert "the figures are reproduced" in done.stdout
    exact = read_record(folder).metrics["exact"]
    assert re.search(rf"^exact +{exact:.4f} +{exact:.4f}$", done.stdout, re.MULTILINE)


def test_a_dataset_that_has_moved_can_be_given(stored, tmp_path, tiny_spec, evaluate):
    folder = export_trial(stored, "tiny", 1, tmp_path / "out")
    moved = shutil.copy(tiny_spec.task.dataset, tmp_path / "moved.json")
    tamper(folder / RECORD_FILE, tiny_spec.task.dataset, str(tmp_path / "gone.json"))
    status, _, errors = evaluate(folder)
    assert status == 2
    assert errors.startswith("evaluate.py: ")
    assert "gone.json" in errors
    status, output, errors = evaluate(folder, "--dataset", str(moved))
    assert status == 0
    assert "the figures are reproduced" in output
    assert "holds something else" not in errors


def test_a_false_figure_and_other_data_are_noticed(stored, tmp_path, tiny_spec, evaluate):
    folder = export_trial(stored, "tiny", 1, tmp_path / "out")
    record = json.loads((folder / RECORD_FILE).read_text())
    record["metrics"]["exact"] += 0.01
    (folder / RECORD_FILE).write_text(json.dumps(record))
    changed = json.loads(Path(tiny_spec.task.dataset).read_text())
    changed["version"] = "other"
    (tmp_path / "changed.json").write_text(json.dumps(changed))
    status, output, errors = evaluate(folder, "--dataset", str(tmp_path / "changed.json"))
    assert status == 1
    assert re.findall(r"^(\w+) .* differs$", output, re.MULTILINE) == ["exact"]
    assert "the figures are NOT reproduced" in output
    assert "changed.json holds something else than when the model was exported" in errors


@needs_onnx
def test_onnx_files_are_measured_in_the_card_and_summed(stored, tmp_path):
    folder = tmp_path / "out"
    arguments = ["tiny/1", str(folder), "--int8", "--home", str(stored.path)]
    ended = CliRunner().invoke(export, arguments, catch_exceptions=False)
    assert f"tiny/1 is in {folder}" in ended.output
    assert {path.name for path in (folder / "onnx").iterdir()} == {"model.onnx", "model_int8.onnx"}
    sums = (folder / "SHA256SUMS").read_text()
    assert "  onnx/model.onnx\n" in sums
    assert "  onnx/model_int8.onnx\n" in sums
    card = (folder / "README.md").read_text()
    assert re.search(r"differ from the PyTorch model's by at most \d\.\de-0[5-9]\.", card)
    assert re.search(r"\| onnx/model_int8.onnx \| 0\.\d \| \d+\.\d\d \|", card)
    model, _ = load_student(folder)
    session = onnx_session.open_session(folder / "onnx" / "model.onnx")
    names = tuple(each.name for each in session.get_inputs())
    arrays = onnx_session.random_inputs(names, (3, 11), vocabulary=model.config.vocab_size, types=2)
    told = onnx_session.outputs_of(session, arrays)
    wanted = logits_of(model, {name: torch.from_numpy(array) for name, array in arrays.items()})
    assert np.abs(np.stack(list(told.values())) - wanted.numpy()).max() < 1e-4


def test_without_the_packages_nothing_is_written(stored, tmp_path, monkeypatch):
    monkeypatch.setattr(onnx_session, "PACKAGES", ("onnx", "no_such_package"))
    with pytest.raises(
        SettingError, match=r"no_such_package; install with: pip install 'bert-frontier\[onnx\]'"
    ):
        export_trial(stored, "tiny", 1, tmp_path / "out", onnx=True)
    assert not (tmp_path / "out").exists()


def test_a_model_without_a_result_is_not_exported(stored, tmp_path):
    events = stored.path / "experiments/tiny/0001/events.jsonl"
    events.write_text("".join(f"{line}\n" for line in events.read_text().splitlines()[:-1]) + '{"kind": "fin')
    with pytest.raises(ModelError, match="tiny/1 has not completed"):
        export_trial(stored, "tiny", 1, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_damaged_records_are_refused(stored, tmp_path):
    folder = export_trial(stored, "tiny", 1, tmp_path / "out")
    path = folder / RECORD_FILE
    whole = path.read_text()
    path.write_text(whole.replace('"format": 1', '"format": 2'))
    with pytest.raises(ModelError, match="has format 2; this program knows 1"):
        read_record(folder)
    path.write_text(whole.replace('"seed": 3', '"seed": "x"'))
    with pytest.raises(ModelError, match="seed: Input should be a valid integer"):
        read_record(folder)
    path.write_text(whole[:100])
    with pytest.raises(ModelError, match="is damaged"):
        read_record(folder)
    path.unlink()
    with pytest.raises(ModelError, match=f"has no {RECORD_FILE}"):
        read_record(folder)
