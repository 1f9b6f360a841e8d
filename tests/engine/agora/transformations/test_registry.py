"""Transformations by name, their settings, and what all of them have in common."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from engine.agora.draws import Draw
from engine.agora.texts import Text
from engine.agora.transformations import builtin
from engine.agora.transformations.edits import Deletion, delete_words
from engine.agora.transformations.interface import Resources, on_side
from engine.agora.transformations.masked import Guess
from engine.agora.transformations.neighbours import Neighbours
from engine.agora.transformations.pools import make_pools
from engine.agora.transformations.registry import TRANSFORMATIONS, AnyTransformation, register
from engine.tasks.squad.records import Answer

assert builtin.__all__


class Holder(BaseModel):
    entries: tuple[AnyTransformation, ...]


def test_settings_are_read_by_name_and_written_whole():
    held = Holder.model_validate({"entries": [{"name": "deletion", "rate": 0.3}, {"name": "negation"}]})
    assert isinstance(held.entries[0], Deletion)
    assert held.entries[0].rate == 0.3
    written = held.model_dump(mode="json", exclude_defaults=True)
    assert written == {"entries": [{"name": "deletion", "rate": 0.3}, {"name": "negation"}]}
    assert Holder.model_validate(written) == held


@pytest.mark.parametrize(
    ("entry", "place", "message"),
    [
        ({"name": "shuffle"}, ("entries", 0), "no such transformation 'shuffle'; known: .*deletion.*swap"),
        ({"rate": 0.1}, ("entries", 0), "needs a name: one of"),
        ("deletion", ("entries", 0), "needs a name"),
        ({"name": ["deletion"]}, ("entries", 0), "no such transformation"),
        ({"name": "deletion", "rate": 2}, ("entries", 0, "rate"), "less than 1"),
        ({"name": "deletion", "share": 2}, ("entries", 0, "share"), "not permitted"),
    ],
)
def test_slips_are_pointed_at(entry, place, message):
    with pytest.raises(ValidationError, match=message) as caught:
        Holder.model_validate({"entries": [entry]})
    assert caught.value.errors()[0]["loc"] == place


def test_a_name_is_taken_once():
    with pytest.raises(ValueError, match="already"):
        register("deletion")(Deletion)


def test_every_setting_is_described():
    for name, settings in TRANSFORMATIONS.items():
        assert settings.__doc__, name
        for field, info in settings.model_fields.items():
            assert info.description, f"{name}.{field}"


def test_sides_of_a_pair():
    def results(text, side):
        change = on_side(lambda string, draw: delete_words(string, draw, 0.1), side)
        return {change(text, Draw(seed)) for seed in range(30)}

    pair = Text("a b", "c")
    # The second has no word to spare, so that the first is taken also where the second was drawn.
    assert results(pair, "either") == {Text("a", "c"), Text("b", "c")}
    assert results(pair, "second") == {None}
    assert results(pair, "both") == {None}
    assert results(Text("a b"), "second") == {Text("a"), Text("b")}
    assert results(Text("a b", "c d"), "both") == {
        Text(one, other) for one in ("a", "b") for other in ("c", "d")
    }
    asked = Text("a b", "c d", (Answer("c", 0),))
    assert results(asked, "second") == {Text(word, "c d", (Answer("c", 0),)) for word in ("a", "b")}


TRAINING = [
    Text("When did Ann visit Rome in 1999?", "She was there in 2004. Bob was not. Ann left.", ()),
    Text("Did Bob meet Carl?", "Other people came. They ate 12 apples.", ()),
]
FIRST = ["Did Ann see the film in 1999?", "it is good", "word", "", "Ω ..., 5"]
SECOND = ["Ann saw it. It was fine. Bob was not there.", "x"]
texts = st.builds(Text, st.sampled_from(FIRST), st.sampled_from([None, *SECOND])) | st.builds(
    Text, st.sampled_from(FIRST), st.sampled_from(SECOND), st.just(())
)


@pytest.fixture(scope="module")
def changes(tmp_path_factory):
    table = tmp_path_factory.mktemp("tables") / "table.tsv"
    table.write_text("film\tmovie|picture\ngood\tbad\n")
    resources = Resources(
        make_pools(TRAINING),
        Neighbours(("film", "movie"), np.eye(2, dtype=np.float32)),
        {"m": lambda asked: [[Guess("word", 0.7), Guess("other", 0.3)] for _ in asked]},
    )
    own = {"masked_lm": {"model": "m"}, "antonyms": {"table": str(table)}, "synonyms": {"least_cosine": -1}}
    return {
        name: settings.model_validate({"name": name, **own.get(name, {})}).build(resources)
        for name, settings in TRANSFORMATIONS.items()
    }


@given(asked=st.lists(texts, max_size=5), seed=st.integers(0, 1000))
def test_all_depend_on_text_and_draw_alone_and_fit_the_task(changes, asked, seed):
    for name, change in changes.items():
        new = change(asked, [Draw(seed, place) for place in range(len(asked))])
        alone = [change([text], [Draw(seed, place)])[0] for place, text in enumerate(asked)]
        assert new == alone, name
        for text, changed in zip(asked, new, strict=True):
            if changed is not None:
                assert changed.first == text.first or changed.first.strip(), name
                assert (changed.second is None) == (text.second is None), name
                assert (changed.answers is None) == (text.answers is None), name
