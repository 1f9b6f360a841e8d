"""The generated corpus: valid SQuAD 2.0, the same for the same seed, with answers that the text really gives."""

from __future__ import annotations

import json
import re
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.tasks.squad.loading import load_squad
from engine.tasks.squad.sample import TOPICS, generate_corpus


def paragraphs_of(corpus):
    return [(topic["title"], item) for topic in corpus["data"] for item in topic["paragraphs"]]


def told(context, subject, relation):
    """Values the context gives for this relation of this subject, by its statement templates."""
    values = []
    for sentence in context.removesuffix(".").split(". "):
        for statement in relation.statements:
            before, after = (re.escape(part.replace("{s}", subject)) for part in statement.split("{v}"))
            found = re.fullmatch(f"{before}(.+){after}", sentence, re.IGNORECASE)
            if found:
                values.append(found[1])
    return values


def asked(title, question):
    """Subject and relation of a question, by the topic's question templates."""
    topic = next(topic for topic in TOPICS if topic.title == title)
    for relation in topic.relations:
        for template in relation.questions:
            before, after = map(re.escape, template.split("{s}"))
            found = re.fullmatch(f"{before}(.+){after}", question)
            if found:
                return found[1], relation
    raise AssertionError(f"nobody asks {question!r} about {title}")


def test_same_arguments_same_corpus():
    assert generate_corpus(40, 7) == generate_corpus(40, 7)
    assert generate_corpus(40, 7) != generate_corpus(40, 8)


@given(st.integers(1, 40), st.integers(0, 10**6), st.floats(0, 1))
@settings(max_examples=40)
def test_every_answer_is_at_its_offset(paragraphs, seed, twins):
    corpus = generate_corpus(paragraphs, seed, twins=twins)
    items = paragraphs_of(corpus)
    assert len(items) == paragraphs
    identifiers = [question["id"] for _, item in items for question in item["qas"]]
    assert len(set(identifiers)) == len(identifiers)
    for _, item in items:
        for question in item["qas"]:
            assert question["is_impossible"] == (not question["answers"])
            for answer in question["answers"]:
                start = answer["answer_start"]
                assert item["context"][start : start + len(answer["text"])] == answer["text"] != ""


def test_the_reader_has_nothing_to_mend(tmp_path):
    path = tmp_path / "corpus.json"
    corpus = generate_corpus(60, 4)
    path.write_text(json.dumps(corpus), encoding="utf-8")
    dataset = load_squad(path)
    assert (dataset.repaired, dataset.dropped, dataset.dropped_questions) == (0, 0, 0)
    assert len(dataset.questions) == sum(len(item["qas"]) for _, item in paragraphs_of(corpus))


def test_answers_are_told_and_missing_ones_are_not():
    """An answerable question has exactly one true value in its text; an unanswerable one has none."""
    for title, item in paragraphs_of(generate_corpus(150, 2)):
        for question in item["qas"]:
            values = told(item["context"], *asked(title, question["question"]))
            expected = [answer["text"].lower() for answer in question["answers"]]
            assert [value.lower() for value in values] == expected, (question, item["context"])


@pytest.mark.parametrize("twins", [0.0, 0.3, 1.0])
def test_about_a_third_has_no_answer(twins):
    corpus = generate_corpus(300, 1, twins=twins)
    kinds = [question["is_impossible"] for _, item in paragraphs_of(corpus) for question in item["qas"]]
    assert 0.3 < sum(kinds) / len(kinds) < 0.42


def test_topics_are_all_there_and_even():
    counts = Counter(title for title, _ in paragraphs_of(generate_corpus(120, 5)))
    assert counts == {topic.title: 20 for topic in TOPICS}
    assert len(TOPICS) >= 5


def test_no_question_twice_in_a_paragraph():
    for _, item in paragraphs_of(generate_corpus(200, 3)):
        texts = [question["question"] for question in item["qas"]]
        assert len(set(texts)) == len(texts)
        assert 1 <= len(texts) <= 6


@pytest.mark.parametrize(("twins", "subjects"), [(0.0, 1), (1.0, 2)])
def test_twins_are_two_things_of_a_kind(twins, subjects):
    """In twins some questions can only be told apart by their subject: the relation is told of the other thing."""
    confusing = 0
    for title, item in paragraphs_of(generate_corpus(60, 6, twins=twins)):
        pairs = [asked(title, question["question"]) for question in item["qas"]]
        assert len({name for name, _ in pairs}) <= subjects
        names = {name for name, _ in pairs}
        for question, (name, relation) in zip(item["qas"], pairs, strict=True):
            others = [told(item["context"], other, relation) for other in names - {name}]
            confusing += question["is_impossible"] and any(others)
    assert (confusing > 10) == (subjects == 2)


def test_training_and_evaluation_seeds_share_no_paragraph():
    first, second = (
        {item["context"] for _, item in paragraphs_of(generate_corpus(count, seed, twins=0.3))}
        for count, seed in ((1000, 1), (90, 2))
    )
    assert len(first) == 1000
    assert not first & second
