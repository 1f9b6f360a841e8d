"""Tables of trials become studies; what is unclear is asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import DatasetError, SettingError
from engine.importing.reading import read_study_file
from engine.importing.study import Study
from engine.importing.wishes import Wishes, parse_metric
from engine.parameters import CategoricalParameter, FloatParameter, IntegerParameter

TABLE = """trial,state,layers,rate,kind,same,accuracy,size
7,completed,2,1e-4,a,5,50,3
8,COMPLETE,4,1e-6,b,5,60,5
9,FAIL,4,1e-5,b,5,,
10,,6,1e-5,b,5,nan,9
11,pruned,6,,b,5,,
"""
METRICS = ("exact:maximize:threshold=50:from=accuracy", "size:minimize")


def read(
    folder: Path, text: str = TABLE, *metrics: str, parameters: tuple[str, ...] = (), name: str = "t.csv"
) -> Study:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return read_study_file(path, Wishes([parse_metric(item) for item in metrics], None, parameters))


def test_columns_become_parameters_and_metrics(tmp_path: Path) -> None:
    study = read(tmp_path, TABLE, *METRICS)
    assert study.parameters == {
        "layers": IntegerParameter(low=2, high=6),
        "rate": FloatParameter(low=1e-6, high=1e-4, log=True),
        "kind": CategoricalParameter(values=("a", "b")),
        "same": CategoricalParameter(values=(5,)),
    }
    assert [(trial.number, trial.state) for trial in study.trials] == [
        (7, "completed"),
        (8, "completed"),
        (9, "failed"),
        (10, "failed"),
    ]
    assert study.trials[0].metrics == {"exact": 50.0, "size": 3.0}
    assert study.trials[0].parameters == {"layers": 2, "rate": 1e-4, "kind": "a", "same": 5}
    assert study.metrics[0].threshold == 50
    assert study.notes == ("1 of 5 rows have not all parameters, and are left out.",)


def test_tabs_byte_order_marks_and_no_numbers(tmp_path: Path) -> None:
    study = read(tmp_path, "\ufeffx\ty\n1\t2\n2\t4\n", "y:maximize", name="t.tsv")
    assert list(study.parameters) == ["x"]
    assert [trial.number for trial in study.trials] == [0, 1]


def test_parameters_can_be_chosen(tmp_path: Path) -> None:
    study = read(tmp_path, TABLE, *METRICS, parameters=("layers",))
    assert list(study.parameters) == ["layers"]
    assert len(study.trials) == 5
    assert study.trials[4].state == "stopped"


@pytest.mark.parametrize(
    ("text", "metrics", "told"),
    [
        (TABLE, (), "--metric"),
        (TABLE, ("f1:maximize",), "no column 'f1'; there are: trial, state"),
        ("y\n1\n", ("y:maximize",), "at least one must be a parameter"),
        ("trial,x,y\n-1,2,3\n", ("y:maximize",), "no number of a trial"),
        ("trial,x,y\n1,2,3\n1,3,4\n", ("y:maximize",), "same number"),
        ("state,x,y\nodd,2,3\n", ("y:maximize",), "state 'odd' is none of"),
        ("x,y\n,3\n", ("y:maximize",), "no row"),
    ],
)
def test_what_is_unclear_is_told(tmp_path: Path, text: str, metrics: tuple[str, ...], told: str) -> None:
    with pytest.raises((SettingError, ValueError), match=told):
        read(tmp_path, text, *metrics)


def test_a_table_without_rows(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no rows"):
        read(tmp_path, "x,y\n", "y:maximize")


@pytest.mark.parametrize(
    "text", ["exact", "exact:up", "exact:maximize:threshold=high", "exact:maximize:from=", ":maximize"]
)
def test_how_metrics_are_written(text: str) -> None:
    with pytest.raises(SettingError, match="such as exact:maximize"):
        parse_metric(text)
