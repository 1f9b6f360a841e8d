"""Examples made of mistakes: limits, fallbacks, and that nothing but the seed decides."""

from __future__ import annotations

from collections import Counter

import pytest

from engine.agora.generation import Change, build_changes, generate
from engine.agora.texts import Text
from engine.agora.transformations.edits import Deletion, Swap
from engine.agora.transformations.interface import Resources, each
from engine.agora.transformations.negation import Negation
from engine.errors import SettingError
from tests.engine.agora.made import mistake

MISTAKES = [
    mistake(f"dev-{number}", f"text number {number} is about some longer thing, or is it")
    for number in range(20)
]
CHANGES = build_changes(
    [Deletion(name="deletion"), Swap(name="swap"), Negation(name="negation")], Resources()
)
NEVER = Change("never", 1000.0, each(lambda _, __: None))
SPACES = Change("spaces", 1000.0, each(lambda text, _: Text(f"  {text.first.upper()} ")))


def made(mistakes=MISTAKES, changes=CHANGES, **options):
    settings = {"per_mistake": 3, "per_round": 1000, "seed": 1, "round_number": 1}
    return generate(mistakes, changes, **{**settings, **options})


def test_the_order_of_mistakes_makes_no_difference():
    assert made(MISTAKES[::-1]) == made()
    assert made(MISTAKES[7:] + MISTAKES[:7], per_round=25) == made(per_round=25)


def test_one_mistakes_examples_do_not_depend_on_the_others():
    alone = {item.id: item for item in made(MISTAKES[:1])}
    assert alone == {item.id: item for item in made() if item.mistake.parent == "dev-0"}


def test_seed_and_round_make_others():
    texts = {item.text for item in made()}
    assert {item.text for item in made(seed=2)} != texts
    assert {item.text for item in made(round_number=2)} != texts
    assert {item.id for item in made()}.isdisjoint(item.id for item in made(round_number=2))


def test_limits_hold_and_every_mistake_comes_first_once():
    assert Counter(item.mistake.parent for item in made()) == dict.fromkeys(
        (item.parent for item in MISTAKES), 3
    )
    few = Counter(item.mistake.parent for item in made(per_round=30))
    assert sum(few.values()) == 30
    assert set(few.values()) == {1, 2}
    assert len({item.id for item in made()}) == 60


def test_weights_decide_how_often():
    heavy = [Deletion(name="deletion", weight=9.0), Swap(name="swap")]
    counts = Counter(
        item.transformation for item in made(changes=build_changes(heavy, Resources()), per_mistake=20)
    )
    assert 0.83 < counts["deletion"] / 400 < 0.96


@pytest.mark.parametrize("useless", [NEVER, SPACES])
def test_where_one_does_nothing_another_is_tried(useless):
    found = made(changes=[useless, *CHANGES])
    assert len(found) == 60
    assert {item.transformation for item in found} == {"deletion", "swap", "negation"}
    assert made(changes=[useless]) == []


def test_a_model_is_asked_once_for_all():
    calls = []

    def ask(texts, draws):
        calls.append(len(texts))
        return [Text(f"{text.first} more") for text in texts]

    assert len(made(changes=[Change("model", 1.0, ask)])) == 60
    assert calls == [60]


def test_what_is_missing_is_said_before_anything_is_made():
    from engine.agora.transformations.synonyms import Synonyms

    with pytest.raises(SettingError, match="synonyms"):
        build_changes([Synonyms(name="synonyms")], Resources())
