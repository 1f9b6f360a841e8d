"""Files of every form give the same examples, and what is wrong with a file is said with line and field."""

from __future__ import annotations

import gzip
import json

import pandas as pd
import pytest

from engine.errors import DatasetError
from engine.tasks import hub
from engine.tasks.sequence.catalogue import definition
from engine.tasks.sequence.files import Line, Table, read_table
from engine.tasks.sequence.format import FormatSection
from engine.tasks.sequence.hub import read_hub
from engine.tasks.sequence.reading import examples_of

OWN = FormatSection(text="body", label="kind", labels=("no", "yes"), id="key").definition("own")
ROWS = [
    {"key": "a", "body": 'He said "hello, you"', "kind": "yes"},
    {"key": "b", "body": "Ünïcode …", "kind": "no"},
]


def read(path, task=OWN):
    return examples_of(read_table(path, task), task)


def write(path, text):
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_every_form_reads_the_same(tmp_path):
    frame = pd.DataFrame(ROWS)
    frame.to_csv(tmp_path / "a.csv", index=False)
    frame.to_parquet(tmp_path / "a.parquet")
    frame.to_json(tmp_path / "a.jsonl", orient="records", lines=True)
    frame.to_json(tmp_path / "a.json", orient="records")
    plain = "key\tbody\tkind\r\n" + "".join("\t".join(row.values()) + "\r\n" for row in ROWS)
    write(tmp_path / "a.tsv", "\ufeff" + plain)
    write(tmp_path / "b.tsv.gz", gzip.compress(plain.encode()))
    found = [read(path) for path in sorted(tmp_path.iterdir())]
    assert len(found) == 6
    assert all(items == found[0] for items in found)
    assert [(item.id, item.text, item.label) for item in found[0]] == [
        ("a", 'He said "hello, you"', 1),
        ("b", "Ünïcode …", 0),
    ]


def test_quoted_fields_may_span_lines_and_later_lines_keep_their_number(tmp_path):
    path = write(tmp_path / "a.csv", 'key,body,kind\na,"two\nlines",yes\nb,text,maybe\n')
    with pytest.raises(
        DatasetError, match=r"a\.csv, line 4, field 'kind': unknown label 'maybe'; known: no, yes"
    ):
        read(path)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("a\ttext", "line 3: 2 fields where 3 are expected"),
        ("a\ttext\tyes\tmore", "line 3: 4 fields where 3 are expected"),
        ("a\ttext\t-1", "line 3, field 'kind': the label is missing"),
        ("a\ttext\t-", "line 3, field 'kind': the label is missing"),
        ("a\ttext\t", "line 3, field 'kind': the label is missing"),
        ("a\ttext\tperhaps", "line 3, field 'kind': unknown label 'perhaps'"),
        ("a\t  \tyes", "line 3, field 'body': the text is empty"),
        ("\ttext\tyes", "line 3, field 'key': the text is empty"),
        ("x\ttext\tyes", "line 3: the id 'x' is also that of .*line 2"),
    ],
)
def test_a_bad_row_is_named(tmp_path, line, message):
    path = write(tmp_path / "train.tsv", f"key\tbody\tkind\nx\tfine\tno\n{line}\n")
    with pytest.raises(DatasetError, match=message) as caught:
        read(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.tsv", b"", "is empty"),
        ("a.tsv", b"key\tbody\tkind\n", "holds no rows"),
        ("a.tsv", b"key\tbody\tkind\na\t\xff\tyes\n", "line 2: not text in UTF-8"),
        ("a.tsv", b"key\tbody\tbody\n", "named twice"),
        ("a.tsv", b"key\ttext\tkind\na\tb\tyes\n", r"no column for the text; needed is \{body\}"),
        ("a.tsv.gz", b"\x1f\x8b\x08\x00broken", "damaged gzip"),
        ("a.jsonl", b'{"key": 1}\n{', "line 2: not JSON"),
        (
            "a.jsonl",
            b'{"key": "a", "body": "b", "kind": "no"}\n{"key": "b", "kind": "no"}',
            "field 'body': it is missing",
        ),
        (
            "a.jsonl",
            b'{"key": "a", "body": "\\ud800", "kind": "no"}',
            "field 'body': the text holds half a surrogate",
        ),
        ("a.jsonl", b'{"key": "a", "body": null, "kind": "no"}', "line 1, field 'body'"),
        ("a.jsonl", b'{"key": "a", "body": "b", "kind": null}', "the label is missing"),
        ("a.jsonl", b"[1, 2]", "an object is expected"),
        ("a.jsonl", b"text", "JSON lines are expected"),
        ("a.parquet", b"PAR1", "not a Parquet file"),
        ("a.csv", b'key,body,kind\na,"b,yes\n', "line 2"),
    ],
)
def test_a_bad_file_is_named(tmp_path, name, content, message):
    with pytest.raises(DatasetError, match=message):
        read(write(tmp_path / name, content))
    with pytest.raises(DatasetError, match="no file at"):
        read(tmp_path / "absent.tsv")


def test_numbers_must_be_finite_and_on_the_scale(tmp_path):
    task = FormatSection(text="t", label="y", regression=True, scale=(0, 5)).definition("own")
    assert read(write(tmp_path / "a.csv", "t,y\nx,2.5\n"), task)[0].label == 2.5
    for bad, message in (
        ("inf", "not a number"),
        ("x", "not a number"),
        ("-1", "outside the scale"),
        ("", "missing"),
    ):
        with pytest.raises(DatasetError, match=message):
            read(write(tmp_path / "a.csv", f"t,y\nx,{bad}\n"), task)


