"""A task of a user's own is a TOML table, checked before anything is read."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from engine.tasks.interface import Part
from engine.tasks.sequence.format import FormatSection
from engine.tasks.sequence.task import sequence_task

ROOT = Path(__file__).resolve().parents[4]


def section(toml: str) -> FormatSection:
    return FormatSection.model_validate(tomllib.loads(toml))


def test_a_classification_needs_no_code(tmp_path):
    columns = section(
        'text = "{title}: {body}"\nlabel = "stars"\nlabels = [1, 2, 3]\ntogether = "shop"\n'
        'delimiter = ";"\ncolumns = ["shop", "title", "body", "stars"]\nmetrics = ["macro_f1", "accuracy"]'
    )
    lines = [f"s{n // 3};Title {n};body;{1 + n % 3}" for n in range(30)]
    (tmp_path / "reviews.csv").write_text("\n".join(lines))
    task = sequence_task("reviews", columns=columns, dataset=str(tmp_path / "reviews.csv"), eval_fraction=0.3)
    parts = task.read()
    assert task.labels == 3
    assert [len(part) for part in parts.values()] == [21, 9]
    assert not {item.cluster for item in parts["training"]} & {item.cluster for item in parts["evaluation"]}
    first = next(item for part in parts.values() for item in part if item.id == "1")
    assert (first.text, first.label) == ("Title 0: body", 0)
    logits = np.eye(3)[[item.label for item in parts["evaluation"]]]
    scores = task.score({"evaluation": Part(parts["evaluation"], None)}, {"evaluation": {"logits": logits}})
    assert scores.metrics == {"macro_f1": 100.0, "accuracy": 100.0, "collapsed": 0.0}


def test_a_regression_on_pairs(tmp_path):
    columns = section('text = "a"\npair = "b"\nlabel = "y"\nregression = true')
    (tmp_path / "train.tsv").write_text("a\tb\ty\n" + "".join(f"x{n}\tz\t{n / 2}\n" for n in range(10)))
    task = sequence_task("own", columns=columns, dataset=str(tmp_path))
    assert task.labels == 1
    assert [item.label for part in task.read().values() for item in part].count(4.5) == 1
    assert task.definition.metrics == ("pearson", "spearman")


@pytest.mark.parametrize(
    ("toml", "metrics"),
    [
        ('text = "a"\nlabels = ["x", "y"]', ("accuracy", "f1", "macro_f1", "mcc")),
        ('text = "a"\nlabels = ["x", "y", "z"]', ("accuracy", "macro_f1", "mcc")),
        ('text = "a"\nlabels = [false, true]\nmetrics = ["mcc"]', ("mcc",)),
    ],
)
def test_metrics_follow_from_the_labels(toml, metrics):
    assert section(toml).definition("own").metrics == metrics


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ('text = "a"', "either labels"),
        ('text = "a"\nlabels = ["x", "y"]\nregression = true', "either labels"),
        ('text = "a"\nlabels = ["x"]', "at least two"),
        ('text = "a"\nlabels = ["x", "x"]', "names a class twice"),
        ('text = "a"\nlabels = ["x", "y"]\nmetrics = ["pearson"]', "'pearson' is not possible"),
        ('text = "a"\nlabels = ["x", "y", "z"]\nmetrics = ["f1"]', "'f1' is not possible"),
        ('text = "a"\nregression = true\nscale = [5, 0]', "scale is"),
        ('text = "a"\nlabels = ["x", "y"]\ncolumns = ["a", "a"]', "names a column twice"),
        ('text = "a"\nlabels = ["x", "y"]\ndelimeter = ","', "delimeter"),
    ],
)
def test_slips_are_refused(toml, message):
    with pytest.raises(ValidationError, match=message):
        section(toml)


def test_importing_is_cheap():
    code = (
        "import sys, engine.tasks.sequence.task, engine.tasks.sequence.format; "
        "print([name for name in ('torch', 'transformers', 'datasets', 'scipy') if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert found.stdout.strip() == "[]"
