"""Decoding against a literal, slow reading of the rules, and the whole way from gold answers back to a score of 100."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import AutoTokenizer

from engine.errors import DivergenceError, ModelError, SettingError
from engine.tasks.squad import decoding as squad_decode
from engine.tasks.squad.decoding import decode
from engine.tasks.squad.features import Features, encode
from engine.tasks.squad.loading import Question, load_squad
from engine.tasks.squad.scoring import score

MakeCorpus = Callable[..., list[Question]]
SMALL = {"max_length": 40, "doc_stride": 12, "max_query_length": 16}


def slow_decode(
    features: Features, questions: list[Question], start: Any, end: Any, n_best: int, longest: int
) -> tuple[dict[str, str], dict[str, float]]:
    """The rules one by one: (best text, null odds)."""
    best: dict[int, tuple[float, str]] = {}
    null: dict[int, float] = {}
    for w, number in enumerate(features.window_question.tolist()):
        low, high = features.row_offsets[w], features.row_offsets[w + 1]
        item = questions[number]
        at_cls = float(start[low + features.cls_index]) + float(end[low + features.cls_index])
        null[number] = min(null.get(number, np.inf), at_cls)
        tokens = range(low, high)
        for first in sorted(tokens, key=lambda n: -start[n])[:n_best]:
            for last in sorted(tokens, key=lambda n: -end[n])[:n_best]:
                if not features.context_mask[first] or not features.context_mask[last]:
                    continue
                if not features.max_context[first] or last < first or last - first + 1 > longest:
                    continue
                value = float(start[first]) + float(end[last])
                if number not in best or value > best[number][0]:
                    text = item.context[features.char_start[first] : features.char_end[last]]
                    best[number] = (value, text)
    texts = {item.id: best.get(n, (0.0, ""))[1].strip() for n, item in enumerate(questions)}
    odds = {item.id: null[n] - best.get(n, (0.0, ""))[0] for n, item in enumerate(questions)}
    return texts, odds


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_decode_follows_the_rules(data: st.DataObject, make_corpus: MakeCorpus, bert_tokenizer: Any) -> None:
    questions = make_corpus(4, seed=data.draw(st.integers(0, 10_000)), longest=40)
    features = encode(bert_tokenizer, questions, **SMALL)
    rng = np.random.default_rng(data.draw(st.integers(0, 10_000)))
    # Few distinct values make ties common.
    start, end = rng.integers(-4, 5, (2, len(features.input_ids))).astype(np.float32)
    n_best, longest = data.draw(st.sampled_from([1, 3, 20, 10_000])), data.draw(st.sampled_from([1, 4, 30]))
    texts, odds = slow_decode(features, questions, start, end, n_best, longest)
    decoded = decode(features, questions, start, end, n_best=n_best, max_answer_length=longest)
    assert decoded.best_text == texts
    assert decoded.null_odds == odds
    for item in questions:
        begin, stop = decoded.span[item.id]
        assert item.context[begin:stop] == decoded.best_text[item.id]


def perfect_logits(features: Features) -> tuple[np.ndarray, np.ndarray]:
    logits = np.zeros((2, len(features.input_ids)), dtype=np.float32)
    logits[0, features.row_offsets[:-1] + features.start_positions] = 10
    logits[1, features.row_offsets[:-1] + features.end_positions] = 10
    return logits[0], logits[1]


def test_perfect_logits_score_100(make_corpus: MakeCorpus, tokenizer: Any) -> None:
    questions = make_corpus(300, seed=7)
    features = encode(tokenizer, questions, max_length=112, doc_stride=36, max_query_length=32)
    decoded = decode(features, questions, *perfect_logits(features), max_answer_length=40)
    metrics = score(questions, decoded.best_text, decoded.null_odds).metrics
    assert metrics["HasAns_total"] > 150
    assert metrics["NoAns_total"] > 60
    assert metrics["exact"] == metrics["f1"] == 100
    for item in questions:
        assert (decoded.null_odds[item.id] < 0) == item.answerable
        if item.answerable:
            assert decoded.span[item.id] == (item.answers[0].start, item.answers[0].end)


def test_chunks_do_not_matter(
    make_corpus: MakeCorpus, bert_tokenizer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    questions = make_corpus(30, seed=8)
    features = encode(bert_tokenizer, questions, **SMALL)
    start, end = np.random.default_rng(0).normal(size=(2, len(features.input_ids))).astype(np.float32)
    whole = decode(features, questions, start, end)
    monkeypatch.setattr(squad_decode, "CHUNK", 7)
    assert decode(features, questions, start, end) == whole


def test_no_admissible_span_scores_zero(bert_tokenizer: Any) -> None:
    questions = [Question("a", "tower?", ""), Question("b", "tower?", "ship")]
    features = encode(bert_tokenizer, questions)
    start = np.full(len(features.input_ids), -1, dtype=np.float32)
    start[features.row_offsets[:-1]] = 2
    decoded = decode(features, questions, start, start, n_best=1)
    assert decoded.best_text == {"a": "", "b": ""}
    assert decoded.null_odds == {"a": 4.0, "b": 4.0}
    assert decoded.span["a"] == (0, 0)


def test_logits_that_are_not_finite_mean_divergence(bert_tokenizer: Any) -> None:
    questions = [Question("a", "tower?", "ship")]
    features = encode(bert_tokenizer, questions)
    good = np.zeros(len(features.input_ids), dtype=np.float32)
    bad = good.copy()
    bad[1] = np.nan
    with pytest.raises(DivergenceError, match=r"1 of .* end logits"):
        decode(features, questions, good, bad)


def test_foreign_logits_and_settings_are_refused(bert_tokenizer: Any) -> None:
    questions = [Question("a", "tower?", "ship")]
    features = encode(bert_tokenizer, questions)
    logits = np.zeros(len(features.input_ids), dtype=np.float32)
    with pytest.raises(ModelError, match="2 were given"):
        decode(features, questions * 2, logits, logits)
    with pytest.raises(ModelError, match="start_logits has shape"):
        decode(features, questions, logits[1:], logits)
    with pytest.raises(SettingError, match="n_best is 0"):
        decode(features, questions, logits, logits, n_best=0)
    with pytest.raises(SettingError, match="max_answer_length is 0"):
        decode(features, questions, logits, logits, max_answer_length=0)


def test_official_dev_set_survives_the_round_trip(shared_data: Path) -> None:
    questions = load_squad(shared_data / "squad" / "dev-v2.0.json.gz").questions
    tokenizer = AutoTokenizer.from_pretrained(shared_data / "models" / "minilm-l6-v2")
    features = encode(tokenizer, questions)
    # The number of windows that BERT's own script makes of this file with the same vocabulary.
    assert len(features) == 12_232
    decoded = decode(features, questions, *perfect_logits(features))
    metrics = score(questions, decoded.best_text, decoded.null_odds).metrics
    assert metrics["exact"] > 99.5
    assert metrics["NoAns_exact"] == 100