def test_headless_files_and_rows_cut_short(tmp_path):
    scored = write(tmp_path / "a.tsv", "g\tf\t2012\t1\t2.5\tone\ttwo\textra\n")
    assert [(item.text, item.pair, item.label) for item in read(scored, definition("stsb"))] == [
        ("one", "two", 2.5)
    ]
    test_file = write(tmp_path / "b.tsv", "index\tsentence\n0\ttext\n")
    with pytest.raises(DatasetError, match="no column for the label"):
        read(test_file, definition("cola"))
    broken = write(
        tmp_path / "c.tsv",
        "id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate\n1\t2\t3\ta\n2\t2\t3\ta\tb\t1\n",
    )
    assert [item.id for item in read(broken, definition("qqp"))] == ["2"]


HUB_ROWS = {
    "rte": {"sentence1": "a", "sentence2": "b", "label": 1, "idx": 0},
    "mrpc": {"sentence1": "a", "sentence2": "b", "label": 1, "idx": 0},
    "stsb": {"sentence1": "a", "sentence2": "b", "label": 2.5, "idx": 0},
    "mnli": {"premise": "a", "hypothesis": "b", "label": 2, "idx": 0},
    "qqp": {"question1": "a", "question2": "b", "label": 0, "idx": 0},
    "boolq": {"question": "b", "passage": "a", "label": 1, "idx": 0},
    "wic": {"word": "w", "sentence1": "a", "sentence2": "b", "label": 0, "idx": 0},
    "wsc": {"text": "it fell", "span1_text": "cup", "span2_text": "it", "label": 1, "idx": 0},
    "multirc": {
        "paragraph": "p", "question": "q", "answer": "r", "label": 1,
        "idx": {"paragraph": 1, "question": 2, "answer": 3},
    },
    "copa": {"premise": "p", "choice1": "x", "choice2": "y", "question": "cause", "label": 1, "idx": 4},
    "record": {
        "passage": "P\n@highlight\nQ", "query": "is @placeholder", "entities": ["A", "B", "A"], "answers": ["B"],
        "idx": {"passage": 0, "query": 1},
    },
    "race": {
        "example_id": "high3.txt", "article": "t", "question": "Q _ .", "options": ["a", "b", "c", "d"], "answer": "C"
    },
}  # fmt: skip
HUB_EXAMPLES = {
    "rte": [("0", "a", "b", 1)],
    "mrpc": [("0", "a", "b", 1)],
    "stsb": [("0", "a", "b", 2.5)],
    "mnli": [("0", "a", "b", 2)],
    "qqp": [("0", "a", "b", 0)],
    "boolq": [("0", "a", "b", 1)],
    "wic": [("0", "w: a", "b", 0)],
    "wsc": [("0", "it fell", "it refers to cup", 1)],
    "multirc": [("1-2-3", "p", "q r", 1)],
    "copa": [("4-0", "p", "What was the cause? x", 0), ("4-1", "p", "What was the cause? y", 1)],
    "record": [("0-1-0", "P Q", "is A", 0), ("0-1-1", "P Q", "is B", 1)],
    "race": [
        (f"high3.txt-Q _ .-{n}", "t", f"Q {letter} .", int(letter == "c")) for n, letter in enumerate("abcd")
    ],
}


@pytest.mark.parametrize("name", HUB_ROWS)
def test_columns_of_the_hub_are_understood(name):
    found = examples_of(Table("hub", [Line("hub, row 1", HUB_ROWS[name])]), definition(name))
    assert [(item.id, item.text, item.pair, item.label) for item in found] == HUB_EXAMPLES[name]


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("copa", {"label": -1}, "label is -1, which names none of the 2 candidates"),
        ("copa", {"question": "why"}, "field 'why' is missing or unknown"),
        ("race", {"answer": "E"}, "label is 4"),
        ("race", {"answer": ""}, "label is -1"),
        ("record", {"answers": []}, "the label is missing"),
        ("record", {"query": "is it"}, "no @placeholder"),
        ("multirc", {"label": -1}, "the label is missing"),
        ("multirc", {"passage": "text"}, "not in the form of multirc"),
        ("rte", {"label": -1}, "the label is missing"),
        ("rte", {"label": 2}, "unknown label '2'"),
    ],
)
def test_rows_without_an_answer_are_refused(name, change, message):
    row = json.loads(json.dumps(HUB_ROWS[name] | change))
    with pytest.raises(DatasetError, match=message) as caught:
        examples_of(Table("hub", [Line("hub, row 1", row)]), definition(name))
    assert "hub, row 1" in str(caught.value)


def test_without_a_network_a_hub_name_fails_soon_and_clearly(monkeypatch):
    monkeypatch.setattr(hub, "_reachable", lambda _: False)
    with pytest.raises(DatasetError, match=r"nyu-mll/glue-not-there \(cola, train\).*file or folder"):
        read_hub("nyu-mll/glue-not-there", "cola", "train")
    with pytest.raises(DatasetError, match="neither on this machine"):
        read_hub("no such name", None, "train")
