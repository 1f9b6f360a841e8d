"""Contexts with and without their answer, and questions asked of another one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.agora.draws import Draw
from engine.agora.texts import Text
from engine.agora.transformations.interface import Resources
from engine.agora.transformations.pools import Pools
from engine.agora.transformations.questions import (
    ContextCrop,
    MovedQuestion,
    crop_keeping,
    crop_removing,
    move_question,
)
from engine.tasks.squad.records import Answer

CONTEXT = "Ann was born in Rome. Bob met Ann. They left. Nobody knows why."
ASKED = Text("Whom did Bob meet?", CONTEXT, (Answer("Ann", 30), Answer("Ann", 0)))
UNANSWERABLE = replace(ASKED, answers=())
PAIR = Text("one", CONTEXT)


@given(st.integers())
def test_the_answer_stays_where_it_is_said_to_be(seed):
    new = crop_keeping(ASKED, Draw(seed))
    assert new is not None
    assert new.second is not None
    assert new.second in CONTEXT
    assert new.second != CONTEXT
    assert new.first == ASKED.first
    assert new.answers
    for answer in new.answers:
        assert new.second[answer.start : answer.end] == answer.text
    assert "Bob met Ann." in new.second


def test_every_crop_around_the_answer_is_drawn():
    found = {(crop_keeping(ASKED, Draw(seed)) or ASKED).second for seed in range(200)}
    assert found == {
        "Ann was born in Rome. Bob met Ann.",
        "Ann was born in Rome. Bob met Ann. They left.",
        "Bob met Ann.",
        "Bob met Ann. They left.",
        "Bob met Ann. They left. Nobody knows why.",
    }


def test_an_unanswerable_question_keeps_any_sentences():
    new = crop_keeping(UNANSWERABLE, Draw(3))
    assert new is not None
    assert new.answers == ()
    assert (new.second or "") in CONTEXT


def test_an_answer_over_the_whole_context_cannot_be_cropped():
    whole = Text("What?", "It was. It is.", (Answer("was. It", 3),))
    assert crop_keeping(whole, Draw(0)) is None
    assert crop_removing(whole, Draw(0)) is None


def test_all_sentences_with_an_answer_go():
    new = crop_removing(ASKED, Draw(0))
    assert new == Text("Whom did Bob meet?", "They left. Nobody knows why.", ())
    assert crop_removing(UNANSWERABLE, Draw(0)) is None


def test_a_question_moves_to_a_context_without_its_answer():
    contexts = (CONTEXT, "Hannah sang.", "Nobody sang.")
    found = {move_question(ASKED, Draw(seed), contexts) for seed in range(40)}
    assert found == {Text("Whom did Bob meet?", "Nobody sang.", ())}
    assert move_question(ASKED, Draw(0), (CONTEXT,)) is None
    assert move_question(ASKED, Draw(0), ()) is None


@pytest.mark.parametrize(
    "settings",
    [ContextCrop(name="c"), ContextCrop(name="c", answer="remove"), MovedQuestion(name="m")],
)
def test_other_tasks_have_no_context(settings):
    change = settings.build(Resources(pools=Pools(contexts=("Other.",))))
    assert change([PAIR, Text("one")], [Draw(0), Draw(1)]) == [None, None]
    assert change([ASKED], [Draw(0)])[0] not in (None, ASKED)
