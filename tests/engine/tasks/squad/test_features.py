"""Windows, answer positions and the way back to characters, against BERT's own loops and plain tokenizer calls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from transformers import PreTrainedTokenizerFast

from engine.errors import DatasetError, ModelError, SettingError
from engine.tasks.squad.features import Features, encode, feature_fingerprint
from engine.tasks.squad.loading import Answer, Question
from engine.tasks.squad.windows import cut, max_context

MakeCorpus = Callable[..., list[Question]]
SMALL = {"max_length": 64, "doc_stride": 16, "max_query_length": 24}


def bert_spans(length: int, room: int, stride: int) -> list[tuple[int, int]]:
    """Windows as run_squad.py of BERT makes them: (start, length)."""
    spans, start = [], 0
    while start < length:
        size = min(length - start, room)
        spans.append((start, size))
        if start + size == length:
            break
        start += min(size, stride)
    return spans or [(0, 0)]


def has_max_context(spans: list[tuple[int, int]], current: int, position: int) -> bool:
    best_score, best_span = None, None
    for index, (start, length) in enumerate(spans):
        end = start + length - 1
        if position < start or position > end:
            continue
        value = min(position - start, end - position) + 0.01 * length
        if best_score is None or value > best_score:
            best_score, best_span = value, index
    return current == best_span


@given(st.lists(st.tuples(st.integers(0, 120), st.integers(2, 40)), min_size=1, max_size=5), st.data())
def test_windows_are_those_of_bert(shapes: list[tuple[int, int]], data: st.DataObject) -> None:
    stride = data.draw(st.integers(1, min(room for _, room in shapes) - 1))
    windows = cut(np.array([n for n, _ in shapes]), np.array([room for _, room in shapes]), stride)
    for number, (length, room) in enumerate(shapes):
        spans = bert_spans(length, room, stride)
        own = windows.question == number
        assert list(zip(windows.start[own], windows.length[own], strict=True)) == spans
        assert set(windows.siblings[own]) == {len(spans)}
        for index, (pattern, (start, size)) in enumerate(
            zip(max_context(length, room, stride), spans, strict=True)
        ):
            assert pattern.tolist() == [has_max_context(spans, index, start + n) for n in range(size)]


def test_windows_equal_a_direct_tokenizer_call(make_corpus: MakeCorpus, tokenizer: Any) -> None:
    for item in make_corpus(40, seed=1):
        features = encode(tokenizer, [item], **SMALL)
        query = min(len(tokenizer(item.question, add_special_tokens=False)["input_ids"]), 24)
        overlap = 64 - query - tokenizer.num_special_tokens_to_add(pair=True) - 16
        asked = tokenizer(
            item.question,
            add_special_tokens=False,
            truncation=True,
            max_length=24,
            return_offsets_mapping=True,
        )
        text = item.question[: asked["offset_mapping"][-1][1]] if query == 24 else item.question
        direct = tokenizer(
            text, item.context, truncation="only_second", max_length=64, stride=overlap,
            return_overflowing_tokens=True, return_offsets_mapping=True, return_token_type_ids=True,
        )  # fmt: skip
        assert len(features) == len(direct["input_ids"])
        for w in range(len(features)):
            row = slice(features.row_offsets[w], features.row_offsets[w + 1])
            assert features.input_ids[row].tolist() == direct["input_ids"][w]
            assert features.token_type_ids[row].tolist() == direct["token_type_ids"][w]
            spans = zip(features.char_start[row], features.char_end[row], strict=True)
            for here, there, owner, mask in zip(
                spans,
                direct["offset_mapping"][w],
                direct.sequence_ids(w),
                features.context_mask[row],
                strict=True,
            ):
                assert here == (there if owner == 1 else (0, 0))
                assert mask == (owner == 1 and there[0] < there[1])


def context_spans(tokenizer: Any, item: Question) -> tuple[Any, Any]:
    encoded = tokenizer(item.context, add_special_tokens=False, return_offsets_mapping=True)
    begins, ends = np.array(encoded["offset_mapping"]).T
    return begins, ends


def touching(item: Question, begins: Any, ends: Any) -> int:
    """How many tokens share a character with the answer; several may stand for one character."""
    answer = item.answers[0]
    return np.count_nonzero((begins < ends) & (begins < answer.end) & (ends > answer.start))


def test_answer_positions_give_the_answer_back(make_corpus: MakeCorpus, tokenizer: Any) -> None:
    questions = make_corpus(150, seed=2)
    features = encode(tokenizer, questions, **SMALL)
    held = np.zeros(len(questions), dtype=bool)
    for w in range(len(features)):
        item = questions[features.window_question[w]]
        row = slice(features.row_offsets[w], features.row_offsets[w + 1])
        begins, ends = features.char_start[row], features.char_end[row]
        inside = features.context_mask[row]
        start, end = features.start_positions[w], features.end_positions[w]
        whole = item.answerable and touching(item, begins, ends) == touching(
            item, *context_spans(tokenizer, item)
        )
        assert (start != features.cls_index) == whole
        assert (end != features.cls_index) == whole
        if whole:
            held[features.window_question[w]] = True
            answer = item.answers[0]
            assert item.context[begins[start] : ends[end]] == answer.text
            assert inside[start]
            assert inside[end]
    assert held.tolist() == [item.answerable for item in questions]


def test_each_context_token_has_max_context_once(make_corpus: MakeCorpus, bert_tokenizer: Any) -> None:
    questions = make_corpus(60, seed=3)
    features = encode(bert_tokenizer, questions, **SMALL)
    assert not (features.max_context & ~features.context_mask).any()
    owner = np.repeat(features.window_question, features.lengths)[features.max_context]
    starts = features.char_start[features.max_context]
    expected = [
        (number, begin)
        for number, item in enumerate(questions)
        for begin, _ in bert_tokenizer(item.context, add_special_tokens=False, return_offsets_mapping=True)[
            "offset_mapping"
        ]
    ]
    assert sorted(zip(owner.tolist(), starts.tolist(), strict=True)) == expected


def test_layout_is_consistent(make_corpus: MakeCorpus, tokenizer: Any) -> None:
    features = encode(tokenizer, make_corpus(80, seed=4), **SMALL)
    assert features.row_offsets[0] == 0
    assert features.row_offsets[-1] == len(features.input_ids)
    assert features.lengths.max() == 64
    assert features.lengths.min() >= 3
    assert (
        np.diff(features.window_question).tolist()
        == np.clip(np.diff(features.window_question), 0, 1).tolist()
    )
    assert set(features.window_question.tolist()) == set(range(80))
    cls = features.input_ids[features.row_offsets[:-1] + features.cls_index]
    assert (cls == tokenizer.cls_token_id).all()
    assert features.pad_token_id == tokenizer.pad_token_id


def test_empty_texts_have_a_window(bert_tokenizer: Any) -> None:
    features = encode(bert_tokenizer, [Question("a", "", ""), Question("b", "tower?", "  ")], **SMALL)
    assert features.window_question.tolist() == [0, 1]
    assert not features.context_mask.any()
    assert features.start_positions.tolist() == [0, 0]


def test_answer_inside_a_token_takes_the_whole_token(bert_tokenizer: Any) -> None:
    features = encode(bert_tokenizer, [Question("a", "?", "the ship mill", (Answer("hi", 5),))])
    start, end = features.start_positions[0], features.end_positions[0]
    assert features.char_start[start] <= 5
    assert features.char_end[end] >= 7


def test_save_and_load(make_corpus: MakeCorpus, tokenizer: Any, tmp_path: Path) -> None:
    features = encode(tokenizer, make_corpus(30, seed=5), **SMALL)
    folder = tmp_path / "deep" / "features"
    features.save(folder)
    features.save(folder)
    assert [path.name for path in folder.iterdir()] == ["features.arrow"]
    loaded = Features.load(folder)
    for name in Features.__slots__:
        before, after = getattr(features, name), getattr(loaded, name)
        assert np.array_equal(before, after)
        if isinstance(before, np.ndarray):
            assert before.dtype == after.dtype


def test_interrupted_save_leaves_the_old_file(
    make_corpus: MakeCorpus, bert_tokenizer: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    features = encode(bert_tokenizer, make_corpus(5))
    features.save(tmp_path)

    def fail(self: Path, target: Path) -> Path:
        raise OSError("disk full")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        replace(features, fingerprint="new").save(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["features.arrow"]
    assert Features.load(tmp_path).fingerprint == features.fingerprint


def test_damaged_or_missing_files_are_told(
    make_corpus: MakeCorpus, bert_tokenizer: Any, tmp_path: Path
) -> None:
    with pytest.raises(DatasetError, match="no encoded features"):
        Features.load(tmp_path)
    path = tmp_path / "features.arrow"
    encode(bert_tokenizer, make_corpus(5)).save(tmp_path)
    content = path.read_bytes()
    for damaged in (b"", b"nonsense" * 9, content[: len(content) // 2]):
        path.unlink()
        path.write_bytes(damaged)
        with pytest.raises(DatasetError, match="damaged"):
            Features.load(tmp_path)


def test_fingerprint_depends_on_what_features_depend_on(
    make_corpus: MakeCorpus, bert_tokenizer: Any, roberta_tokenizer: Any
) -> None:
    questions = make_corpus(5)
    base = feature_fingerprint(bert_tokenizer, questions, **SMALL)
    assert base == encode(bert_tokenizer, questions, **SMALL).fingerprint
    bert_tokenizer("x", truncation=True, max_length=9, padding="max_length")
    assert base == feature_fingerprint(bert_tokenizer, questions, **SMALL)
    assert base != feature_fingerprint(roberta_tokenizer, questions, **SMALL)
    assert base != feature_fingerprint(bert_tokenizer, questions[1:], **SMALL)
    for name in SMALL:
        assert base != feature_fingerprint(bert_tokenizer, questions, **(SMALL | {name: SMALL[name] + 1}))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"max_length": 0}, "max_length is 0"),
        ({"doc_stride": 0}, "doc_stride is 0"),
        ({"max_query_length": -1}, "max_query_length is -1"),
        ({"max_length": 67}, "max_length 67 leaves no room.*above 67"),
        ({"max_length": 128}, "doc_stride 128 must be below the 61 context tokens"),
        ({"max_length": 195, "doc_stride": 128}, "doc_stride 128 must be below the 128"),
    ],
)
def test_lengths_that_do_not_fit_are_refused(
    bert_tokenizer: Any, settings: dict[str, int], message: str
) -> None:
    with pytest.raises(SettingError, match=message):
        encode(bert_tokenizer, [Question("a", "tower?", "tower")], **settings)


def test_tokenizers_of_other_families_are_refused(bert_tokenizer: Any) -> None:
    bare = PreTrainedTokenizerFast(tokenizer_object=bert_tokenizer.backend_tokenizer)
    with pytest.raises(ModelError, match="classification token"):
        encode(bare, [Question("a", "tower?", "tower")])
    with pytest.raises(ModelError, match="not a fast one"):
        encode(object(), [Question("a", "tower?", "tower")])
    with pytest.raises(DatasetError, match="no questions"):
        encode(bert_tokenizer, [])
