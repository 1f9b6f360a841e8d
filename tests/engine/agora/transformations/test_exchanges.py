"""Pools of names and numbers, and their exchange."""

from __future__ import annotations

import pytest

from engine.agora.draws import Draw
from engine.agora.texts import Text
from engine.agora.transformations.exchanges import Names, Numbers, names_in, numbers_in
from engine.agora.transformations.interface import Resources
from engine.agora.transformations.pools import make_pools
from engine.tasks.squad.records import Answer

TEXTS = [
    Text("When did Pope John Paul II meet Ann in Rome?", "He came in 1999. Rome paid 2.5 million."),
    Text("It was 2004.", "Prices rose by 3.5% to 10."),
]
POOLS = make_pools(TEXTS)


def results(settings, text, seeds=40, pools=POOLS):
    change = settings.build(Resources(pools=pools))
    return set(change([text] * seeds, [Draw(seed) for seed in range(seeds)]))


def test_pools_hold_runs_of_capitals_and_numbers_by_shape():
    assert POOLS.names == ("Pope John Paul II", "Ann", "Rome")
    assert POOLS.numbers == {"0000": ("1999", "2004"), "0.0": ("2.5", "3.5"), "00": ("10",)}
    assert "million" in POOLS.words
    assert "did" not in POOLS.words
    assert POOLS.contexts == ()


def test_contexts_are_kept_for_questions_alone():
    asked = Text("Who?", "Ann did.", (Answer("Ann", 0),))
    assert make_pools([asked, asked]).contexts == ("Ann did.",)


def test_what_is_found():
    assert numbers_in("In 1999, 2nd of 3") == ["1999", "2nd", "3"]
    assert names_in("Rome is far. Ann met John Paul") == ["John Paul"]
    assert names_in("Rome is far. Ann met John Paul", {"Rome"}) == ["Rome", "John Paul"]


def test_a_number_becomes_another_of_its_shape():
    assert results(Numbers(name="numbers"), Text("1999 and 7 and 10")) == {Text("2004 and 7 and 10")}
    assert results(Numbers(name="numbers"), Text("only 7")) == {None}


def test_a_name_becomes_another_wherever_it_stands():
    found = results(Names(name="names"), Text("For Ann and for Ann."))
    assert found == {Text("For Pope John Paul II and for Pope John Paul II."), Text("For Rome and for Rome.")}
    assert results(Names(name="names"), Text("no names")) == {None}


def test_everywhere_means_in_both_texts():
    pair = Text("In 1999.", "It was 1999.")
    one = results(Numbers(name="numbers"), pair)
    assert one == {Text("In 2004.", "It was 1999."), Text("In 1999.", "It was 2004.")}
    both = results(Numbers(name="numbers", everywhere=True), pair)
    assert both == {Text("In 2004.", "It was 2004.")}
    assert results(Numbers(name="numbers", side="second"), pair) == {Text("In 1999.", "It was 2004.")}


@pytest.mark.parametrize("everywhere", [False, True])
def test_the_context_of_a_question_is_left_alone(everywhere):
    asked = Text("In 1999?", "It was 1999.", (Answer("1999", 7),))
    found = results(Numbers(name="numbers", everywhere=everywhere), asked)
    assert found == {Text("In 2004?", "It was 1999.", (Answer("1999", 7),))}
