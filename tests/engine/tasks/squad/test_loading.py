"""Loading: well-formed sources give the same questions, malformed ones name what is wrong."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import datasets
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import DatasetError
from engine.tasks import hub
from engine.tasks.squad import hub as squad_hub
from engine.tasks.squad.loading import Answer, Question, fingerprint, is_path, load_squad
from engine.tasks.squad.records import locate

CONTEXT = "The Old Mill stands on the river. The river is cold."


def entry(identifier: str = "a", answers: list[dict[str, Any]] | None = None, **more: Any) -> dict[str, Any]:
    answers = [{"text": "Old Mill", "answer_start": 4}] if answers is None else answers
    return {"id": identifier, "question": "What stands there?", "answers": answers} | more


def document(*entries: dict[str, Any], context: str = CONTEXT) -> dict[str, Any]:
    return {"data": [{"title": "Mills", "paragraphs": [{"context": context, "qas": list(entries)}]}]}


def written(folder: Path, content: object, name: str = "squad.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def test_reads_squad_2(tmp_path: Path) -> None:
    impossible = entry("b", [], is_impossible=True, plausible_answers=[{"text": "river", "answer_start": 27}])
    dataset = load_squad(written(tmp_path, document(entry(is_impossible=False), impossible)))
    first, second = dataset.questions
    assert first == Question("a", "What stands there?", CONTEXT, (Answer("Old Mill", 4),), "Mills", 0)
    assert first.answerable
    assert second.answers == ()
    assert not second.answerable
    assert (dataset.repaired, dataset.dropped, dataset.dropped_questions) == (0, 0, 0)


def test_squad_1_has_no_impossible_key_and_gzip_gives_the_same(tmp_path: Path) -> None:
    plain = written(tmp_path, document(entry()))
    packed = tmp_path / "packed.json.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert load_squad(plain).questions == load_squad(str(packed)).questions
    assert load_squad(plain).fingerprint == load_squad(packed).fingerprint


def test_wrong_offsets_are_repaired_only_where_there_is_one_place(tmp_path: Path) -> None:
    answers = [
        {"text": "Old Mill", "answer_start": 5},
        {"text": "river", "answer_start": 0},
        {"text": "ocean", "answer_start": 0},
        {"text": "", "answer_start": 0},
        {"text": "cold", "answer_start": -5},
    ]
    lost = entry("lost", [{"text": "nowhere", "answer_start": 1}])
    dataset = load_squad(written(tmp_path, document(entry("kept", answers), lost)))
    (question,) = dataset.questions
    assert question.answers == (Answer("Old Mill", 4), Answer("cold", 47))
    assert (dataset.repaired, dataset.dropped, dataset.dropped_questions) == (2, 4, 1)


@given(st.text("ab ", max_size=12), st.text("ab", max_size=3), st.integers(-3, 15))
def test_located_answers_are_in_their_context(context: str, text: str, start: int) -> None:
    found = locate(context, text, start)
    places = [n for n in range(len(context)) if text and context[n : n + len(text)] == text]
    if found is None:
        assert start not in places
        assert len(places) != 1
    else:
        assert found in places
        assert found == start or places == [found]


def test_paragraph_numbers_follow_distinct_contexts(tmp_path: Path) -> None:
    content = document(entry("a"))
    content["data"] += document(entry("b", []), context="Other text.")["data"] + document(entry("c"))["data"]
    assert [q.paragraph for q in load_squad(written(tmp_path, content)).questions] == [0, 1, 0]


def test_fingerprint_is_stable_and_sees_every_field() -> None:
    base = Question("a", "q", "c x", (Answer("x", 2),), "t")
    assert fingerprint([base]) == "3d951af867c2507441250ebde9f8eb92b02c7293c7f58c2037066a56c706c3aa"
    others = [
        Question("b", "q", "c x", (Answer("x", 2),), "t"),
        Question("a", "r", "c x", (Answer("x", 2),), "t"),
        Question("a", "q", "cx x", (Answer("x", 2),), "t"),
        Question("a", "q", "c x", (Answer("c", 0),), "t"),
        Question("a", "q", "c x", (), "t"),
        Question("a", "q", "c x", (Answer("x", 2),), "u"),
    ]
    assert len({fingerprint([other]) for other in [base, *others]}) == 7
    assert fingerprint([base, others[0]]) != fingerprint([others[0], base])


def test_missing_file_says_where_it_looked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DatasetError, match=r"no file at none\.json") as error:
        load_squad("none.json")
    assert str(tmp_path / "none.json") in str(error.value)


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (b"", "a.json", "is empty"),
        (b" \n", "a.json", "is empty"),
        (b'{"data": [', "a.json", "is not JSON.*line 1, column 11"),
        (b'{"data": "\xff"}', "a.json", "not text in UTF-8"),
        (b"[" * 200_000, "a.json", "nested too deeply"),
        (b'{"data": []}', "a.json.gz", "not gzip"),
        (gzip.compress(b'{"data": []}' * 99, mtime=0)[:40], "a.json.gz", "damaged gzip"),
        (gzip.compress(b'{"data": []}', mtime=0)[:-6] + b"123456", "a.json.gz", "damaged gzip"),
        (b'{"data": []}', "a.json", "holds no questions"),
    ],
)
def test_unreadable_files(tmp_path: Path, content: bytes, name: str, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DatasetError, match=message) as error:
        load_squad(tmp_path / name)
    assert name in str(error.value)


def test_folder_is_not_a_file(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="is a folder"):
        load_squad(str(tmp_path))


def _without(key: str) -> dict[str, Any]:
    return {name: value for name, value in entry().items() if name != key}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([], "the document must be an object, found a list"),
        ({"version": "v2.0"}, "data is missing"),
        ({"data": {}}, "data must be a list, found an object"),
        ({"data": [3]}, r"data\[0\] must be an object, found a whole number"),
        ({"data": [{"title": "x"}]}, r"data\[0\].paragraphs is missing"),
        ({"data": [{"paragraphs": [{"qas": []}]}]}, r"data\[0\].paragraphs\[0\].context is missing"),
        ({"data": [{"paragraphs": [{"context": "x"}]}]}, r"data\[0\].paragraphs\[0\].qas is missing"),
        (document(entry(), _without("id")), r"data\[0\].paragraphs\[0\].qas\[1\].id is missing"),
        (document(_without("question")), r"qas\[0\].question is missing"),
        (document(_without("answers")), r"qas\[0\].answers is missing"),
        (document(entry(answers=[{"text": "x"}])), r"qas\[0\].answers\[0\].answer_start is missing"),
        (
            document(entry(answers=[{"text": "x", "answer_start": True}])),
            "must be a whole number, found true",
        ),
        (document(entry(answers=[{"text": None, "answer_start": 1}])), "answers.0..text is null"),
        (document(entry(is_impossible="no")), "is_impossible must be true or false, found a string"),
        (document({**entry(), "id": 1.5}), "id must be a string, found a number"),
        (document(entry(), entry()), "two questions with the id 'a'"),
    ],
)
def test_json_that_is_not_squad_names_the_key(tmp_path: Path, content: object, message: str) -> None:
    with pytest.raises(DatasetError, match=message) as error:
        load_squad(written(tmp_path, content))
    assert "squad.json" in str(error.value)


@pytest.mark.parametrize("source", ["a.json", "a.json.gz", "./a", "../a", "~/a", "/a", Path("a")])
def test_sources_that_are_paths(source: str | Path) -> None:
    assert is_path(source)


def test_names_are_paths_only_if_they_exist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert not is_path("rajpurkar/squad_v2")
    (tmp_path / "rajpurkar").mkdir()
    (tmp_path / "rajpurkar" / "squad_v2").touch()
    assert is_path("rajpurkar/squad_v2")
    assert not is_path("")
    assert not is_path("x" * 5000)


@pytest.mark.parametrize("name", ["", "bad name!!", "a/b/c", "a//b", "hf://x"])
def test_malformed_hub_names(name: str) -> None:
    with pytest.raises(DatasetError, match="neither on this machine nor a Hugging Face name"):
        load_squad(name)


def test_hub_without_network_asks_for_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "_reachable", lambda endpoint: False)
    before = datasets.config.HF_HUB_OFFLINE
    with pytest.raises(DatasetError, match=r"--dataset path/to/train-v2\.0\.json"):
        load_squad("nobody-at-all/no-such-squad", split="validation")
    assert datasets.config.HF_HUB_OFFLINE is before


def test_unreachable_endpoint_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    assert not hub._reachable("http://127.0.0.1:9")


@pytest.mark.parametrize(
    "raised",
    [datasets.exceptions.DatasetNotFoundError("gone"), ValueError("Unknown split"), RuntimeError("scripts")],
)
def test_other_hub_failures_are_told(monkeypatch: pytest.MonkeyPatch, raised: Exception) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise raised

    monkeypatch.setattr(hub, "_reachable", lambda endpoint: True)
    monkeypatch.setattr(datasets, "load_dataset", fail)
    with pytest.raises(DatasetError, match=str(raised)):
        load_squad("owner/name")


def test_hub_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    none: dict[str, list[Any]] = {"text": [], "answer_start": []}
    some = {"text": ["Old Mill"], "answer_start": [4]}
    rows = datasets.Dataset.from_list(
        [
            {"id": "a", "title": "Mills", "context": CONTEXT, "question": "What?", "answers": some},
            {"id": "b", "title": "Mills", "context": CONTEXT, "question": "Who?", "answers": none},
        ]
    )
    asked: list[tuple[str, str]] = []

    def fake(name: str, configuration: None, *, split: str, streaming: bool) -> datasets.Dataset:
        asked.append((name, split))
        return rows

    monkeypatch.setattr(hub, "_reachable", lambda endpoint: True)
    monkeypatch.setattr(datasets, "load_dataset", fake)
    dataset = load_squad("owner/name", split="validation")
    assert asked == [("owner/name", "validation")]
    assert dataset.source == "owner/name (validation)"
    assert [q.answers for q in dataset.questions] == [(Answer("Old Mill", 4),), ()]


def test_hub_dataset_of_another_form() -> None:
    with pytest.raises(DatasetError, match="column question, answers is missing"):
        squad_hub.from_rows([{"id": 1, "context": "x", "label": 0}], "owner/name")
    row = {"id": "a", "context": "x", "question": "q", "answers": "x"}
    with pytest.raises(DatasetError, match="row 0 needs answers"):
        squad_hub.from_rows([row], "owner/name")


def test_official_dev_set_needs_no_repair(shared_data: Path) -> None:
    dataset = load_squad(shared_data / "squad" / "dev-v2.0.json.gz")
    assert len(dataset.questions) == 11_873
    assert sum(q.answerable for q in dataset.questions) == 5_928
    assert dataset.questions[-1].paragraph == 1_203
    assert (dataset.repaired, dataset.dropped, dataset.dropped_questions) == (0, 0, 0)
